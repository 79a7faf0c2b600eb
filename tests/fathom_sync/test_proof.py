"""The proof is proof: what is "at Fathom" was seen there by the check that says so,
on days that it walked whole.
"""

import io
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from calls.models import Call
from core import runs
from core.models import Run
from fathom_sync import accounts
from fathom_sync.accounts import connection as link
from fathom_sync.ledger import days, reconciling
from fathom_sync.ledger.listing import Walked
from fathom_sync.models import FathomMeeting, LedgerDay, ListedDay, SeenDay
from fathom_sync.syncs import plans, sync
from sandbox.vendors.fathom import DEMO_KEYS
from tests.fathom_sync.cast import (
    CHLOE,
    chloe,
    free_the_quota,
    installation,
    own_account,
    point_at,
    synced,
)
from tests.support.people import organization

pytestmark = pytest.mark.django_db
MEETINGS = 60


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=MEETINGS)
    return sandbox


@pytest.fixture
def account(db):
    chloe(organization())
    found = installation()
    synced(found)
    found.refresh_from_db()
    return found


def checked(account, **options):
    free_the_quota()
    account.refresh_from_db()
    run, _started = reconciling.start_reconcile(account, trigger="test", **options)
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def total(name):
    return sum(LedgerDay.objects.values_list(name, flat=True))


def once(name):
    """Without what another organization's day counts as well."""
    return total(name) - sum(
        found.get(name, 0) for found in LedgerDay.objects.values_list("doubled", flat=True)
    )


def vanish(fathom):
    """One of Chloe's meetings, on a day that has another one of hers, goes from Fathom."""
    for row in FathomMeeting.objects.filter(recorder=CHLOE).order_by("-day"):
        if FathomMeeting.objects.filter(recorder=CHLOE, day=row.day).count() > 1:
            fathom.act("fathom", "vanish", recording_id=int(row.recording_id))
            return row
    raise AssertionError("no day has two of her meetings")


def lose(count):
    """Rows and calls go as they would in a database that was set back."""
    rows = list(FathomMeeting.objects.filter(outcome="imported").order_by("recording_id")[:count])
    Call.objects.filter(pk__in=[row.call_id for row in rows]).delete()
    FathomMeeting.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return rows


# --- Another key ----------------------------------------------------------------------------------
def test_what_an_earlier_key_listed_stands_apart_however_often_the_new_one_is_checked(account):
    accounts.save(account, api_key=DEMO_KEYS[1], actor="test")
    for _night in range(2):
        run = checked(account, days=3650)
        counted = run.evidence["ledger"]
        assert run.state == Run.State.SUCCEEDED
        assert counted["at_vendor"] == run.counts["listed"] == total("at_vendor")
        assert 0 < counted["at_vendor"] < MEETINGS
        assert counted["earlier_key"] == total("earlier_key") == MEETINGS - counted["at_vendor"]
        assert counted["here"] + counted["skipped"] == counted["at_vendor"]
        assert counted["gone"] == total("gone") == 0


def test_the_command_says_what_an_earlier_key_listed_apart(account):
    accounts.save(account, api_key=DEMO_KEYS[1], actor="test")
    output = io.StringIO()
    call_command("reconcile_fathom", days=3650, stdout=output)
    listed = total("at_vendor")
    assert f"Installation: {listed} at Fathom, " in output.getvalue()
    assert (
        f"{MEETINGS - listed} listed by an earlier key, not checked by this one"
        in output.getvalue()
    )


def test_a_new_key_that_has_listed_nothing_yet_proves_nothing(account, fathom):
    accounts.save(account, api_key=DEMO_KEYS[1], actor="test")
    fathom.turn("fathom", revoked=[DEMO_KEYS[1]])
    assert checked(account).state == Run.State.FAILED
    assert (total("at_vendor"), total("earlier_key")) == (0, MEETINGS)


def test_an_account_without_a_key_lists_nothing_any_more(account):
    accounts.save(account, api_key="", actor="test")
    days.recount(set(ListedDay.objects.values_list("day", flat=True)))
    assert (total("at_vendor"), total("earlier_key")) == (0, MEETINGS)


