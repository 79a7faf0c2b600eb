"""Booking a meeting on its page: with whom, by which clock, over what; and moving it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from calls import sending
from calls.models import GuestInvitation, MeetingMail
from core.models import AuditEvent
from crm import services
from crm.models import Appointment, Lead, SalesRep
from dashboard.scheduling import mails
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)
IN_DRAWER = {"Koppel-Drawer": "1"}


@pytest.fixture
def world(db: None, time_machine: Any) -> World:
    time_machine.move_to(NOW, tick=False)
    return World()


@pytest.fixture
def setter(world: World) -> Client:
    return signed_in(world.users["SETTER"])


@pytest.fixture
def ceo(world: World) -> Client:
    return signed_in(world.users["CEO"])


def entered(world: World, **values: Any) -> dict[str, Any]:
    """What a setter sends for tomorrow at two, Amsterdam time."""
    form = {
        "lead": str(world.lead.pk),
        "closer": str(world.members["CLOSER"].pk),
        "title": "Demo",
        "day": "2026-06-17",
        "time": "14:00",
        "length": "45",
        "time_zone": "Europe/Amsterdam",
        "meeting_id": str(uuid4()),
    }
    return {name: value for name, value in (form | values).items() if value is not None}


def made(world: World) -> Appointment:
    return Appointment.objects.exclude(pk=world.appointment.pk).get()


def test_a_setter_books_for_a_lead_of_theirs(world: World, setter: Client):
    answer = setter.post("/scheduling/new", entered(world))
    booked = made(world)
    assert answer["Location"] == f"/scheduling/{booked.pk}"
    assert (booked.starts_at, booked.ends_at) == (
        datetime(2026, 6, 17, 12, 0, tzinfo=UTC),
        datetime(2026, 6, 17, 12, 45, tzinfo=UTC),
    )
    assert (booked.closer, booked.setter, booked.team) == (
        world.members["CLOSER"],
        world.members["SETTER"],
        world.team,
    )
    page = setter.get(answer["Location"]).content.decode()
    assert "Booked" in page
    assert "for 17 June, 14:00" in page


def test_a_new_lead_is_added_in_the_same_go_and_belongs_to_the_setter(world: World, setter: Client):
    new = {
        "lead": "",
        "lead_name": "Ada Byron",
        "lead_email": "ada@byron.example",
        "lead_company": "Engines",
    }
    answer = setter.post("/scheduling/new", entered(world, **new), headers=IN_DRAWER)
    lead = Lead.objects.get(name="Ada Byron")
    assert (lead.qualified_by, lead.company) == (world.members["SETTER"], "Engines")
    assert answer.status_code == 204
    assert answer["Koppel-Location"] == f"/scheduling/{made(world).pk}"


def test_a_lead_that_cannot_be_added_books_nothing(world: World, setter: Client):
    answer = setter.post(
        "/scheduling/new", entered(world, lead="", lead_name="Ada", lead_email="nonsense")
    )
    assert "not an e-mail address" in answer.content.decode()
    assert (Lead.objects.count(), Appointment.objects.count()) == (1, 1)


def test_a_form_that_is_sent_twice_books_once(world: World, setter: Client):
    form = entered(world)
    first, second = (setter.post("/scheduling/new", form)["Location"] for _turn in range(2))
    assert first == second == f"/scheduling/{made(world).pk}"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"lead": ""}, "Choose a lead, or enter the name of a new one."),
        ({"lead_name": "Ada"}, "not both"),
        ({"lead": "Nobody I know"}, "No lead of yours is called this"),
        ({"lead": "\x00"}, "Null characters are not allowed"),
        ({"day": "2026-06-15"}, "This time is over"),
        ({"day": "9999-12-31"}, "A year from 2000 to 2100."),
        ({"time_zone": "Mars/Base"}, "Select a valid choice"),
        ({"length": "own"}, "Enter how many minutes it takes."),
        ({"length": "own", "minutes": "1441"}, "less than or equal to 1440"),
        ({"day": "2027-03-28", "time": "02:30"}, "That time does not exist"),
        ({"closer": str(uuid4())}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_booked_says_why(
    world: World, setter: Client, values: dict[str, Any], words: str
):
    answer = setter.post("/scheduling/new", entered(world, **values))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Appointment.objects.count() == 1


def test_without_scripts_a_typed_name_or_address_means_the_lead(world: World, setter: Client):
    for typed in (world.lead.name, world.lead.name.lower()[:3], world.lead.email):
        setter.post("/scheduling/new", entered(world, lead=typed))
        made(world).delete()
    services.create_lead(
        organization=world.organization, name="Leadbetter", qualified_by=world.members["SETTER"]
    )
    assert (
        "Several leads match"
        in setter.post("/scheduling/new", entered(world, lead="ea")).content.decode()
    )


def test_only_leads_that_the_person_sees_are_found(world: World, setter: Client):
    services.create_lead(organization=world.organization, name="Lead of another")
    options = setter.get("/scheduling/new/leads?search=lead").json()["options"]
    assert [option["label"] for option in options] == [world.lead.name]
    assert (
        "No lead of yours"
        in setter.post("/scheduling/new", entered(world, lead="another")).content.decode()
    )


def test_whoever_may_not_book_is_not_offered_to(world: World):
    closer = signed_in(world.users["CLOSER"])
    assert "/scheduling/new" not in closer.get("/scheduling").content.decode()
    assert closer.get("/scheduling/new").status_code == 403
    assert closer.post("/scheduling/new", entered(world)).status_code == 403
    assert "/scheduling/new" in signed_in(world.users["SETTER"]).get("/scheduling").content.decode()


def test_those_who_left_or_only_set_close_nothing(world: World, setter: Client):
    page = setter.get("/scheduling/new").content.decode()
    assert str(world.members["CLOSER"].pk) in page
    assert str(world.members["SETTER"].pk) not in page
    SalesRep.objects.update(archived_at=NOW)
    assert str(world.members["CLOSER"].pk) not in setter.get("/scheduling/new").content.decode()


def test_a_manager_books_nothing_out_of_their_sight(world: World):
    manager = signed_in(world.users["MANAGER"])
    answer = manager.post("/scheduling/new", entered(world, closer=str(world.members["CEO"].pk)))
    assert "You could not see this meeting then" in answer.content.decode()
    assert Appointment.objects.count() == 1


def test_the_form_shows_the_time_by_each_clock_and_what_the_closer_has(
    world: World, setter: Client
):
    theirs = world.users["CLOSER"]
    theirs.time_zone = "America/New_York"
    theirs.save()
    hidden = services.create_lead(organization=world.organization, name="Secret lead")
    world.book(
        datetime(2026, 6, 17, 12, 30, tzinfo=UTC),
        closer=world.members["CLOSER"],
        lead=hidden,
        team=None,
    )
    asked = {**entered(world), "organization": str(world.organization.pk)}
    page = " ".join(setter.get("/scheduling/new/look", asked).content.decode().split())
    assert "Wednesday 17 June, 14:00 – 14:45" in page
    assert "Wednesday 17 June, 08:00 – 08:45" in page
    assert "has another meeting then" in page
    assert "14:30 – 15:30 · Busy" in page
    assert "Secret" not in page


@pytest.mark.parametrize(
    ("day", "clock", "second", "utc"),
    [
        ("2026-10-25", "02:30", "", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25", "02:30", "on", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-24", "23:30", "", datetime(2026, 10, 24, 21, 30, tzinfo=UTC)),
        ("2027-03-28", "01:30", "", datetime(2027, 3, 28, 0, 30, tzinfo=UTC)),
    ],
)
def test_the_night_in_which_the_clock_is_changed_is_booked_as_meant(
    world: World, setter: Client, day: str, clock: str, second: str, utc: datetime
):
    form = entered(world, day=day, time=clock, second_pass=second, length="90")
    setter.post("/scheduling/new", form)
    booked = made(world)
    assert booked.starts_at == utc
    assert booked.ends_at - booked.starts_at == timedelta(minutes=90)
    looked = setter.get(
        "/scheduling/new/look", {**form, "organization": str(world.organization.pk)}
    ).content.decode()
    assert ("shows this time twice" in looked) is (clock == "02:30")


def test_a_clash_warns_and_is_booked_when_that_is_meant(world: World, setter: Client):
    world.book(datetime(2026, 6, 17, 12, 30, tzinfo=UTC), closer=world.members["CLOSER"])
    answer = setter.post("/scheduling/new", entered(world))
    assert "Book anyway" in answer.content.decode()
    assert Appointment.objects.count() == 2
    setter.post("/scheduling/new", entered(world, anyway="on"))
    assert Appointment.objects.count() == 3


def test_the_lead_is_mailed_and_a_link_is_shown_once(world: World, setter: Client):
    answer = setter.post("/scheduling/new", entered(world, mail_lead="on", guest_link="on"))
    assert re.search(r"/call/key/[\w:-]+", answer.content.decode())
    owed = MeetingMail.objects.get()
    assert (owed.kind, owed.state, owed.email) == ("invited", "waiting", world.lead.email)
    sending.send_waiting()
    assert mail.outbox[0].to == [world.lead.email]
    Lead.objects.update(email="", email_normalized="")
    assert (
        "Enter the lead’s e-mail"
        in setter.post("/scheduling/new", entered(world, mail_lead="on")).content.decode()
    )


def test_a_meeting_is_moved_and_its_history_says_from_when_to_when(world: World, ceo: Client):
    address = f"/scheduling/{world.appointment.pk}"
    form = entered(world, day="2026-06-18", time="09:00", closer=str(world.members["CEO"].pk))
    assert ceo.post(f"{address}/move", form)["Location"] == address
    world.appointment.refresh_from_db()
    assert world.appointment.starts_at == datetime(2026, 6, 18, 7, 0, tzinfo=UTC)
    page = " ".join(ceo.get(address).content.decode().split())
    assert "Moved</strong> from 16 June, 12:30 to 18 June, 09:00" in page
    assert "Another closer</strong> from closer to ceo" in page
    assert "Meeting" not in str(list(AuditEvent.objects.values_list("facts", "target_name")))


def test_a_meeting_is_moved_by_those_who_may(world: World):
    address = f"/scheduling/{world.appointment.pk}/move"
    outside = signed_in(people.member("CEO", people.organization("Contoso")))
    for client, status in (
        (signed_in(world.users["CLOSER"]), 403),
        (signed_in(world.users["SETTER"]), 403),
        (signed_in(people.member("CLOSER", world.organization)), 404),
        (outside, 404),
    ):
        assert client.get(address).status_code == status
        assert client.post(address, entered(world)).status_code == status


def test_staff_book_for_an_organization_that_they_name(world: World):
    ops = signed_in(people.staff())
    listed = ops.get("/scheduling/new").content.decode()
    assert f"?organization={world.organization.pk}" in listed
    assert ops.get(f"/scheduling/new?organization={world.organization.pk}").status_code == 200
    assert (
        ops.get(f"/scheduling/new?lead={world.lead.pk}").context["organization"]
        == world.organization
    )
    assert ops.get("/scheduling/new?organization=x").status_code == 400


def test_staff_book_and_get_no_way_into_the_room(world: World):
    ops = signed_in(people.staff())
    address = f"/scheduling/new?organization={world.organization.pk}"
    for asked in ("guest_link", "mail_lead"):
        answer = ops.post(address, entered(world, **{asked: "on"}))
        assert "you do not take part in it" in answer.content.decode()
    assert (
        Appointment.objects.count(),
        GuestInvitation.objects.count(),
        MeetingMail.objects.count(),
    ) == (1, 0, 0)


def test_leads_are_mailed_as_often_as_over_the_api(
    world: World, setter: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mails, "AN_HOUR", 1)
    for number, booked in enumerate((2, 2)):
        new = {
            "lead": "",
            "lead_name": f"Ada {number}",
            "lead_email": f"ada{number}@example.com",
            "anyway": "on",
        }
        answer = setter.post("/scheduling/new", entered(world, mail_lead="on", **new))
        assert Appointment.objects.count() == booked
    assert "You have mailed many leads" in answer.content.decode()
    setter.post(f"/scheduling/{world.appointment.pk}/mail")
    assert MeetingMail.objects.count() == 1
