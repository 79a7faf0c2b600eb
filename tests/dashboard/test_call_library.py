"""The list of calls: found by their words, cut by filters, a page at a time,
for each person what is theirs.
"""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls import indexing
from calls.models import Call, Recording
from core.models import AuditEvent, User
from crm import services
from crm.models import Member
from tests.calls.cast import NOON, fathom_call, native_call
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import ROLES, World

# Of their own organization: the native call that is theirs, the other one,
# the Fathom call that is theirs, the other.
TABLE = {
    "CEO": (True, True, True, True),
    "MANAGER": (True, False, True, False),
    "CLOSER": (True, False, True, False),
    "SETTER": (True, False, False, False),
    "ADMIN": (True, True, True, True),
}


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


def four_calls(world: World) -> list[Call]:
    lead = services.create_lead(organization=world.organization, name="Nobody's")
    rep = services.create_rep(
        organization=world.organization,
        name="Other",
        email=f"other-{world.organization.pk}@example.com",
    )
    yesterday = timezone.now() - timedelta(days=1)
    yesterdays: dict[str, Any] = {
        "title": "kwartz",
        "started_at": yesterday,
        "ended_at": yesterday + timedelta(minutes=30),
    }
    return [
        native_call(world, title="kwartz"),
        native_call(world, world.book(lead=lead), title="kwartz"),
        fathom_call(world, **yesterdays),
        fathom_call(world, rep_id=rep.pk, **yesterdays),
    ]