def test_the_test_of_a_connection_counts_what_this_key_has_listed(account):
    assert link.check(account, actor="test").facts["calls_count"] == MEETINGS
    accounts.save(account, api_key=DEMO_KEYS[1], actor="test")
    free_the_quota()
    assert link.check(account, actor="test").facts["calls_count"] < MEETINGS
    listed = checked(account, days=3650).counts["listed"]
    free_the_quota()
    found = link.check(account, actor="test")
    assert (found.facts["calls_count"], found.facts["calls_count_is_exact"]) == (listed, False)


def test_a_walk_that_is_resumed_with_another_key_begins_anew(account):
    run, _new = sync.start_sync(account, reset=True, trigger="test")
    plan = plans.make(account, run.parameters, timezone.now() - timedelta(days=20))
    Run.objects.filter(pk=run.pk).update(checkpoint={**plan.as_json(), "key": account.listing_key})
    SeenDay.objects.create(run=run, day=timezone.now().date(), names=["1"])
    accounts.save(account, api_key=DEMO_KEYS[1], actor="test")
    free_the_quota()
    runs.execute(run.pk)
    run.refresh_from_db()
    assert run.evidence["ledger"]["at_vendor"] == run.counts["processed"] == total("at_vendor")
    assert run.evidence["ledger"]["missing"] == 0


# --- What is not listed any more ------------------------------------------------------------------
def test_what_vanished_is_not_at_fathom_any_more_after_a_sync(account, fathom):
    row = vanish(fathom)
    day = LedgerDay.objects.get(day=row.day, rep=row.rep)
    run = synced(account, reset=True)
    after = LedgerDay.objects.get(pk=day.pk)
    assert run.evidence["ledger"]["at_vendor"] == run.counts["processed"] == MEETINGS - 1
    assert run.evidence["ledger"]["gone"] == 1
    assert (after.at_vendor, after.here, after.gone) == (day.at_vendor - 1, day.here - 1, 1)
    assert after.checked_at > day.checked_at
    assert Call.objects.filter(pk=row.call_id).exists()


def test_a_day_that_was_walked_in_part_is_left_as_it_was(account, fathom):
    row = vanish(fathom)
    before = (
        list(LedgerDay.objects.order_by("pk").values()),
        list(ListedDay.objects.order_by("pk").values()),
    )
    run, _new = sync.start_sync(account, reset=True, trigger="test")
    noon = datetime.combine(row.day, time(5), UTC)
    SeenDay.objects.create(run=run, day=row.day, names=[])
    assert (
        days.count(account, Walked(run.pk, account.listing_key, noon, noon + timedelta(hours=9)))
        is None
    )
    assert before == (
        list(LedgerDay.objects.order_by("pk").values()),
        list(ListedDay.objects.order_by("pk").values()),
    )  # fmt: skip


def test_a_reps_walk_says_nothing_of_what_others_recorded(account, fathom):
    row = vanish(fathom)
    before = LedgerDay.objects.filter(rep=None).order_by("pk")
    was = list(before.values())
    run = synced(account, rep=row.rep, reset=True)
    assert run.evidence["ledger"]["at_vendor"] == run.counts["processed"]
    assert (
        LedgerDay.objects.get(day=row.day, rep=row.rep).gone == run.evidence["ledger"]["gone"] == 1
    )
    assert list(before.values()) == was


