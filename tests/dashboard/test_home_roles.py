"""The home of each role: what is shown of the day, and what is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls import services as calling
from calls.models import Call
from core.models import AuditEvent
from crm import services
from crm.models import Appointment, Lead
from dashboard.home import calls as rows_of_calls
from tests.calls.cast import fathom_call, native_call
from tests.dashboard.conftest import make_incident, make_run, signed_in
from tests.fathom_sync.cast import own_account
from tests.support import people
from tests.support.world import World

# A Tuesday, so that the days around it are in the same week: noon in Amsterdam.
NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)


@pytest.fixture
def world(db: None, time_machine: Any) -> World:
    time_machine.move_to(NOW, tick=False)
    return World()


@pytest.fixture
def other(world: World) -> World:
    return World("Contoso", word="Quartz", prefix="c-")


def home(world: World, role: str) -> Any:
    return signed_in(world.users[role]).get("/")


def talked(world: World, ago: timedelta, **more: Any) -> Call:
    began = timezone.now() - ago
    return fathom_call(world, started_at=began, ended_at=began + timedelta(minutes=30), **more)


def titles(answer: Any) -> list[str]:
    return [str(need.title) for need in answer.context["needs"].rows]


def over(world: World, ago: timedelta, status: str, **more: Any) -> Appointment:
    """Book a meeting that has been by now."""
    return services.book_appointment(
        organization=world.organization, lead=more.pop("lead", world.lead),
        time_zone="Europe/Amsterdam", starts=timezone.now() - ago,
        ends=timezone.now() - ago + timedelta(minutes=30), status=status, **more,
    )  # fmt: skip


def closing(world: World) -> dict[str, Any]:
    return {"closer": world.members["CLOSER"], "team": world.team}


def test_a_closer_sees_the_next_meeting_the_way_in_and_what_was_said_last(world: World):
    talked(
        world,
        timedelta(days=3),
        lead_id=world.lead.pk,
        outcome="Follow-up",
        summary="## Price\n\n- **Too high** for now",
    )
    later = world.book(timezone.now() + timedelta(hours=4), **closing(world))
    world.book(timezone.now() + timedelta(days=1), **closing(world))
    answer = home(world, "CLOSER")
    page = answer.content.decode()
    assert answer.context["next"].booked.pk == world.appointment.pk
    assert f'href="/app/call/{world.appointment.pk}"' in page
    assert "in 30 minutes" in page
    assert "Price Too high for now" in page
    assert [row.booked.pk for row in answer.context["rest"]] == [later.pk]


def test_a_meeting_that_is_called_off_is_not_next_and_one_that_began_still_is(world: World):
    services.cancel_appointment(appointment=world.appointment)
    under_way = over(world, timedelta(minutes=5), "scheduled", **closing(world))
    answer = home(world, "CLOSER")
    assert answer.context["next"].booked.pk == under_way.pk
    assert "5 minutes ago" in answer.content.decode()


def test_a_closer_without_a_meeting_reads_why_nothing_stands_there(world: World):
    services.cancel_appointment(appointment=world.appointment)
    assert "No meeting ahead" in home(world, "CLOSER").content.decode()


def test_a_closer_is_asked_for_outcomes_and_for_meetings_that_nobody_came_to(world: World):
    talked(world, timedelta(days=1), title="Unsaid")
    talked(world, timedelta(days=1), title="Said", outcome="Won")
    talked(world, timedelta(days=40), title="Long ago")
    forgotten = over(world, timedelta(days=2), "scheduled", title="Forgotten", **closing(world))
    over(world, timedelta(days=2), "completed", title="Done", **closing(world))
    native_call(world, forgotten)
    assert titles(home(world, "CLOSER")) == ["Unsaid", "Forgotten"]


def test_a_closers_week_counts_calls_wins_and_no_shows_by_the_readers_monday(world: World):
    talked(world, timedelta(hours=20), outcome="won")
    talked(world, timedelta(hours=21), outcome="lost")
    # Sunday, 23:30 in Amsterdam.
    talked(world, timedelta(hours=36, minutes=30), outcome="won")
    over(world, timedelta(hours=3), "no_show", **closing(world))
    over(world, timedelta(days=3), "no_show", **closing(world))
    week = home(world, "CLOSER").context["week"]
    assert (week["held"], week["won"], week["no_shows"]) == (2, 1, 1)
    assert week["weeks"] == [0] * 6 + [1, 2]


def test_a_closer_ticks_an_open_action_at_home_and_nobody_ticks_anothers(
    world: World, other: World
):
    call = talked(
        world, timedelta(days=1), outcome="won", action_items=[{"description": "Send the offer"}]
    )
    theirs = talked(other, timedelta(days=1), action_items=[{"description": "Quartz offer"}])
    client = signed_in(world.users["CLOSER"])
    assert [action.text for action in client.get("/").context["actions"]] == ["Send the offer"]
    own, foreign = call.actions.get(), theirs.actions.get()
    assert client.post(f"/actions/{foreign.pk}/done").status_code == 404
    for _again in range(2):
        assert client.post(f"/actions/{own.pk}/done").status_code == 302
    own.refresh_from_db()
    assert own.is_done
    assert AuditEvent.objects.filter(action="action.changed").count() == 1
    assert client.get("/").context["actions"] == []


def test_a_closer_sees_nothing_of_other_closers_or_organizations(world: World, other: World):
    native_call(other, started_at=NOW - timedelta(hours=1), status="COMPLETED")
    talked(other, timedelta(days=1))
    colleague = services.create_rep(
        organization=world.organization, name="Zirkon", email="z@example.com"
    )
    talked(
        world,
        timedelta(days=1),
        rep_id=colleague.pk,
        title="Zirkon's",
        lead_id=world.lead.pk,
        summary="Zirkon said",
    )
    world.book(timezone.now() + timedelta(minutes=5), closer=world.members["CEO"])
    page = home(world, "CLOSER")
    assert page.context["next"].booked.pk == world.appointment.pk
    assert "Quartz" not in page.content.decode()
    assert "Zirkon" not in page.content.decode()


def test_a_setter_sees_bookings_show_ups_and_the_rate(world: World):
    over(world, timedelta(hours=2), "completed")
    over(world, timedelta(hours=1), "no_show")
    over(world, timedelta(days=4), "completed")
    over(world, timedelta(days=40), "no_show")
    answer = home(world, "SETTER")
    figures = answer.context["figures"]
    assert (figures["due"], figures["came"]) == (2, 1)
    assert figures["booked"] == 5
    # Of three a share says nothing yet, here as on the page of statistics.
    assert (answer.context["rate"], answer.context["rate_hint"]) == (
        "–",
        "too few meetings for a rate",
    )
    for days in (5, 6):
        over(world, timedelta(days=days), "completed")
    answer = home(world, "SETTER")
    assert (answer.context["rate"], answer.context["rate_hint"]) == ("80 %", "last 30 days")
    assert "Book meeting" in answer.content.decode()
    # Nobody but the first came, and nobody said what became of it: the page of statistics, to
    # which a CEO's rate leads, does not count it either.
    alone = over(world, timedelta(days=7), "scheduled")
    Call.objects.create(
        organization=world.organization,
        source=Call.Source.NATIVE,
        appointment=alone,
        title="Alone",
        status=Call.Status.COMPLETED,
        started_at=alone.starts_at,
    )
    assert home(world, "SETTER").context["rate"] == "80 %"


def test_a_setter_chases_leads_without_a_meeting_ahead_the_longest_silent_first(
    world: World, other: World
):
    def lead(name: str, **values: Any) -> Lead:
        made = services.create_lead(
            organization=world.organization,
            name=name,
            qualified_by=world.members["SETTER"],
            **values,
        )
        Lead.objects.filter(pk=made.pk).update(created_at=NOW - timedelta(days=90))
        return made

    silent, spoken = lead("Silent"), lead("Spoken")
    lead("Won", status="won")
    services.create_lead(organization=world.organization, name="Somebody else's")
    fathom_call(
        world,
        lead_id=spoken.pk,
        started_at=NOW - timedelta(days=2),
        ended_at=NOW - timedelta(days=2),
    )
    answer = home(world, "SETTER")
    assert [row.pk for row in answer.context["chase"]] == [silent.pk, spoken.pk]
    assert answer.context["chase"][1].last_contact == NOW - timedelta(days=2)


def test_a_setter_is_told_of_meetings_without_closer_or_link(world: World):
    nobodys = world.book(timezone.now() + timedelta(hours=2))
    answer = home(world, "SETTER")
    assert [str(need.act) for need in answer.context["needs"].rows] == ["Invite guest", ""]
    calling.invite_guest(world.appointment, actor=world.users["SETTER"], request=None)
    # A setter gives a meeting no other closer.
    assert [str(need.act) for need in home(world, "SETTER").context["needs"].rows] == [""]
    theirs = next(
        need for need in home(world, "CEO").context["needs"].rows if need.act == "Choose closer"
    )
    assert theirs.act_href == f"/scheduling/{nobodys.pk}/move"
    assert signed_in(world.users["CEO"]).get(theirs.act_href).status_code == 200
    services.cancel_appointment(appointment=nobodys)
    assert titles(home(world, "SETTER")) == []


def test_a_manager_sees_the_day_of_each_closer_of_the_own_teams(world: World, other: World):
    over(world, timedelta(hours=2), "no_show", **closing(world))
    world.book(timezone.now() + timedelta(hours=1), closer=world.members["CEO"])
    answer = home(world, "MANAGER")
    assert [count for _label, count, _href in answer.context["counts"]] == [2, 0, 1, 1]
    assert [(row.name, len(row.squares)) for row in answer.context["day"]] == [("closer", 2)]
    assert "Quartz" not in answer.content.decode()


def test_a_manager_is_told_of_no_shows_and_missing_outcomes(world: World):
    services.cancel_appointment(appointment=world.appointment)
    lead = services.create_lead(organization=world.organization, name="Never came")
    over(world, timedelta(hours=2), "no_show", lead=lead, **closing(world))
    talked(world, timedelta(days=1), title="Unsaid")
    answer = home(world, "MANAGER")
    assert answer.context["needs"].leading.title == "Never came"
    assert [(str(need.title), str(need.act)) for need in answer.context["needs"].rows] == [
        ("Never came", "Book again"),
        ("Unsaid", "Set outcome"),
    ]
    world.book(lead=lead)
    assert titles(home(world, "MANAGER")) == ["Unsaid"]


def test_a_manager_hears_what_was_lost_and_what_was_long(world: World):
    talked(world, timedelta(days=1), title="Lost", outcome="lost")
    began = timezone.now() - timedelta(days=2)
    fathom_call(
        world, title="Long", outcome="won", started_at=began, ended_at=began + timedelta(hours=2)
    )
    fathom_call(
        world, title="Short", outcome="won", started_at=began, ended_at=began + timedelta(minutes=5)
    )
    answer = home(world, "MANAGER")
    assert [row.title for row in answer.context["heard"]] == ["Lost", "Long"]
    team = answer.context["team"]
    assert [(row.name, row.calls[-1], row.won[-1]) for row in team.rows] == [("Rep", 1, 0)]


def test_a_ceo_sees_the_month_against_the_one_before(world: World):
    for days in (1, 2, 3):
        talked(world, timedelta(days=days), outcome="won" if days == 1 else "lost")
    talked(world, timedelta(days=40), outcome="won")
    for days in (1, 2, 3, 4):
        over(world, timedelta(days=days), "completed")
    over(world, timedelta(days=5), "no_show")
    answer = home(world, "CEO")
    figures = {str(figure.label): figure for figure in answer.context["figures"]}
    assert (figures["Calls"].value, figures["Calls"].delta.sign) == ("3", "+200 %")
    assert (figures["Won"].value, figures["Won"].delta.sign) == ("1", "±0 %")
    assert figures["Show rate"].value == "80 %"
    assert answer.context["ranking"]["rows"] == [("Rep", 1)]
    assert len(answer.context["trend"]["labels"]) == 12
    assert sum(answer.context["trend"]["series"][0].values) == 4


def test_a_ceo_reads_whether_the_sources_are_proved_and_red_where_one_is_not(world: World):
    assert "Nothing is connected yet" in home(world, "CEO").content.decode()
    account = own_account(world.organization)
    sources = home(world, "CEO").context["sources"]
    assert [source.name for source in sources.rows] == ["Fathom"]
    from fathom_sync import accounts

    accounts.say_status(account, "error")
    page = home(world, "CEO")
    assert [row.connection for row in page.context["sources"].open] == ["error"]
    assert "1 source is not proven" in page.content.decode()


@pytest.mark.parametrize("role", ["CLOSER", "SETTER", "MANAGER", "CEO", "ops", "Auditor"])
def test_a_home_asks_the_database_as_often_for_much_as_for_little(
    role: str, world: World, django_assert_max_num_queries: Any
):
    user = world.users.get(role) or people.staff("Operations admin" if role == "ops" else role)
    client: Client = signed_in(user)
    own_account(world.organization)
    talked(world, timedelta(days=1), lead_id=world.lead.pk, summary="Once")
    client.get("/")
    counted = []
    for turn in range(2):
        with django_assert_max_num_queries(21) as captured:
            client.get("/")
        counted.append(len(captured))
        for number in range(6):
            talked(world, timedelta(days=1, minutes=number), title=f"{turn}-{number}")
            talked(world, timedelta(days=2, minutes=number), outcome="lost")
            world.book(timezone.now() + timedelta(hours=2 + number), **closing(world))
            over(world, timedelta(hours=3), "no_show", **closing(world))
            make_run(world.organization)
            make_incident(f"Number {number} of {turn}", world.organization)
            lead = services.create_lead(
                organization=world.organization,
                name=f"Lead {turn}-{number}",
                qualified_by=world.members["SETTER"],
            )
            assert lead.pk
    # What finds no place among the five that need the person is not read.
    assert counted[1] <= counted[0], counted


def test_a_summary_is_shown_as_plain_words_and_ends_at_one():
    text = rows_of_calls.excerpt("# What\n\n- [Price](https://x.example)\n" + "word " * 200)
    assert text.startswith("What Price word")
    assert text.endswith("word…")
    assert len(text) <= rows_of_calls.SHOWN_OF_A_SUMMARY + 1


def test_each_number_of_meetings_on_a_home_leads_to_exactly_those_meetings(world: World):
    for hours, status in (
        (1, "completed"),
        (2, "no_show"),
        (3, "cancelled"),
        (4, "scheduled"),
        (30, "no_show"),
    ):
        over(
            world, timedelta(hours=hours), status, setter=world.members["SETTER"], **closing(world)
        )
    begun = over(
        world, timedelta(minutes=5), "scheduled", setter=world.members["SETTER"], **closing(world)
    )
    native_call(world, begun, started_at=timezone.now())
    world.book(timezone.now() + timedelta(days=3), **closing(world))
    Appointment.objects.update(created_at=NOW - timedelta(minutes=1))
    clients = {
        role: signed_in(world.users[role]) for role in ("MANAGER", "SETTER", "CLOSER", "CEO")
    }
    homes = {role: client.get("/") for role, client in clients.items()}
    manager, setter, closer, ceo = (answer.context for answer in homes.values())
    booked = next(figure for figure in ceo["figures"] if figure.label == "Booked")
    figures = [("MANAGER", count, href) for _label, count, href in manager["counts"]]
    figures += [
        ("SETTER", setter["figures"]["booked"], setter["booked_href"]),
        ("SETTER", setter["figures"]["came"], setter["came_href"]),
        ("CLOSER", closer["week"]["no_shows"], closer["week"]["no_shows_href"]),
        ("CEO", int(booked.value), booked.href),
    ]
    assert [number for _role, number, _href in figures] == [5, 2, 1, 1, 7, 2, 2, 8]
    for role, number, href in figures:
        assert len(clients[role].get(href).context["table"].rows) == number, href
        assert f'href="{href.replace("&", "&amp;")}"' in homes[role].content.decode()
