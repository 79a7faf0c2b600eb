"""Statistics broken down: each number leads to exactly its calls,
and nobody counts what they do not see.
"""

import csv
import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from calls.models import Call, CallParticipant
from core.models import AuditEvent
from crm import services
from crm.models import Appointment, Lead, Member, SalesRep
from tests.calls.cast import fathom_call, native_call
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import ROLES, World

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


def lead_of(world: World, status: str) -> Lead:
    return Lead.objects.create(
        organization=world.organization, name=f"Lead {status}", status=status
    )


def meeting_of(world: World, days: int, status: str = "scheduled", **more: Any) -> Appointment:
    """A meeting of the world's closer, so many days ago."""
    more = {"closer": world.members["CLOSER"], "team": world.team, **more}
    booked = world.book(starts=NOW - timedelta(days=days, hours=3), **more)
    Appointment.objects.filter(pk=booked.pk).update(status=status)
    booked.refresh_from_db()
    return booked


def a_month(world: World) -> SalesRep:
    """Calls of two reps, of a meeting, of nobody; in both sources, and some in the month before."""
    other = services.create_rep(
        organization=world.organization, name="Zoe", email="zoe@example.com"
    )
    won, lost = lead_of(world, "won"), lead_of(world, "lost")
    for number, (rep, lead, outcome) in enumerate(
        [
            (world.rep, won, "won"),
            (world.rep, won, "won"),
            (world.rep, lost, "lost"),
            (other, lost, ""),
            (None, None, ""),
        ]
    ):
        began = NOW - timedelta(days=number * 2 + 1)
        fathom_call(
            world,
            rep_id=rep and rep.pk,
            lead_id=lead and lead.pk,
            outcome=outcome,
            started_at=began,
            ended_at=began + timedelta(minutes=7 + 20 * number),
        )
    native_call(
        world,
        meeting_of(world, 3),
        rep_id=world.rep.pk,
        started_at=NOW - timedelta(days=3),
        status="ONGOING",
    )
    fathom_call(world, started_at=NOW - timedelta(days=40), ended_at=None)
    return other


def linked(page: str) -> list[tuple[str, int]]:
    """Every link from a row of a table to calls: its address, and the number in the row."""
    row = (
        r'<a class="row-link" href="(/calls\?[^"]*)">.*?</a></th><td '
        r'class="numeric" data-label="Calls">(\d+)</td>'
    )
    found = re.findall(row, page)
    return [(html.unescape(href), int(number)) for href, number in found]


@pytest.mark.parametrize(
    "query", ["", "?source=fathom", "?period=90", "?since=2026-11-20&until=2026-11-24"]
)
def test_the_number_in_the_list_is_the_number_in_the_bar(world: World, chief: Client, query: str):
    a_month(world)
    answer = chief.get(f"/calls/statistics{query}")
    links = linked(answer.content.decode())
    assert links
    for bars in (answer.context["per_day"], answer.context["lengths"]):
        drawn = zip(bars.hrefs, bars.series[-1].values, strict=True)
        links += [(href, int(value or 0)) for href, value in drawn if href]
    links.append((answer.context["calls_href"], answer.context["figures"].total_calls))
    for href, number in links:
        assert len(chief.get(href).context["rows"]) == number, href


@pytest.mark.parametrize(
    "query", ["", "?period=90", "?since=2026-11-20&until=2026-11-24", "?source=native"]
)
def test_each_number_of_meetings_leads_to_exactly_those_meetings(
    world: World, chief: Client, query: str
):
    other = people.member("CLOSER", world.organization, "second")
    services.create_rep(
        organization=world.organization,
        name="Zoe",
        email="zoe@example.com",
        member=member_of(other),
    )
    for days, status in enumerate(
        ("completed", "no_show", "cancelled", "scheduled", "no_show", "completed"), start=1
    ):
        meeting_of(world, days, status)
    meeting_of(world, 2, "completed", closer=member_of(other))
    meeting_of(world, -1, "cancelled")
    attended = meeting_of(world, 3)
    call = native_call(world, attended, started_at=NOW - timedelta(days=3), status="COMPLETED")
    for who in ("a", "b"):
        CallParticipant.objects.create(call=call, identity=who, joined_at=NOW - timedelta(days=3))
    answer = chief.get(f"/calls/statistics{query}")
    links = [(each.href, int(each.value)) for each in answer.context["outcomes"] if each.href]
    links += meetings_linked(answer.content.decode())
    assert len(links) > 4
    for href, number in links:
        assert len(chief.get(href).context["table"].rows) == number, href


