"""Leads and contacts: lists, one person's file, and two who are made one;
for each person what is theirs.
"""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bison.models import Reply
from calls import library
from calls.models import Call, CallAction
from core.models import AuditEvent
from crm import services
from crm.models import Contact, Lead, Member, Merge
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.bison_rows import _workspace
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


def lead(world: World, name: str = "Lea Other", **values: Any) -> Lead:
    return services.create_lead(organization=world.organization, name=name, **values)


def names(client: Client, query: str = "", path: str = "/people") -> list[str]:
    answer = client.get(f"{path}{query}")
    assert answer.status_code == 200
    return [
        getattr(row, "lead" if path == "/people" else "", row).name
        for row in answer.context["table"].rows
    ]


def words(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_each_role_sees_its_own_leads(world: World):
    lead(world)
    seen = {role: set(names(signed_in(user))) for role, user in world.users.items()}
    everybody = {"Lead", "Lea Other"}
    assert seen == {
        "CEO": everybody, "MANAGER": {"Lead"}, "CLOSER": {"Lead"}, "SETTER": {"Lead"},
        "ADMIN": everybody,
    }  # fmt: skip
    assert names(signed_in(people.member("CEO", people.organization("Contoso")))) == []


def test_leads_are_found_cut_and_sorted(world: World, chief: Client):
    lead(
        world,
        "Zoe",
        company="Contoso 100%",
        status="won",
        source="Fair",
        team=world.team,
        email="zoe@example.com",
    )
    lead(world, "adam", phone="+31 20 123")
    assert names(chief, "?search=contoso+zoe") == names(chief, "?search=100%25") == ["Zoe"]
    assert names(chief, "?search=020+1234") == []
    assert (
        names(chief, "?status=won")
        == names(chief, "?source=Fair")
        == names(chief, f"?team={world.team.pk}")
        == ["Zoe"]
    )
    assert (
        names(chief, f"?qualified_by={world.members['SETTER'].pk}")
        == names(chief, "?meeting=ahead")
        == ["Lead"]
    )
    assert sorted(names(chief, "?meeting=none")) == ["Zoe", "adam"]
    assert names(chief, "?ordering=updated")[0] == "Lead"
    assert len(names(chief, "?status=odd&team=x&ordering=odd&before=odd")) == 3


def test_pages_by_name_lead_to_everybody_once(world: World, chief: Client):
    Lead.objects.bulk_create(
        Lead(organization=world.organization, name="Same") for _number in range(60)
    )
    seen: list[Any] = []
    query = "?ordering=name"
    while query:
        page = chief.get(f"/people{query}").context["table"].page
        seen += [row.pk for row in page.items]
        query = f"?ordering=name&after={page.newer}" if page.newer else ""
    assert len(seen) == len(set(seen)) == 61


def test_a_row_shows_the_meeting_ahead_and_the_last_call_that_the_reader_may_see(
    world: World, chief: Client
):
    row = chief.get("/people").context["table"].rows[0]
    assert (row.meeting, row.called) == (world.appointment.starts_at, None)
    over = world.call.happened_at
    assert chief.get("/people").context["table"].rows[0].called == over
    # A setter does not see the calls of a rep.
    assert signed_in(world.users["SETTER"]).get("/people").context["table"].rows[0].called is None


def test_a_page_of_leads_costs_the_same_however_long_it_is(world: World, chief: Client):
    chief.get("/people")
    with CaptureQueriesContext(
        connection,
    ) as few:
        chief.get("/people")
    for number in range(60):
        lead(world, f"Lead {number}", team=world.team, qualified_by=world.members["SETTER"])
    with CaptureQueriesContext(connection) as many:
        chief.get("/people")
    # A page that is not the only one counts its rows.
    assert len(many) == len(few) + 1
    assert len(many) <= 12


def test_what_is_selected_is_changed_all_of_it_or_none(world: World, chief: Client):
    other = lead(world)
    keys = [str(world.lead.pk), str(other.pk)]
    chief.post("/people/bulk", {"lead": keys, "status": "contacted", "team": str(world.team.pk)})
    assert set(Lead.objects.values_list("status", "team_id")) == {("contacted", world.team.pk)}
    assert AuditEvent.objects.filter(action="person.changed").count() == 2
    elsewhere = World("Contoso", prefix="x-").lead
    for bad in ([*keys, str(elsewhere.pk)], ["x"], []):
        answer = chief.post("/people/bulk", {"lead": bad, "status": "won"}, follow=True)
        assert answer.status_code == 200
    # A setter says how far a lead is; whose it is, others say.
    setter = signed_in(world.users["SETTER"])
    setter.post("/people/bulk", {"lead": keys[:1], "status": "lost", "team": str(world.team.pk)})
    assert not Lead.objects.filter(status__in=["won", "lost"]).exists()
    setter.post("/people/bulk", {"lead": keys[:1], "status": "lost"})
    assert Lead.objects.get(status="lost").pk == world.lead.pk


def test_leads_are_taken_along_as_text_by_those_who_may(world: World, chief: Client):
    lead(world, "=cmd|' /C calc'!A0", status="won")
    answer = chief.post("/people/export?status=won")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("'=cmd")
    assert AuditEvent.objects.get(action="export.made").facts["export"] == "leads"
    assert signed_in(world.users["SETTER"]).post("/people/export").status_code == 403
    assert b"Contact" in b"".join(chief.post("/people/contacts/export").streaming_content)


def test_a_setter_adds_a_lead_of_their_own(world: World):
    setter = signed_in(world.users["SETTER"])
    answer = setter.post(
        "/people/leads/new", {"name": "New", "email": "new@example.com", "status": "new"}
    )
    made = Lead.objects.get(name="New")
    assert answer.status_code == 302
    assert answer["Location"] == f"/people/leads/{made.pk}"
    # Where nobody is chosen it is theirs: else they would not see the lead any more.
    assert made.qualified_by == world.members["SETTER"]


def test_what_cannot_be_is_told_at_its_field(world: World, chief: Client):
    answer = chief.post(
        f"/people/leads/{world.lead.pk}/edit", {"name": "", "email": "odd", "status": "new"}
    )
    assert set(answer.context["form"].errors) == {"name", "email"}
    sent = {"name": "Better", "status": "qualified"}
    answer = chief.post(f"/people/leads/{world.lead.pk}/edit", sent, headers={"Koppel-Drawer": "1"})
    assert (answer.status_code, answer["Koppel-Location"]) == (
        204,
        f"/people/leads/{world.lead.pk}",
    )
    world.lead.refresh_from_db()
    assert (world.lead.name, world.lead.status) == ("Better", "qualified")
    closer = signed_in(world.users["CLOSER"])
    assert set(closer.get(f"/people/leads/{world.lead.pk}/edit").context["form"].fields) == {
        "status"
    }


def test_a_file_tells_everything_in_order(world: World, chief: Client):
    call = world.call
    Call.objects.filter(pk=call.pk).update(
        outcome="won",
        summary="## Heading\n\nThey **want** it.",
    )
    for text, is_done in (("Send the offer", False), ("Old", True)):
        CallAction.objects.create(call=call, text=text, text_key=text.lower(), is_done=is_done)
    now = timezone.now()
    Reply.objects.create(
        workspace=_workspace(), vendor_id="1", from_email="lead@example.com",
        subject="Tell me more", text="Yes", received_at=now - timedelta(days=3), lead=world.lead,
        source="sync", first_seen_at=now, seen_at=now,
    )  # fmt: skip
    services.update_lead(lead=world.lead, actor=world.users["CEO"], status="qualified")
    page = chief.get(f"/people/leads/{world.lead.pk}")
    assert [line.entry.kind for line in page.context["lines"]] == [
        "meeting",
        "changed",
        "call",
        "reply",
    ]
    text = words(page)
    for part in (
        "They want it.",
        "Send the offer",
        "Tell me more",
        "Won",
        "Changed: Status",
        "Contact",
    ):
        assert part in text
    assert ">Old<" not in text
    printed = words(chief.get(f"/people/leads/{world.lead.pk}/brief"))
    assert "Send the offer" in printed
    assert "As of" in printed


def test_a_file_shows_the_meetings_and_calls_that_the_reader_may_see(world: World):
    assert world.call
    hidden = world.book(closer=None)
    kinds = {}
    for role in ("CEO", "CLOSER", "SETTER"):
        page = signed_in(world.users[role]).get(f"/people/leads/{world.lead.pk}")
        kinds[role] = sorted(line.entry.kind for line in page.context["lines"])
    assert kinds == {
        "CEO": ["call", "meeting", "meeting"],
        "CLOSER": ["call", "meeting"],
        "SETTER": ["meeting"] * 2,
    }
    assert hidden.lead_id == world.lead.pk


def test_a_file_leads_to_its_meetings_and_offers_a_new_one_to_those_who_may_book(world: World):
    begun = world.book(timezone.now() - timedelta(minutes=5), closer=world.members["CLOSER"])
    for role, may in (("CEO", True), ("SETTER", True), ("CLOSER", False)):
        client = signed_in(world.users[role])
        page = words(client.get(f"/people/leads/{world.lead.pk}"))
        assert f'href="/scheduling/{begun.pk}"' in page
        assert (f'href="/scheduling/new?lead={world.lead.pk}"' in page) is may
        assert (client.get(f"/scheduling/new?lead={world.lead.pk}").status_code == 200) is may
        # A meeting that has begun was not "5 minutes ago": it is now.
        assert ">now<" in words(client.get("/people"))


def test_a_long_story_has_pages(world: World, chief: Client):
    began = timezone.now() - timedelta(days=100)
    rows = (
        {
            "organization_id": world.organization.pk, "source": "fathom",
            "external_id": f"c{number}", "lead_id": world.lead.pk, "title": f"Call {number}",
            "status": "COMPLETED", "rep_id": world.rep.pk,
            "started_at": began + timedelta(hours=number // 2),
        }
        for number in range(70)
    )  # fmt: skip
    list(library.store_calls(rows))
    path = f"/people/leads/{world.lead.pk}"
    page = chief.get(path)
    older = chief.get(f"{path}?before={page.context['older']}")
    seen = [line.entry.id for each in (page, older) for line in each.context["lines"]]
    assert len(seen) == len(set(seen)) == 71
    assert older.context["older"] == ""
    api = people.client_of(world.users["CEO"])
    answer = api.get(f"/api/crm/leads/{world.lead.pk}/timeline?pageSize=60").json()
    following = api.get(answer["next"].partition("testserver")[2]).json()
    assert (len(answer["results"]), len(following["results"]), following["next"]) == (60, 11, None)


def test_a_file_costs_the_same_however_much_happened(world: World, chief: Client):
    path = f"/people/leads/{world.lead.pk}"
    assert world.call
    chief.get(path)
    with CaptureQueriesContext(connection) as few:
        chief.get(path)
    for _number in range(5):
        world.book()
        services.create_contact(organization=world.organization, name="C", lead=world.lead)
    with CaptureQueriesContext(connection) as many:
        chief.get(path)
    assert len(many) == len(few)
    assert len(many) <= 22


def test_a_contact_leads_to_its_lead_or_has_a_page(world: World, chief: Client):
    assert (
        chief.get(f"/people/contacts/{world.contact.pk}")["Location"]
        == f"/people/leads/{world.lead.pk}"
    )
    chief.post("/people/contacts/new", {"name": "Alone", "email": "alone@example.com"})
    alone = Contact.objects.get(name="Alone")
    page = chief.get(f"/people/contacts/{alone.pk}")
    assert "Not a lead yet" in words(page)
    assert names(chief, "?search=alone", "/people/contacts") == ["Alone"]
    chief.post(f"/people/contacts/{alone.pk}/edit", {"name": "Alone no more"})
    twin = services.create_contact(
        organization=world.organization, name="Twin", phone="+31 20 123 4567"
    )
    chief.post(f"/people/contacts/{alone.pk}/merge/{twin.pk}")
    merged = Merge.objects.get(contact=alone)
    chief.post(f"/people/contacts/{alone.pk}/merges/{merged.pk}/undo")
    assert set(Contact.objects.values_list("name", flat=True)) == {
        "Contact",
        "Alone no more",
        "Twin",
    }


def test_a_contact_may_be_added_to_a_lead_one_sees(world: World, chief: Client):
    chief.post(f"/people/contacts/new?lead={world.lead.pk}", {"name": "Behind"})
    assert Contact.objects.get(name="Behind").lead == world.lead
    for asked in ("x", World("Contoso", prefix="y-").lead.pk):
        assert chief.get(f"/people/contacts/new?lead={asked}").status_code == 404


def test_staff_see_everybody_with_their_organization(world: World):
    World("Contoso", prefix="z-")
    ops = signed_in(people.staff())
    page = ops.get("/people")
    assert "Contoso" in words(page)
    assert (
        len(names(ops, "", "/people/contacts"))
        == Member.objects.values("organization").distinct().count()
        == 2
    )


def test_a_filter_betrays_no_meeting_that_the_reader_does_not_see(world: World):
    services.cancel_appointment(appointment=world.appointment)
    world.book(closer=None)
    for role, seen in (("CLOSER", []), ("CEO", ["Lead"])):
        assert names(signed_in(world.users[role]), "?meeting=ahead") == seen
