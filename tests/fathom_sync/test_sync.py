"""A sync: every meeting that Fathom lists becomes a call or has a reason,
and the run says how many of each.
"""

import pytest
from django.db.models.expressions import RawSQL
from django.utils import timezone

from calls.models import Call
from core.connections import Connection
from core.models import Run
from fathom_sync import accounts
from fathom_sync.models import FathomMeeting, LedgerDay
from fathom_sync.syncs import plans, sync
from tests.fathom_sync.cast import (
    CHLOE,
    CHLOES_ALIAS,
    chloe,
    installation,
    point_at,
    recorded_by,
    synced,
)
from tests.support.people import organization

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=47)
    return sandbox


@pytest.fixture
def account(db):
    return installation()


def asked(fathom):
    return [row for row in fathom.journal("fathom") if "/meetings" in row["path"]]


def test_every_meeting_is_here_or_has_a_reason(account, fathom):
    rep = chloe(organization(), aliases=[CHLOES_ALIAS])
    hers = recorded_by(fathom, CHLOE, CHLOES_ALIAS)
    run = synced(account)
    assert (run.state, run.error) == (Run.State.SUCCEEDED, "")
    assert run.counts == {"processed": 47, "pages": 5}
    assert run.outcomes == {"imported": len(hers), "skipped_no_rep": 47 - len(hers)}
    assert set(Call.objects.filter(rep=rep).values_list("external_id", flat=True)) == hers
    rep.refresh_from_db()
    assert rep.call_count == len(hers)
    assert run.evidence["ledger"] == {
        "at_vendor": 47, "here": len(hers), "skipped": 47 - len(hers), "errors": 0, "missing": 0,
        "healed": 0, "gone": 0, "earlier_key": 0,
    }  # fmt: skip


def test_a_call_holds_all_that_fathom_says(account, fathom):
    rep = chloe(organization())
    synced(account)
    call = Call.objects.filter(rep=rep).select_related("transcript").first()
    assert call.summary
    assert call.title
    assert call.url.startswith("https://fathom.example/calls/")
    assert call.transcript.segments[0]["at"] == 6
    assert call.participants.get(is_host=True).display_name == "Chloe Martin"
    assert call.duration_seconds == (call.ended_at - call.started_at).seconds
    assert call.status == Call.Status.COMPLETED


def test_what_waits_is_kept_and_what_is_here_is_not_kept_twice(account):
    chloe(organization())
    synced(account)
    assert not FathomMeeting.objects.filter(outcome="imported", raw__isnull=False).exists()
    assert not FathomMeeting.objects.filter(outcome="skipped", raw=None).exists()


def everything_written():
    """The rows, and by which transaction they were written; but for the checks of days:
    one whose meetings fit on a page is checked by each sync."""
    written = RawSQL("xmin::text", ())
    meetings = FathomMeeting.objects.order_by("pk").annotate(written=written).values()
    calls = Call.objects.order_by("pk").annotate(written=written).values()
    days = [{**day, "checked_at": None} for day in LedgerDay.objects.order_by("pk").values()]
    return list(meetings), list(calls), days


def test_the_second_sync_asks_once_and_writes_nothing(account, fathom):
    chloe(organization())
    synced(account)
    before = everything_written()
    fathom.forget()
    run = synced(account)
    assert run.state == Run.State.SUCCEEDED
    assert len(asked(fathom)) == 1
    assert everything_written() == before


def test_a_quiet_sync_stops_behind_the_watermark_although_the_overlap_is_long(account, fathom):
    fathom.act("fathom", "arrive", count=25, seconds_ago=60)
    synced(account)
    fathom.forget()
    synced(account)
    assert len(asked(fathom)) == 1


def test_a_late_meeting_in_the_overlap_is_found_when_the_whole_overlap_is_due(account, fathom):
    fathom.act("fathom", "arrive", count=25, seconds_ago=60)
    synced(account)
    [late] = fathom.act("fathom", "arrive", count=1, seconds_ago=3600)
    synced(account)
    assert not FathomMeeting.objects.filter(recording_id=late).exists()
    account.overlap_checked_at = timezone.now() - plans.WHOLE_OVERLAP_EVERY
    account.save()
    synced(account)
    assert FathomMeeting.objects.filter(recording_id=late).exists()


def test_a_changed_meeting_updates_its_call_and_says_so(account, fathom):
    rep = chloe(organization())
    synced(account)
    call = Call.objects.filter(rep=rep).first()
    fathom.act("fathom", "change", recording_id=int(call.external_id), title="Another title")
    run = synced(account, hours=24 * 30)
    assert run.outcomes["updated"] == 1
    assert run.outcomes["duplicate"] == Call.objects.count() - 1
    call.refresh_from_db()
    assert call.title == "Another title"


def test_a_span_of_hours_that_does_not_reach_the_watermark_moves_nothing(account):
    synced(account, hours=1)
    account.refresh_from_db()
    assert account.watermark is None
    assert account.last_synced_at is not None


def test_of_one_rep_only_their_addresses_are_asked_for(account, fathom):
    rep = chloe(organization(), aliases=[CHLOES_ALIAS])
    hers = recorded_by(fathom, CHLOE, CHLOES_ALIAS)
    run = synced(account, rep=rep)
    assert run.outcomes == {"imported": len(hers)}
    assert run.organization_id == rep.organization_id
    account.refresh_from_db()
    assert account.watermark is None


def test_the_second_start_joins_the_first(account):
    first, started = sync.start_sync(account, trigger="test")
    second, again = sync.start_sync(account, trigger="test")
    assert (started, again) == (True, False)
    assert first.pk == second.pk


def test_a_refused_key_ends_the_run_says_what_to_do_and_shows_on_the_account(account, fathom):
    fathom.turn("fathom", revoked=["koppel-demo.fathom-key_0001"])
    run = synced(account)
    assert run.state == Run.State.FAILED
    assert run.error == "Fathom does not accept the key. Enter a valid one and test the connection."
    account.refresh_from_db()
    assert accounts.status(account) == Connection.ERROR
    assert not FathomMeeting.objects.exists()
    assert account.watermark is None


def test_a_sync_that_works_makes_the_account_connected(account):
    synced(account)
    account.refresh_from_db()
    assert accounts.status(account) == Connection.CONNECTED
