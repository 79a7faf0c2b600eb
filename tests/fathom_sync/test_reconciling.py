"""The nightly proof: what Fathom lists is held against what is here, gaps close by themselves
and stay visible.
"""

import pytest

from calls.models import Call
from core import runs
from core.models import Run
from fathom_sync.ledger import reconciling
from fathom_sync.models import FathomMeeting, LedgerDay, ListedDay
from tests.fathom_sync.cast import CHLOE, chloe, free_the_quota, installation, point_at, synced
from tests.support.people import organization

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    # Some twenty of each, whatever the day.
    people = [CHLOE, "anna.kowalska@example.com", "j.alvarez@example.com"]
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=60, recorders=people)
    return sandbox


@pytest.fixture
def account(db):
    chloe(organization())
    found = installation()
    synced(found)
    return found


def reconciled(account, **options):
    free_the_quota()
    account.refresh_from_db()
    run, _started = reconciling.start_reconcile(account, trigger="test", **options)
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def lose(count):
    """As a page that never came: no row, no call."""
    rows = list(FathomMeeting.objects.filter(recorder=CHLOE).order_by("-created_at")[3 : 3 + count])
    Call.objects.filter(pk__in=[row.call_id for row in rows]).delete()
    FathomMeeting.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return [row.recording_id for row in rows]


def test_when_nothing_is_missing_it_says_so(account):
    run = reconciled(account)
    assert (run.state, run.error) == (Run.State.SUCCEEDED, "")
    assert run.counts["listed"] == 60
    assert run.counts["found_missing"] == 0
    ledger = run.evidence["ledger"]
    assert ledger["at_vendor"] == 60 == ledger["here"] + ledger["skipped"]
    assert run.evidence["whole"] is True


def test_a_gap_is_found_closed_and_stays_visible(account):
    lost = lose(4)
    run = reconciled(account)
    assert run.state == Run.State.SUCCEEDED
    assert run.counts["found_missing"] == 4
    assert Call.objects.filter(external_id__in=lost).count() == 4
    rows = FathomMeeting.objects.filter(recording_id__in=lost)
    assert rows.filter(outcome="imported", healed_at__isnull=False).count() == 4
    assert sum(LedgerDay.objects.values_list("healed", flat=True)) == 4
    assert sum(run.outcomes.values()) == run.counts["processed"]


def test_a_meeting_that_is_gone_from_fathom_stays_here_and_is_said_to_be_gone(account, fathom):
    gone = FathomMeeting.objects.filter(outcome="imported").first()
    fathom.act("fathom", "vanish", recording_id=int(gone.recording_id))
    for _night in range(2):
        counted = reconciled(account).evidence["ledger"]
        assert (counted["at_vendor"], counted["gone"]) == (59, 1)
        assert sum(LedgerDay.objects.values_list("gone", flat=True)) == 1
        assert sum(LedgerDay.objects.values_list("at_vendor", flat=True)) == 59
    assert Call.objects.filter(pk=gone.call_id).exists()


def test_one_that_is_listed_again_is_not_gone(account):
    row = FathomMeeting.objects.filter(outcome="imported").first()
    listed = ListedDay.objects.get(day=row.day)
    listed.names.remove(row.recording_id)
    ListedDay.objects.filter(pk=listed.pk).update(names=listed.names, gone=[row.recording_id])
    counted = reconciled(account).evidence["ledger"]
    assert (counted["at_vendor"], counted["gone"]) == (60, 0)
    assert not ListedDay.objects.exclude(gone=[]).exists()


def test_a_later_change_is_fetched_although_fathom_tells_of_none(account, fathom):
    [recent] = fathom.act("fathom", "arrive", count=1, seconds_ago=4000, recorded_by=CHLOE)
    synced(account, hours=24)
    fathom.act("fathom", "change", recording_id=recent, title="Told later")
    reconciled(account)
    assert Call.objects.get(external_id=recent).title == "Told later"


def test_the_whole_history_is_compared_only_now_and_then(account):
    reconciled(account)
    run = reconciled(account)
    assert run.evidence["whole"] is False


def test_what_cannot_be_fetched_leaves_the_run_incomplete(account, fathom):
    [lost] = lose(1)
    row = FathomMeeting.objects.filter(outcome="imported").order_by("created_at").first()
    FathomMeeting.objects.filter(pk=row.pk).update(
        outcome="missing", reason="not_fetched", created_at=None, call=None
    )
    run = reconciled(account, days=30)
    assert Call.objects.filter(external_id=lost).exists()
    assert run.state == Run.State.INCOMPLETE
    assert run.evidence["ledger"]["missing"] == 1