def shown(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/calls{query}")
    assert answer.status_code == 200
    return [row.call.title for row in answer.context["rows"]]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_what_the_table_says_on_every_page(world: World, role: str):
    ours, theirs = four_calls(world), four_calls(World("Contoso", prefix="other-"))
    client = signed_in(world.users[role])
    seen = {call.pk for call, may in zip(ours, TABLE[role], strict=True) if may}
    for query in ("", "?search=kwartz"):
        assert {row.call.pk for row in client.get(f"/calls{query}").context["rows"]} == seen
    assert client.get("/calls/statistics?period=year").context["figures"].total_calls == len(
        [call for call in ours if call.pk in seen and call.started_at]
    )
    for call in [*ours, *theirs]:
        may = call.pk in seen or (role == "ADMIN" and call in theirs)
        for path in ("", "/transcript"):
            assert client.get(f"/calls/{call.pk}{path}").status_code == (200 if may else 404)


def test_a_stranger_is_sent_to_the_door_and_whoever_belongs_nowhere_sees_nothing(world: World):
    four_calls(world)
    assert Client().get("/calls")["Location"].startswith("/sign-in")
    assert shown(signed_in(people.person())) == []


def test_staff_see_all_with_their_organization_named(world: World):
    fathom_call(world)
    fathom_call(World("Contoso", prefix="other-"))
    page = signed_in(people.staff()).get("/calls").content.decode()
    assert "Northwind Sales" in page
    assert "Contoso" in page


def test_the_list_follows_the_organization_that_is_looked_at(world: World):
    other = World("Contoso", prefix="other-")
    fathom_call(world, title="ours")
    fathom_call(other, title="theirs")
    user = world.users["CEO"]
    Member.objects.create(organization=other.organization, user=user, role="CEO")
    client = signed_in(user)
    for organization, title in ((world.organization, "ours"), (other.organization, "theirs")):
        client.post("/preferences/organization", {"organization": str(organization.pk)})
        assert shown(client) == [title]


def test_words_are_found_in_title_summary_and_transcript_and_marked(world: World, chief: Client):
    fathom_call(world, title="About the réunion")
    fathom_call(world, title="Second", summary="We planned a reunion <b>soon</b>.")
    fathom_call(
        world,
        title="Third",
        transcript=[{"speaker": "Ada", "at": 1, "text": "Their Réunion yesterday."}],
    )
    fathom_call(world, title="Fourth")
    answer = chief.get("/calls?search=reunion")
    page = answer.content.decode()
    assert {row.call.title for row in answer.context["rows"]} == {
        "About the réunion",
        "Second",
        "Third",
    }
    assert "About the <mark>réunion</mark>" in page
    assert "<mark>reunion</mark> &lt;b&gt;soon" in page
    assert "Their <mark>Réunion</mark> yesterday" in page
    # What was looked for goes along to the call.
    assert "?search=reunion" in page


def test_what_is_found_is_counted_and_a_mistyped_word_is_led_to_what_was_meant(
    world: World, chief: Client
):
    for name in ("Nowak", "Nowak & Co", "Anders"):
        fathom_call(world, title=f"Demo for {name}", outcome="won", summary="", transcript=[])
    indexing.learn_waiting()
    assert len(shown(chief, "?search=nowa")) == 2
    assert "2 calls" in chief.get("/calls?search=nowa").content.decode()
    page = chief.get("/calls?search=nowack&outcome=won").content.decode()
    assert "Did you mean “nowak”?" in page
    link = re.search(r'href="(\?[^"]*search=nowak[^"]*)"', page)
    assert link
    assert len(shown(chief, html.unescape(link[1]))) == 2
    assert "outcome=won" in link[1]


def test_a_stretch_of_a_summary_is_shown_without_its_markdown(world: World, chief: Client):
    fathom_call(
        world,
        summary=(
            "## Wishes\n- [**Budget**](https://fathom.video/share/a?t=1) is fixed for this year"
        ),
    )
    page = chief.get("/calls?search=budget").content.decode()
    assert "<mark>Budget</mark> is fixed" in page
    assert "fathom.video/share" not in page


def test_what_others_wrote_stays_text(world: World, chief: Client):
    evil = "<script>alert(1)</script>"
    call = fathom_call(
        world, title=evil, outcome=evil[:100], summary=evil, participants=[{"display_name": evil}]
    )
    for path in ("/calls", f"/calls?search={evil}&lead={evil}", f"/calls/{call.pk}?search={evil}"):
        assert "<script>alert" not in chief.get(path).content.decode()


def test_filters(world: World, chief: Client):
    fathom_call(world, title="long", outcome="won", lead_id=world.lead.pk)
    fathom_call(world, title="short", ended_at=NOON + timedelta(minutes=1), rep_id=None)
    native_call(world, title="native")
    now = timezone.now()
    for title, begins, ends in (("late", -31, 29), ("missed", -90, -30)):
        native_call(
            world,
            world.book(starts=now),
            title=title,
            scheduled_start=now + timedelta(minutes=begins),
            scheduled_end=now + timedelta(minutes=ends),
        )
    services.create_rep(organization=world.organization, name="Second", email="second@example.com")
    for query, titles in {
        "source=native": {"native", "late", "missed"},
        "state=not_begun": {"late"},
        "state=not_held": {"missed"},
        "state=PENDING": {"native"},
        "state=COMPLETED": {"long", "short"},
        f"rep={world.rep.pk}": {"long"},
        f"lead={world.lead.name.upper()}": {"long", "native", "late", "missed"},
        "lead=nobody": set(),
        "outcome=won": {"long"},
        "outcome=lost": set(),
        "length=short": {"short"},
        "length=long": {"long"},
        "length=medium": set(),
        "since=2026-11-03": {"native", "late", "missed"},
        "until=2026-11-01": set(),
        "since=2026-11-02&until=2026-11-02": {"long", "short"},
        "search=discovery&source=native": set(),
    }.items():
        assert set(shown(chief, f"?{query}")) == titles, query
    back = chief.get("/calls?since=2026-11-02&until=2026-11-01").content.decode()
    assert "This day is before the one under “From”." in back
    assert "Look for fewer" not in back
    assert "No calls match" in chief.get("/calls?outcome=lost").content.decode()


def test_a_day_is_a_day_of_the_reader(world: World):
    fathom_call(
        world, title="late", started_at=datetime(2026, 11, 2, 23, 30, tzinfo=UTC), ended_at=None
    )
    user = world.users["CEO"]
    client = signed_in(user)
    for zone, day in (("Europe/Amsterdam", "2026-11-03"), ("America/New_York", "2026-11-02")):
        User.objects.filter(pk=user.pk).update(time_zone=zone)
        assert shown(client, f"?since={day}&until={day}") == ["late"]
        assert shown(client, "?until=2026-11-01") == []
    assert (
        "2 November 2026, 18:30" in client.get(f"/calls/{Call.objects.get().pk}").content.decode()
    )


@pytest.mark.parametrize(
    "query",
    [
        "rep=x", "source=zoom", "state=x", "length=x", "since=x", "until=2026-99-99",
        "since=0001-01-01", "until=9999-12-31", "before=x", "after=x",
        "before=99999999999999999-" + "f" * 32, "before=1-1&after=" + "9" * 400, "page=-1",
        "search=" + "x" * 4000, "search=%22", "search=-", "search=%3C%3E", "lead=" + "%25" * 300,
        "lead=%5C", "search=a:*&search=b", "outcome=" + "x" * 500, "search=%F0%9F%A6%84",
    ],
)  # fmt: skip
def test_a_query_that_nobody_gave_out_is_answered_with_a_page(
    world: World, chief: Client, query: str
):
    fathom_call(world)
    assert chief.get(f"/calls?{query}").status_code == 200
    assert chief.get(f"/calls/reps/{world.rep.pk}?{query}").status_code == 200
    assert chief.get(f"/calls/reps?{query}").status_code == 200
    assert chief.get(f"/calls/statistics?period={query}&{query}").status_code == 200


@pytest.mark.parametrize("query", ["search=%00", "search=%ff"])
def test_what_is_no_text_is_refused(chief: Client, query: str):
    assert chief.get(f"/calls?{query}").status_code == 400


def test_a_state_is_said_in_words_beside_its_picture(world: World, chief: Client):
    def page() -> str:
        return chief.get("/calls").content.decode()

    call = native_call(world, scheduled_start=NOON, scheduled_end=NOON + timedelta(hours=1))
    assert "Not held" in page()
    assert "Not recorded" not in page()
    Call.objects.update(status="ONGOING")
    assert "Not recorded" in page()
    assert "Ongoing" in page()
    for state, word in {
        "starting": "Recording starts",
        "active": "Being recorded",
        "processing": "Being prepared",
        "available": "Recorded",
        "failed": "Recording failed",
        "expired": "Recording deleted",
    }.items():
        Recording.objects.all().delete()
        Recording.objects.create(call=call, state=state, reason="egress aborted")
        assert word in page()
        assert "egress" not in page()


def test_the_page_says_what_it_is_when_there_is_nothing_yet(chief: Client):
    assert "No calls yet" in chief.get("/calls").content.decode()


def test_many_reps_are_looked_for_and_do_not_stand_in_the_page(world: World, chief: Client):
    for number in range(25):
        services.create_rep(
            organization=world.organization, name=f"Rep {number:02}", email=f"r{number}@example.com"
        )
    theirs = World("Contoso", prefix="other-")
    fathom_call(world, title="hers", rep_id=world.rep.pk)
    page = chief.get("/calls").content.decode()
    assert "Rep 24" not in page
    assert 'data-options="/calls/reps/options"' in page
    found = chief.get("/calls/reps/options?search=rep%200").json()
    assert [option["label"] for option in found["options"]] == [
        f"Rep {number:02}" for number in range(10)
    ]
    everybody = chief.get("/calls/reps/options").json()
    assert (len(everybody["options"]), everybody["more"]) == (20, True)
    values = {
        option["value"]
        for option in chief.get("/calls/reps/options?search=rep%40").json()["options"]
    }
    assert str(theirs.rep.pk) not in values
    assert chief.get("/calls/reps/options?search=nobody").json() == {"options": [], "more": False}
    # By the id that scripts send, and by the name that is sent without them.
    for entered in (world.rep.pk, world.rep.name.upper()):
        assert shown(chief, f"?rep={entered}") == ["hers"]
    assert (
        f'data-value="{world.rep.pk}"' in chief.get(f"/calls?rep={world.rep.pk}").content.decode()
    )
    refused = chief.get(f"/calls?rep={theirs.rep.pk}").content.decode()
    assert "No rep of this name" in refused
    assert 'class="chip"' not in refused


def test_what_is_used_can_be_taken_away_by_itself(world: World, chief: Client):
    fathom_call(world, outcome="won")
    page = html.unescape(
        chief.get("/calls?outcome=won&search=discovery&period=30&before=x").content.decode()
    )
    chips = re.findall(r'<a class="chip" href="([^"]*)">\s*<span class="chip-name">([^<]*)<', page)
    assert chips == [
        ("?outcome=won&period=30", "Search"),
        ("?search=discovery&period=30", "Outcome"),
        ("?outcome=won&search=discovery", "Period"),
    ]
    assert '<a class="chip-clear" href="?">' in page
    assert "chip" not in chief.get("/calls").content.decode()
    assert "chip" not in chief.get("/calls?outcome=&state=x").content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_only_whoever_owns_the_calls_takes_them_along(world: World, role: str):
    fathom_call(world, title="=1+1", outcome="won", duration_seconds=None)
    fathom_call(world, title="Second", outcome="lost")
    client = signed_in(world.users[role])
    may = role in ("CEO", "ADMIN")
    assert ("/calls/export" in client.get("/calls").content.decode()) is may
    assert client.get("/calls/export").status_code == 405
    answer = client.post("/calls/export?outcome=won")
    assert answer.status_code == (200 if may else 403)
    assert AuditEvent.objects.filter(action="export.made").count() == may
    if may:
        lines = b"".join(answer.streaming_content).decode().splitlines()
        assert len(lines) == 2
        assert lines[0].startswith("Call,Rep,")
        assert lines[1].startswith("'=1+1,")
        assert lines[1].endswith(",Won,Recorded") or lines[1].endswith(",Won,Not recorded")
