"""What one odd record, or a vendor that lies of its list, must not do to a sync."""

import threading
from datetime import date

import pytest
from django.db import connection

from core import runs, sync, vendors
from core.models import Run
from tests.toy.models import ToyRecord
from tests.toy.service import Service, record


def synced(account) -> Run:
    run, _is_new = vendors.start_sync(account, trigger="test")
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:00:00+00:00"],
)
def test_a_record_of_an_impossible_day_costs_no_other_and_is_proved(account, service, moment):
    service.records[3]["made_at"] = moment
    run = synced(account)
    assert (run.state, run.why) == ("succeeded", "")
    assert (run.evidence["ledger"]["at_vendor"], run.evidence["ledger"]["here"]) == (25, 25)


def test_days_before_the_first_are_without_a_day():
    assert sync.dated("at")({"at": "1969-12-31"}) == sync.UNDATED
    assert sync.dated("at")({"at": "1970-01-02"}) == date(1970, 1, 2)


def test_a_record_that_is_nested_too_deeply_for_a_name_costs_no_other(account, service):
    deep: list = []
    for _level in range(400):
        deep = [deep]
    service.records.append({"name": "without an id", "deep": deep})
    run = synced(account)
    assert run.outcomes == {"imported": 25, "error_no_id": 1}


def test_a_record_with_a_number_beyond_64_bits_has_a_name():
    assert sync.named("id")({"size": 2**70}) == sync.named("id")({"size": 2**70})
    assert sync.named("id")({"size": 2**70}) != sync.named("id")({"size": 2**71})


def test_two_long_ids_that_begin_alike_are_two_records(account, service):
    service.records = [record(0, id="a" * 300 + "1"), record(1, id="a" * 300 + "2")]
    run = synced(account)
    assert run.evidence["ledger"]["at_vendor"] == 2
    assert "unchanged" not in run.outcomes


class Liar(Service):
    """Says of its list what the test wants; pages beyond the last begin again at `again`."""

    def __init__(self) -> None:
        super().__init__()
        self.meta: dict = {}

    def answer(self, path, key):
        status, body = super().answer(path, key)
        if "meta" in body:
            body["meta"] |= self.meta
        return status, body


@pytest.fixture
def liar(settings, account):
    running = Liar()
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, running.host]
    vendors.save(account, {"address": running.url}, actor="test", insist=True)
    yield running
    running.close()


@pytest.mark.parametrize("total", ["many", -5, 10**30, [25], True, 2.5])
def test_a_total_that_cannot_be_one_is_taken_for_none(account, liar, total):
    liar.meta = {"total": total}
    run = synced(account)
    assert (run.state, run.why) == ("succeeded", "")
    assert (run.counts["processed"], run.progress_total) == (25, None)


@pytest.mark.parametrize("last", ["3", -1, 0, 2.5, [3], True])
def test_a_last_page_that_cannot_be_one_hides_nothing(account, liar, last):
    liar.meta = {"last_page": last}
    run = synced(account)
    assert (run.state, run.why, run.counts["processed"]) == ("succeeded", "", 25)
    assert ToyRecord.objects.count() == 25


def test_a_list_that_begins_again_is_not_read_for_ever():
    asked: list[int] = []

    def ask(number: int) -> sync.Page:
        asked.append(number)
        if number > 50:
            raise AssertionError("It is read for ever")
        return sync.Page([{"id": number % 3}], last=None)

    with pytest.raises(sync.Looped):
        list(sync.by_number(ask, {}, threading.Event(), vendor="toy"))
    assert asked == [1, 2, 3, 4]


def test_a_table_that_takes_no_row_at_all_is_no_fault_of_the_records(account):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE toy_toyrecord DROP CONSTRAINT a_toy_is_kept_once")
    run = synced(account)
    assert run.state == "failed"
    assert ToyRecord.objects.count() == 0
