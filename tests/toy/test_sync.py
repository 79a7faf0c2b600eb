"""A list by page number into rows: outcomes that add up, days that are proved, gaps that heal,
deaths gone on from.
"""

from datetime import date, timedelta

import pytest

from core import ledger, runs, vendors
from core.connections import Connection
from core.models import Run, SeenNames, SourceDay
from tests.support import people
from tests.toy.models import ToyRecord
from tests.toy.service import FIRST_DAY, record
from tests.toy.vendor import SOURCE, TOY


def synced(account) -> Run:
    run, _is_new = vendors.start_sync(account, trigger="test")
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def sums(account) -> ledger.Sums:
    return ledger.sums(ledger.days(SOURCE.key, [account.pk], date.min, date.max))


def test_everything_comes_in_and_the_run_vouches_for_it(account):
    run = synced(account)
    assert (run.state, run.why) == ("succeeded", "")
    assert run.counts == {"processed": 25, "pages": 3}
    assert run.outcomes == {"imported": 25}
    assert run.evidence["ledger"] == {
        "at_vendor": 25,
        "here": 25,
        "missing": 0,
        "healed": 0,
        "gone": 0,
    }
    assert (run.progress_done, run.progress_total) == (25, 25)
    assert ToyRecord.objects.filter(account=account).count() == 25


def test_what_is_left_out_has_its_reason_on_each_day(account, service):
    service.records += [record(25, is_private=True), {"name": "without an id"}]
    run = synced(account)
    assert run.outcomes == {"imported": 25, "skipped_private": 1, "error_no_id": 1}
    assert run.state == "succeeded"
    shown = sums(account)
    assert (shown.at_vendor, shown.in_koppel, shown.left_out) == (
        27,
        25,
        {"private": 1, "no_id": 1},
    )
    day = SourceDay.objects.get(day=FIRST_DAY + timedelta(days=2))
    assert (day.at_vendor, day.in_koppel, day.left_out) == (6, 5, {"private": 1})


def test_the_same_again_changes_nothing_and_what_changed_is_updated(account, service):
    synced(account)
    service.records[3]["name"] = "another"
    run = synced(account)
    assert run.outcomes == {"unchanged": 24, "updated": 1}
    assert ToyRecord.objects.get(vendor_id="3").name == "another"


def test_what_the_vendor_lists_no_more_is_gone_and_not_deleted(account, service):
    synced(account)
    del service.records[:2]
    run = synced(account)
    assert (run.evidence["ledger"]["at_vendor"], run.evidence["ledger"]["gone"]) == (23, 2)
    assert ToyRecord.objects.count() == 25


def test_a_row_that_was_lost_is_missing_and_heals(account):
    run = synced(account)
    ToyRecord.objects.filter(vendor_id="7").delete()
    again, _is_new = vendors.start_sync(account, trigger="test")
    with runs.work(again.pk) as work:
        ledger.note(
            work,
            [
                ledger.Seen(str(number), FIRST_DAY + timedelta(days=number // 10))
                for number in range(25)
            ],
        )
        ledger.prove(work, SOURCE, first=date.min, last=date.max)
    again.refresh_from_db()
    assert again.state == "incomplete"
    assert "1 that the vendor lists could not be fetched yet" in again.why
    assert sums(account).missing == 1
    run = synced(account)
    assert (run.state, run.evidence["ledger"]["healed"]) == ("succeeded", 1)
    assert synced(account).evidence["ledger"]["healed"] == 1


def test_a_record_that_the_database_refuses_costs_no_other(account, service):
    service.records[4]["name"] = "x" * 30
    run = synced(account)
    assert run.outcomes == {"imported": 24, "error_refused": 1}
    assert run.state == "succeeded"
    assert sums(account).left_out == {"refused": 1}


@pytest.mark.parametrize("stored", [10, 20])
def test_a_run_that_died_goes_on_after_what_was_stored(account, service, stored):
    run, _is_new = vendors.start_sync(account, trigger="test")
    whole = service.records
    service.records = whole[:stored]
    runs.execute(run.pk)
    # As a worker leaves it that dies after this page.
    Run.objects.filter(pk=run.pk).update(
        state="queued",
        finished_at=None,
        checkpoint={"place": {"page": stored // 10, "done": False}},
    )
    service.records = whole
    service.asked.clear()
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.counts["processed"]) == ("succeeded", 25)
    assert [path for path in service.asked if "page=1" in path] == []
    assert sums(account).in_koppel == 25


def test_a_refused_key_ends_the_run_and_is_told(account, service):
    service.keys.clear()
    run = synced(account)
    assert (run.state, "does not accept the key" in run.why) == ("failed", True)
    account.refresh_from_db()
    assert vendors.state_of(account).cause == run.why


def test_a_second_start_joins_the_open_run(account):
    first = vendors.start_sync(account, trigger="test")
    second = vendors.start_sync(account, trigger="page")
    assert (second.run, second.is_new, first.is_new) == (first.run, False, True)
    assert (first.run.subject_type, first.run.subject_id) == ("core.vendoraccount", account.pk)


def test_notes_of_ended_walks_are_forgotten(account):
    synced(account)
    assert SeenNames.objects.exists()
    ledger.forget_ended()
    assert not SeenNames.objects.exists()
    assert sums(account).in_koppel == 25


def test_a_run_that_proves_nothing_has_not_succeeded(account):
    run, _is_new = vendors.start_sync(account, trigger="test")
    with runs.work(run.pk) as work:
        assert work is not None
    run.refresh_from_db()
    assert (run.state, run.why) == (
        "incomplete",
        "This came to its end, but nothing was compared with the vendor.",
    )


def test_an_account_without_a_key_says_what_is_missing(db, service):
    empty = vendors.account_of(TOY, people.organization().pk)
    run = synced(empty)
    assert (run.state, run.why) == (
        "failed",
        "Something is missing. Fill in every field and test again.",
    )


def test_where_no_call_was_made_nothing_is_known_of_the_key(account, service):
    service.status = 429
    vendors.save(account, {"api_key": "toy-key-of-no-value-9999"}, actor="test", insist=True)
    service.status = 0
    run, _is_new = vendors.start_sync(account, trigger="test")
    Run.objects.filter(pk=run.pk).update(checkpoint={"place": {"page": 3, "done": True}})
    service.asked.clear()
    runs.execute(run.pk)
    account.refresh_from_db()
    assert service.asked == []
    assert vendors.state_of(account).state is Connection.NOT_CONFIGURED


def test_a_list_that_moves_while_it_is_read_leaves_the_run_incomplete(account, service):
    answer = service.answer

    def shifting(path, key):
        found = answer(path, key)
        if "page=1" in path:
            del service.records[0]
        return found

    service.answer = shifting
    run = synced(account)
    assert (run.state, "The list changed while it was read" in run.why) == ("incomplete", True)
    service.answer = answer
    assert synced(account).state == "succeeded"


def test_a_record_that_cannot_be_decided_on_costs_no_other(account, service):
    del service.records[4]["name"]
    run = synced(account)
    assert run.outcomes == {"imported": 24, "error_unreadable": 1}
    assert run.state == "succeeded"
