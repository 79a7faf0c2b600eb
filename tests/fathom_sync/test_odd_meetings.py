"""One odd meeting costs itself at most: stored as far as it can be understood,
or kept as an error with its reason.
"""

import pytest
from django.utils import timezone

from calls.models import Call
from core.errors import Temporary
from core.models import Run
from fathom_sync.meetings import pages, parsing, storing
from fathom_sync.models import FathomMeeting
from tests.fathom_sync.cast import CHLOE, chloe, installation, point_at, synced
from tests.support.people import organization

pytestmark = pytest.mark.django_db

GOOD = b'{"recording_id": 1, "title": "Good", "recorded_by": {"email": "chloe.martin@example.com"}}'


def body(*items, cursor="null"):
    return (
        b'{"limit": 10, "items": ['
        + b", ".join(items)
        + b'], "next_cursor": '
        + cursor.encode()
        + b"}"
    )


def stored(*items):
    page = pages.read(body(*items))
    return storing.store(installation(), page.items, timezone.now()).outcomes


HERS = b'"recorded_by": {"email": "chloe.martin@example.com"}'
ODD = {
    "half a pair": b'"title": "\\ud83d"',
    "not a number": b'"title": NaN',
    "not UTF-8": b'"title": "\xff\xfe"',
    "NUL": b'"title": "a\\u0000b"',
    "other types": (
        b'"title": 7, "url": 4, "share_url": [], "transcript": {}, "calendar_invitees": "x"'
    ),
    "nulls": (
        b'"title": null, "transcript": null, "calendar_invitees": null, "action_items": '
        b'null, "url": null'
    ),
    "odd parts": (
        b'"action_items": [1, null, {}], "default_summary": [], "transcript": [{"speaker": 4}, 5]'
    ),
    "odd times": (
        b'"recording_start_time": "soon", "recording_end_time": 5, '
        b'"created_at": "0001-01-01T00:00:00+14:00"'
    ),
    "huge numbers": (
        b'"crm_matches": {"deals": [{"amount": 99999999999999999999999}]}, "new": [1e400]'
    ),
    "too deep": b'"highlights": ' + b"[" * 300 + b"]" * 300,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_can_be_understood_becomes_a_call_and_so_does_its_neighbour(odd):
    chloe(organization())
    whole = b'{"recording_id": 2, ' + odd + b", " + HERS + b"}"
    assert stored(whole, GOOD) == {"imported": 2}
    assert set(Call.objects.values_list("external_id", flat=True)) == {"1", "2"}
    assert stored(whole, GOOD) == {"duplicate": 2}


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (b'{"title": "No id"}', "no_id"),
        (b'{"recording_id": null}', "no_id"),
        (b'{"recording_id": true}', "no_id"),
        (b'{"recording_id": -4}', "no_id"),
        (b'{"recording_id": 1.5}', "no_id"),
        (b'{"recording_id": 123456789012345678901234567890}', "no_id"),
        (b'{"recording_id": {"id": 4}}', "no_id"),
        (b"null", "unreadable"),
        (b'"text"', "unreadable"),
        (b"[1, 2]", "unreadable"),
    ],
)
def test_a_meeting_without_a_usable_id_is_an_error_with_its_evidence_however_often_it_is_listed(
    odd, reason
):
    chloe(organization())
    for _time in range(2):
        outcomes = stored(odd, GOOD)
        assert outcomes[f"error_{reason}"] == 1
        assert sum(outcomes.values()) == 2
    row = FathomMeeting.objects.get(outcome="error")
    assert (row.reason, row.recording_id[0]) == (reason, "?")
    assert pages.loosely(storing.kept(row).raw) == pages.loosely(odd)


def test_without_an_id_it_is_one_meeting_with_and_without_its_transcript_and_another_is_another():
    light = b'{"recording_id": null, "url": "https://fathom.example/calls/4", "title": "Kick-off"}'
    heavy = (
        b'{"url": "https://fathom.example/calls/4", "title": "Kick-off, edited", "transcript": [], '
        b'"recording_id": 1.5}'
    )
    other = b'{"url": "https://fathom.example/calls/5", "title": "Kick-off"}'
    nowhere = b'{"title": "Kick-off", "transcript": []}'
    names = [
        pages.item(raw).name
        for raw in (light, heavy, other, nowhere, b'{"title": "Kick-off"}', b"{}", b"null")
    ]
    assert names[0] == names[1]
    assert names[3] == names[4]
    assert len(set(names)) == 5


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"{}", b'{"items": {}}', b"<html>", b'{"items": "x"}', b"\xff", b'{"x": NaN}'],
)
def test_what_is_no_list_is_a_fault_of_the_answer(answer):
    with pytest.raises(Temporary):
        pages.read(answer)


@pytest.mark.parametrize(
    ("written", "cursor"),
    [("null", None), ('""', None), ('"  "', None), ('"abc="', "abc="), ("7", "7"), ("[]", None)],
)
def test_the_end_is_a_cursor_that_says_nothing(written, cursor):
    assert pages.read(body(GOOD, cursor=written)).next_cursor == cursor
    assert pages.read(body(GOOD, b'{"t": NaN}', cursor=written)).next_cursor == cursor


def test_twice_on_a_page_it_is_stored_once_as_told_last():
    chloe(organization())
    assert stored(GOOD, GOOD.replace(b"Good", b"Better")) == {"imported": 1, "duplicate": 1}
    assert Call.objects.get().title == "Better"


@pytest.mark.parametrize(
    ("written", "seconds"), [("01:02:03", 3723), ("02:03", 123), (61.5, 61.5), ("x", 0), (None, 0)]
)
def test_a_timestamp_is_seconds_from_the_start(written, seconds):
    assert parsing.seconds(written) == seconds


@pytest.mark.parametrize("share", [{"nulls": 0.5}, {"strange": 0.5}, {"broken": 0.5}])
def test_a_list_full_of_oddities_adds_up(sandbox, settings, monkeypatch, share):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=60, **share)
    chloe(organization())
    run = synced(installation())
    assert run.state == Run.State.SUCCEEDED
    assert sum(run.outcomes.values()) == run.counts["processed"] == 60
    assert FathomMeeting.objects.count() == 60
    assert FathomMeeting.objects.filter(recorder=CHLOE, outcome="imported").exists()