def meetings_linked(page: str) -> list[tuple[str, int]]:
    """Every link from a cell of a table to meetings, and the number in it."""
    found = re.findall(r'<a href="(/scheduling/meetings\?[^"]*)">(\d+)</a>', page)
    return [(html.unescape(href), int(number)) for href, number in found]


def member_of(user: Any) -> Member:
    return Member.objects.get(user=user)


def test_a_filter_cuts_every_figure_and_every_link(world: World, chief: Client):
    other = a_month(world)
    page = chief.get(f"/calls/statistics?rep={other.pk}")
    assert page.context["figures"].total_calls == 1
    assert [row.name for row in page.context["tables"][0].rows] == ["Zoe"]
    assert all(f"rep={other.pk}" in href for href, _number in linked(page.content.decode()))
    team = chief.get(f"/calls/statistics?team={world.team.pk}")
    assert team.context["figures"].total_calls == 4
    nobody = chief.get("/calls/statistics?rep=nobody-of-this-name&team=x&source=zoom")
    assert nobody.context["figures"].total_calls == 6


def test_reps_teams_outcomes_and_sources_add_up_beside_the_month_before(
    world: World, chief: Client
):
    a_month(world)
    context = chief.get("/calls/statistics").context
    found = {table.caption: table.rows for table in [*context["tables"], context["by_outcome"]]}
    counted = {
        str(caption): [(row.name, row.calls, row.calls_before) for row in rows]
        for caption, rows in found.items()
    }
    assert counted == {
        "By rep": [("Rep", 4, 1), ("Zoe", 1, 0), ("", 1, 0)],
        "By team": [("Team", 4, 1), ("", 2, 0)],
        "By outcome": [("", 3, 1), ("won", 2, 0), ("lost", 1, 0)],
        "By source": [("fathom", 5, 1), ("native", 1, 0)],
    }
    rep = found["By rep"][0]  # type: ignore[index]
    assert (rep.leads.won, rep.leads.lost, rep.leads.total) == (1, 1, 3)


def test_meetings_are_counted_by_what_became_of_them_and_a_rate_shows_its_base(
    world: World, chief: Client
):
    for days, status in enumerate(["completed"] * 3 + ["no_show", "cancelled", "scheduled"], 1):
        meeting_of(world, days, status)
    # Two came, and nobody said so.
    came = native_call(
        world,
        meeting_of(world, 7),
        rep_id=world.rep.pk,
        started_at=NOW - timedelta(days=7),
        status="COMPLETED",
    )
    for name in ("a", "b"):
        CallParticipant.objects.create(call=came, identity=name, sid=name, joined_at=NOW)
    meeting_of(world, -1)
    figures = {
        figure.label: figure for figure in chief.get("/calls/statistics").context["outcomes"]
    }
    assert [(label, figure.value) for label, figure in figures.items()] == [
        ("Meetings held", "4"),
        ("No-shows", "1"),
        ("Cancelled", "1"),
        ("Show rate", "80 %"),
        ("Without a result", "1"),
        ("Win rate", "–"),
    ]
    assert figures["Show rate"].hint == "4 held of 5 held or missed"
    assert figures["Win rate"].hint == "0 leads won or lost: too few for a rate"
    [rep] = chief.get("/calls/statistics").context["tables"][0].rows
    assert (rep.name, rep.meetings.completed, rep.meetings.no_show) == ("Rep", 4, 1)


def test_few_meetings_have_no_rate(world: World, chief: Client):
    meeting_of(world, 1, "completed")
    figures = {
        figure.label: figure for figure in chief.get("/calls/statistics").context["outcomes"]
    }
    assert (figures["Show rate"].value, figures["Show rate"].hint) == (
        "–",
        "1 meeting: too few for a rate",
    )
    assert "Meetings held" not in {
        figure.label for figure in chief.get("/calls/statistics?source=fathom").context["outcomes"]
    }