# --- What is missing ------------------------------------------------------------------------------
def test_what_a_sync_saw_and_cannot_be_found_here_is_missing(db, fathom):
    chloe(organization())
    fact = next(
        listed for listed in fathom.act("fathom", "facts") if listed["recorded_by"].lower() == CHLOE
    )
    with connection.cursor() as cursor:
        # As a row that is lost on its way: the database takes it and keeps nothing.
        cursor.execute(
            "CREATE FUNCTION lose_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        )
        cursor.execute(
            "CREATE TRIGGER lose_it BEFORE INSERT ON fathom_sync_fathommeeting FOR EACH ROW "
            f"WHEN (NEW.recording_id = '{int(fact['recording_id'])}') EXECUTE FUNCTION lose_it()"
        )
    run = synced(installation())
    assert run.state == Run.State.INCOMPLETE
    assert run.why.startswith("1 meetings that Fathom lists")
    assert (run.evidence["ledger"]["at_vendor"], run.evidence["ledger"]["missing"]) == (MEETINGS, 1)
    assert (total("at_vendor"), total("missing")) == (MEETINGS, 1)


def test_the_ledger_remembers_what_was_listed_when_it_is_lost_here(account):
    lost = lose(3)
    days.recount({row.day for row in lost})
    assert (total("at_vendor"), total("missing")) == (MEETINGS, 3)
    run = synced(account, reset=True)
    assert (run.evidence["ledger"]["missing"], total("missing")) == (0, 0)


def test_meetings_without_a_date_or_an_id_are_counted_however_they_are_walked(db, fathom):
    fathom.turn("fathom", meetings=MEETINGS, nulls=0.2, strange=0.2, broken=1.0, equal_times=7)
    chloe(organization())
    account = installation()
    assert synced(account).evidence["ledger"]["at_vendor"] == MEETINGS
    assert FathomMeeting.objects.filter(created_at=None).exists()
    for how in ({"days": 2}, {"days": 3650}, {}):
        run = checked(account, **how)
        assert (run.state, total("at_vendor"), total("gone")) == ("succeeded", MEETINGS, 0)


# --- Once -----------------------------------------------------------------------------------------
def test_a_meeting_that_two_organizations_and_the_agency_list_is_one(db):
    northwind, contoso = organization("Northwind"), organization("Contoso")
    chloe(northwind)
    synced(installation())
    synced(own_account(northwind, DEMO_KEYS[1]))
    synced(own_account(contoso, DEMO_KEYS[1]))
    doubled = sum(
        sum(found.values()) for found in LedgerDay.objects.values_list("doubled", flat=True)
    )
    assert FathomMeeting.objects.count() > MEETINGS
    assert total("at_vendor") - doubled == MEETINGS
    for owner in (northwind, contoso):
        theirs = LedgerDay.objects.filter(organization=owner)
        assert (
            sum(theirs.values_list("at_vendor", flat=True))
            == FathomMeeting.objects.filter(organization=owner).count()
        )


def test_what_two_organizations_have_of_an_earlier_key_or_that_is_gone_is_one_too(db, fathom):
    northwind, contoso = organization("Northwind"), organization("Contoso")
    chloe(northwind)
    chloe(contoso)
    account = installation()
    synced(account)
    shared = FathomMeeting.objects.filter(reason="ambiguous")
    assert shared.count() == 2 * shared.values("recording_id").distinct().count() > 2
    fathom.act("fathom", "vanish", recording_id=int(shared.order_by("pk")[0].recording_id))
    synced(account, reset=True)
    assert (total("gone"), once("gone")) == (2, 1)
    accounts.save(account, api_key=DEMO_KEYS[1], actor="test")
    listed = synced(account, reset=True).evidence["ledger"]
    assert total("earlier_key") > once("earlier_key") == listed["earlier_key"]


# --- What a check leaves behind -------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["sync", "check"])
def test_a_walk_whose_worker_died_at_its_very_end_is_ended_by_another_with_the_same_proof(
    kind, account
):
    run = synced(account, reset=True) if kind == "sync" else checked(account)
    evidence, days = run.evidence["ledger"], list(LedgerDay.objects.order_by("pk").values())
    Run.objects.filter(pk=run.pk).update(state=Run.State.QUEUED, finished_at=None)
    free_the_quota()
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.evidence["ledger"]) == (Run.State.SUCCEEDED, evidence)
    assert list(LedgerDay.objects.order_by("pk").values()) == days


def test_an_older_walk_that_ends_later_takes_nothing_from_a_newer_one(account):
    run, _new = sync.start_sync(account, trigger="test")
    before = (
        list(LedgerDay.objects.order_by("pk").values()),
        list(ListedDay.objects.order_by("pk").values()),
    )
    newer = max(day.walked_at for day in ListedDay.objects.exclude(walked_at=None))
    days.count(
        account, Walked(run.pk, account.listing_key, None, newer - timedelta(milliseconds=1))
    )
    assert before == (
        list(LedgerDay.objects.order_by("pk").values()),
        list(ListedDay.objects.order_by("pk").values()),
    )  # fmt: skip


def test_what_a_walk_saw_is_forgotten_when_the_next_one_begins(account):
    run, _new = sync.start_sync(account, trigger="test")
    SeenDay.objects.create(run=run, day=timezone.now().date(), names=["1"])
    Run.objects.filter(pk=run.pk).update(state=Run.State.CANCELLED)
    after = synced(account)
    assert set(SeenDay.objects.values_list("run_id", flat=True)) <= {after.pk}
