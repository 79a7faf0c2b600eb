"""Fathom's stand-in: clean answers fit the vendor's schema, filters and limits are its own,
odd data is odd.
"""

import json
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import time_machine

from sandbox.vendors.fathom import DEMO_KEYS, Fathom
from sandbox.vendors.fathom.meetings import ASKED
from tests.sandbox.fathom_api import ask, fits

EVERYTHING = dict.fromkeys(ASKED, "true")


def pages(sandbox, query=(), **options):
    """The items of each page of a list of meetings."""
    cursor, found = "", []
    while cursor is not None:
        status, body = ask(
            sandbox, "/meetings", [*query, *([("cursor", cursor)] if cursor else [])], **options
        )
        assert status == 200, body
        found.append(body["items"])
        cursor = body["next_cursor"]
    return found


def meetings(sandbox, query=(), **options):
    return [item for rows in pages(sandbox, query, **options) for item in rows]


def ids(rows):
    return [row["recording_id"] for row in rows]


@pytest.fixture
def fathom(sandbox):
    """Without limits, as most tests want it."""
    sandbox.turn("fathom", rate_limits=False, meetings=35)
    return sandbox


# --- True to the schema ---------------------------------------------------------------------------
def test_a_list_of_meetings_is_as_the_schema_says_with_everything_and_with_nothing_asked(fathom):
    for query in (EVERYTHING, {}):
        status, body = ask(fathom, "/meetings", query)
        assert (status, fits(body, "MeetingListResponse")) == (200, [])
        assert (body["limit"], len(body["items"])) == (10, 10)
    assert body["items"][0]["transcript"] is None
    fathom.turn("fathom", unasked="absent")
    assert "transcript" not in ask(fathom, "/meetings")[1]["items"][0]


@pytest.mark.parametrize(
    ("path", "schema"),
    [("/teams", "Team"), ("/team_members", "TeamMember"), ("/meeting_types", "MeetingType")],
)
def test_the_other_lists_are_as_the_schema_says(path, schema, fathom):
    status, body = ask(fathom, path)

    assert (status, fits(body, f"{schema}ListResponse")) == (200, [])
    assert body["items"]


def test_a_recording_tells_its_summary_and_transcript(fathom):
    first = ask(fathom, "/meetings", EVERYTHING)[1]["items"][0]
    place = f"/recordings/{first['recording_id']}"

    assert ask(fathom, f"{place}/summary") == (200, {"summary": first["default_summary"]})
    assert ask(fathom, f"{place}/transcript") == (200, {"transcript": first["transcript"]})
    later = {"destination_url": "https://koppel.example/x"}
    assert ask(fathom, f"{place}/summary", later) == (200, later)
    assert ask(fathom, "/recordings/7/summary")[0] == 404
    assert ask(fathom, "/recordings/abc/summary")[0] == 400


def test_users_are_for_administrators_alone(fathom):
    assert ask(fathom, "/users")[0] == 403