def test_the_period_before_stands_lighter_beside_and_counts_its_own_days(
    world: World, chief: Client
):
    for days in (1, 8, 9):
        fathom_call(world, started_at=NOW - timedelta(days=days), ended_at=None)
    answer = chief.get("/calls/statistics?period=7")
    before, now = answer.context["per_day"].series
    assert (before.is_before, sum(before.values), sum(now.values)) == (True, 2, 1)
    page = answer.content.decode()
    assert "chart-bar chart-series-0" in page
    assert "Show as a table" in page
    scale = re.search(r'<div class="chart-scale">(.*?)</div>', page)
    assert scale is not None
    assert all("." not in word for word in re.findall(r"<span>([^<]*)</span>", scale[1]))


@pytest.mark.parametrize("role", ROLES)
def test_everybody_counts_what_they_see_and_takes_that_along(world: World, role: str):
    a_month(world)
    foreign = World("Contoso", word="foreign", prefix="other-")
    fathom_call(foreign, started_at=NOW - timedelta(days=1))
    seen = {"CEO": 6, "ADMIN": 6, "MANAGER": 4, "CLOSER": 4, "SETTER": 1}[role]
    client = signed_in(world.users[role])
    answer = client.get("/calls/statistics")
    assert answer.context["figures"].total_calls == seen
    assert "foreign" not in answer.content.decode()
    sent = client.post("/calls/statistics/export?by=rep")
    rows = list(csv.reader(b"".join(sent.streaming_content).decode().splitlines()))  # type: ignore[attr-defined]
    assert rows[0][:3] == ["Rep", "Calls", "Before"]
    assert sum(int(row[1]) for row in rows[1:]) == seen
    [event] = AuditEvent.objects.filter(action="export.made")
    assert event.facts["export"] == "statistics"
    assert event.facts["filters"] == "by=rep"


def test_calls_without_rep_team_or_outcome_are_found_in_the_library(world: World, chief: Client):
    fathom_call(world, title="Nobody's", rep_id=None, outcome="won")
    fathom_call(world, title="Open", outcome="")
    titles = {
        query: [row.call.title for row in chief.get(f"/calls?{query}").context["rows"]]
        for query in (
            "rep=-",
            "team=-",
            "outcome=-",
            f"team={world.team.pk}",
            "state=begun&outcome=won",
            "team=x",
        )
    }
    assert titles == {
        "rep=-": ["Nobody's"],
        "team=-": ["Nobody's"],
        "outcome=-": ["Open"],
        f"team={world.team.pk}": ["Open"],
        "state=begun&outcome=won": ["Nobody's"],
        "team=x": [call.title for call in Call.objects.order_by("-happened_at", "-pk")],
    }


def test_a_century_is_drawn_in_as_many_bars_as_a_page_can_have(world: World, chief: Client):
    fathom_call(world)
    page = chief.get("/calls/statistics?since=2000-01-01&until=2099-12-31")
    assert len(page.context["per_day"].labels) <= 60
    assert sum(page.context["per_day"].series[1].values) == 1
    assert len(page.content) < 150_000


def test_the_api_breaks_down_and_compares(world: World):
    a_month(world)
    client = people.client_of(world.users["MANAGER"])
    since = "2026-10-26T00:00:00Z"
    answer = client.get(
        f"/api/calls/stats?from={since}&groupBy=team&include=previous,meetings,leads"
    ).json()
    assert (answer["totalCalls"], answer["previous"]["totalCalls"], answer["previous"]["to"]) == (
        4,
        1,
        since,
    )
    assert answer["meetings"] == {
        "held": 0,
        "noShow": 0,
        "cancelled": 0,
        "open": 1,
        "showRate": None,
    }
    assert answer["leads"] == {"won": 1, "lost": 1, "open": 1, "winRate": 0.5}
    [team] = answer["groups"]
    assert (team["key"], team["calls"], team["callsBefore"]) == (str(world.team.pk), 4, 1)
    assert client.get("/api/calls/stats?include=previous").json()["previous"] is None
    for query in (
        "groupBy=",
        "groupBy=x",
        "include=x",
        "teamId=x",
        "repId=",
        "source=",
        "include=%00",
    ):
        assert client.get(f"/api/calls/stats?{query}").status_code == 400, query
    rep = client.get(
        f"/api/calls/stats?repId={world.rep.pk}&teamId={world.team.pk}&source=native"
    ).json()
    assert rep["totalCalls"] == 1
    foreign = World("Contoso", prefix="other-")
    fathom_call(foreign, started_at=NOW - timedelta(days=1))
    assert client.get(f"/api/calls/stats?teamId={foreign.team.pk}").json()["totalCalls"] == 0
