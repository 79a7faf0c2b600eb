"""Several ways in at once: syncs, webhooks and a second look over the same meetings.
No duplicate, no lost update.
"""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection

from calls.models import Call
from core import runs
from core.models import Run
from crm import services
from fathom_sync.ledger import reconciling
from fathom_sync.meetings import pages, storing, unmatched
from fathom_sync.models import FathomMeeting
from fathom_sync.syncs import sync
from tests.fathom_sync.cast import chloe, installation, own_account, point_at
from tests.support.people import organization

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 11, 1, 9, tzinfo=UTC)
COUNT = 30


def meeting(number, title="First", email="chloe.martin@example.com", **more):
    return json.dumps(
        {
            "recording_id": number,
            "title": title,
            "created_at": "2026-10-30T10:00:00Z",
            "recording_start_time": "2026-10-30T09:00:00Z",
            "recording_end_time": "2026-10-30T09:30:00Z",
            "recorded_by": {"name": "Chloe", "email": email, "team": None},
            "calendar_invitees": [],
            **more,
        }
    ).encode()


def listed(*raws):
    return [pages.item(raw) for raw in raws]


def together(*works):
    """Each in a thread of its own, all let go at once; what one raises is raised here."""
    gate = threading.Barrier(len(works))

    def run(work):
        gate.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(run, work) for work in works]]


def told_at_once(shared, own, number):
    """Four versions of one meeting, and another one beside it, in whatever order they come."""
    versions = [meeting(number, f"Version {version}", extra=version) for version in range(4)]
    when = [START + timedelta(minutes=version) for version in range(4)]
    beside = meeting(number + 1000)
    together(
        lambda: storing.store(shared, listed(versions[0], beside), when[0]),
        lambda: storing.store(own, listed(beside, versions[1]), when[1]),
        lambda: storing.store_pushed(shared, versions[3], received_at=when[3]),
        lambda: storing.store(shared, listed(versions[2]), when[2]),
    )


def test_two_syncs_webhooks_and_a_refresh_at_once_end_with_the_newest_of_each_meeting():
    northwind = organization()
    shared, own = installation(), own_account(northwind)
    rep = chloe(northwind)
    for number in range(1, COUNT + 1):
        told_at_once(shared, own, number)
    calls = Call.objects.filter(external_id__in=range(1, COUNT + 1))
    assert calls.count() == COUNT
    assert set(calls.values_list("title", flat=True)) == {"Version 3"}
    rows = FathomMeeting.objects.all()
    assert rows.count() == 2 * COUNT
    assert set(
        rows.filter(recording_id__in=range(1, COUNT + 1)).values_list("title", "outcome")
    ) == {("Version 3", "imported")}
    assert all(set(row.accounts) == {shared.pk, own.pk} for row in rows)
    rep.refresh_from_db()
    assert rep.call_count == 2 * COUNT


def test_a_meeting_stored_while_its_rep_is_added_never_waits_for_ever():
    northwind = organization()
    account = installation()

    for number in range(COUNT):
        email = f"rep{number}@example.com"

        def add(number=number, email=email):
            rep = services.create_rep(organization=northwind, name=f"Rep {number}", email=email)
            unmatched.look_again(rep.pk)

        def fetch(number=number, email=email):
            storing.store(account, listed(meeting(number + 1, email=email)), START)

        together(add, fetch)
    assert FathomMeeting.objects.filter(outcome="imported").count() == COUNT
    assert Call.objects.count() == COUNT


def test_older_never_replaces_newer_and_says_nothing_new():
    account = installation()
    rep = chloe(organization())
    storing.store(account, listed(meeting(1, "New")), START + timedelta(hours=1))
    stored = storing.store(account, listed(meeting(1, "Old")), START)
    assert stored.outcomes == {"duplicate": 1}
    assert Call.objects.get(rep=rep).title == "New"
    assert FathomMeeting.objects.get().title == "New"


def test_pushed_again_it_has_no_second_effect():
    account = installation()
    chloe(organization())
    first = storing.store_pushed(account, meeting(1))
    before = Call.objects.values().get(), FathomMeeting.objects.values().get()
    second = storing.store_pushed(account, meeting(1))
    assert (first.outcomes, second.outcomes) == ({"imported": 1}, {"duplicate": 1})
    assert (Call.objects.values().get(), FathomMeeting.objects.values().get()) == before


def test_a_part_that_was_not_asked_for_takes_nothing_away():
    account = installation()
    chloe(organization())
    whole = {
        "default_summary": {"template_name": None, "markdown_formatted": "## What was said"},
        "transcript": [
            {"speaker": {"display_name": "Ada"}, "text": "Hello", "timestamp": "00:00:04"}
        ],
    }
    storing.store(account, listed(meeting(1, **whole)), START)
    storing.store_pushed(account, meeting(1, default_summary=None, transcript=None))
    call = Call.objects.get()
    assert call.summary == "## What was said"
    assert call.transcript.text == "Ada: Hello"


def test_walks_of_one_account_go_one_after_another_whoever_asks_for_what(
    sandbox, settings, monkeypatch
):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=20)
    account, rep = installation(), chloe(organization())

    def work_all():
        while waiting := Run.objects.filter(state__in=Run.OPEN):
            for run in waiting:
                runs.execute(run.pk)

    together(
        lambda: sync.start_sync(account, hours=24, trigger="page"),
        lambda: sync.start_sync(account, hours=24, trigger="api"),
        lambda: sync.start_sync(account, hours=720, reset=True, trigger="page"),
        lambda: sync.start_sync(account, rep=rep, hours=168, trigger="page"),
        lambda: reconciling.start_reconcile(account, days=30, trigger="command"),
        work_all,
        work_all,
        work_all,
    )
    work_all()
    walks = list(Run.objects.order_by("started_at"))
    assert {run.state for run in walks} == {"succeeded"}
    assert all(before.finished_at <= after.started_at for before, after in pairwise(walks))
    asked = [
        (run.kind, run.parameters.get("hours"), run.parameters.get("rep") is not None)
        for run in walks
    ]
    wanted = {
        ("fathom.sync", 720, False),
        ("fathom.sync", 168, True),
        ("fathom.reconcile", None, False),
    }
    assert wanted <= set(asked)