# --- Lists ----------------------------------------------------------------------------------------
def test_every_meeting_is_listed_once_newest_first_by_pages_of_ten(fathom):
    found = pages(fathom)

    assert [len(rows) for rows in found] == [10, 10, 10, 5]
    rows = meetings(fathom)
    assert len(set(ids(rows))) == 35
    times = [row["created_at"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert times[0] <= datetime.now(UTC).isoformat()


def test_the_times_bound_a_list_and_say_whether_they_are_included(fathom):
    rows = meetings(fathom)
    window = [("created_after", rows[20]["created_at"]), ("created_before", rows[10]["created_at"])]

    assert ids(meetings(fathom, window)) == ids(rows[10:21])
    fathom.turn("fathom", inclusive=False)
    assert ids(meetings(fathom, window)) == ids(rows[11:20])
    assert meetings(fathom, [("created_after", "2190-01-01T00:00:00Z")]) == []


def test_recorders_are_any_of_those_named_whatever_their_case(fathom):
    rows = meetings(fathom)
    wanted = ["MILAN.devries@example.com", "c.martin@example.com"]

    found = meetings(fathom, [("recorded_by[]", address) for address in wanted])

    expected = [
        row
        for row in rows
        if row["recorded_by"]["email"].lower() in {name.lower() for name in wanted}
    ]
    assert 0 < len(expected) < 35
    assert ids(found) == ids(expected)


@pytest.mark.parametrize(
    ("query", "meets"),
    [
        (
            ("teams[]", "Success Antwerp"),
            lambda row: row["recorded_by"]["team"] == "Success Antwerp",
        ),
        (("meeting_type", "Demo"), lambda row: row["meeting_type"] == "Demo"),
        (("meeting_type", "Nothing known"), lambda row: False),
        (
            ("calendar_invitees_domains_type", "only_internal"),
            lambda row: row["calendar_invitees_domains_type"] == "only_internal",
        ),
        (
            ("calendar_invitees_domains[]", "nowak.example"),
            lambda row: any(
                person["email_domain"] == "nowak.example" for person in row["calendar_invitees"]
            ),
        ),
    ],
)
def test_each_filter_gives_those_that_meet_it(query, meets, fathom):
    fathom.turn("fathom", meetings=150)
    rows = meetings(fathom)

    assert ids(meetings(fathom, [query])) == ids([row for row in rows if meets(row)])


@pytest.mark.parametrize(
    "query",
    [
        {"created_after": "yesterday"},
        {"include_transcript": "True"},
        {"calendar_invitees_domains_type": "external"},
        {"limit": "100"},
        {"recorded_by": "a@example.com"},
        {"cursor": "x"},
    ],
)
def test_what_the_vendor_has_not_is_refused(query, fathom):
    assert ask(fathom, "/meetings", query)[0] == 400


@time_machine.travel(datetime(2026, 11, 25, 18, tzinfo=UTC))
def test_the_keys_see_meetings_that_overlap(fathom):
    # Which of them there are comes of the date.
    fathom.reset()
    fathom.turn("fathom", rate_limits=False, meetings=60)
    all_of_them, third, own = (set(ids(meetings(fathom, key=key))) for key in DEMO_KEYS)

    assert third < all_of_them
    assert own < all_of_them
    assert third & own
    assert third - own
    hidden = (all_of_them - own).pop()
    assert ask(fathom, f"/recordings/{hidden}/summary", key=DEMO_KEYS[2])[0] == 404
    fathom.turn("fathom", revoked=[DEMO_KEYS[0]])
    assert ask(fathom, "/meetings")[0] == 401


# On a working day a meeting may come between two of these.
@time_machine.travel(datetime(2026, 11, 28, 12, tzinfo=UTC), tick=False)
def test_a_seed_and_a_number_always_give_the_same_meeting():
    first, other, third = Fathom(7), Fathom(7), Fathom(8)
    found = [
        [vendor.archive.render(entry, ()) for entry in vendor.archive.newest()]
        for vendor in (first, other, third)
    ]

    assert found[0] == found[1]
    assert found[0] != found[2]
    # A later start has the same ones, and more.
    more = Fathom(7)
    more.turn({"meetings": 390})
    assert set(more.archive.entries) < set(first.archive.entries)


@pytest.mark.parametrize("size", [2_500, 60_000])
def test_a_meeting_can_be_as_long_as_wanted_in_varied_words(size, fathom):
    fathom.turn("fathom", size=size)

    for row in ask(fathom, "/meetings", EVERYTHING)[1]["items"]:
        written = json.dumps(row, ensure_ascii=False).encode()
        assert size * 0.95 < len(written) < size * 1.1 + 900
        words = " ".join(item["text"] for item in row["transcript"]).split()
        assert len(set(words)) > len(words) * 0.2


# --- Limits ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("switched", "most"), [({}, 30), ({"heavy_limit": 5}, 5)])
def test_heavy_calls_have_a_limit_of_their_own(switched, most, sandbox):
    sandbox.turn("fathom", **switched)

    heavy = [ask(sandbox, "/meetings", {"include_summary": "true"})[0] for _ in range(most + 1)]

    assert heavy == [200] * most + [429]
    assert ask(sandbox, "/meetings")[0] == 200
    assert ask(sandbox, "/recordings/1/transcript")[0] == 429


def test_a_refusal_for_the_limit_says_when_to_come_back(sandbox):
    sandbox.turn("fathom", heavy_limit=1)
    url = f"{sandbox.url('fathom', '/external/v1')}/meetings?include_transcript=true"
    request = Request(url, headers={"X-Api-Key": DEMO_KEYS[0]})
    urlopen(request).close()

    with pytest.raises(HTTPError) as refused:
        urlopen(request)

    assert refused.value.code == 429
    assert refused.value.headers["RateLimit-Limit"] == "1"
    assert refused.value.headers["RateLimit-Remaining"] == "0"
    assert 50 < int(refused.value.headers["Retry-After"]) <= 61


# --- What happens meanwhile -----------------------------------------------------------------------
def test_meetings_arrive_late_change_and_vanish(fathom):
    before = meetings(fathom)
    new, late = (
        fathom.act("fathom", "arrive")[0],
        fathom.act("fathom", "arrive", seconds_ago=20 * 86400)[0],
    )

    rows = meetings(fathom)
    assert rows[0]["recording_id"] == new
    assert ids(rows).index(late) > 5
    assert len(rows) == len(before) + 2

    fathom.act("fathom", "change", recording_id=late, title="Another title")
    assert (
        next(row for row in meetings(fathom) if row["recording_id"] == late)["title"]
        == "Another title"
    )

    fathom.act("fathom", "vanish", recording_id=late)
    assert late not in ids(meetings(fathom))


def test_pages_shift_while_meetings_come_in(fathom):
    fathom.turn("fathom", arriving=2)

    found = meetings(fathom)

    assert len(found) > len(set(ids(found)))


def test_meetings_can_share_one_time(fathom):
    fathom.turn("fathom", equal_times=12)

    times = [row["created_at"] for row in meetings(fathom)]

    assert max(times.count(moment) for moment in times) == 12


@pytest.mark.parametrize("kind", ["nulls", "strange", "broken"])
def test_a_share_of_the_meetings_is_not_as_the_schema_says(kind, fathom):
    fathom.turn("fathom", meetings=200, **{kind: 0.3})

    rows = meetings(fathom, EVERYTHING.items())

    odd = {
        fact["recording_id"] for fact in fathom.act("fathom", "facts") if kind in fact["oddities"]
    }
    assert 30 < len(odd) < 90
    sound = [row for row in rows if row.get("recording_id") and row["recording_id"] not in odd]
    assert all(fits(row, "Meeting") == [] for row in sound)
    # A field that is merely new breaks no schema; the others do.
    off_schema = sum(1 for row in rows if fits(row, "Meeting"))
    assert len(odd) * 0.5 < off_schema <= len(odd)
    fathom.turn("fathom", unasked="absent")
    assert len(meetings(fathom)) == 200


def test_the_facts_are_what_the_list_says(fathom):
    facts = fathom.act("fathom", "facts")

    rows = meetings(fathom)
    assert [(fact["recording_id"], fact["created_at"], fact["recorded_by"]) for fact in facts] == [
        (row["recording_id"], row["created_at"], row["recorded_by"]["email"]) for row in rows
    ]


def test_new_meetings_come_as_time_passes_where_it_is_switched_on(monkeypatch):
    # Between two Saturdays lie whole weeks: meetings come at other seconds each day.
    saturday = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()
    monkeypatch.setattr("sandbox.vendors.fathom.archive.time.time", lambda: saturday)
    vendor = Fathom(1)
    vendor.turn({"live": True})
    newest = next(iter(vendor.archive.newest())).id
    later = saturday + timedelta(days=14).total_seconds()
    monkeypatch.setattr("sandbox.vendors.fathom.archive.time.time", lambda: later)

    come = vendor.archive.grow()

    assert [entry.id for entry in come] == list(range(newest + 1, newest + 101))
