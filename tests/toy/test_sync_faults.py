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
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:00:00+00:00"]
)
def test_a_record_of_an_impossible_day_costs_no_other_and_is_proved(account, service, moment):
    service.records[3]["made_at"] = moment
    run = synced(account)
    assert (run.state, run.why) == ("succeeded", "")
    assert (run.evidence["ledger"]["at_vendor"], run.evidence["ledger"]["here"]) == (25, 25)


def test_days_before_the_first_are_without_a_day():
    assert sync.dated("at")({"at": "1969-12-31"}) == sync.UNDATED
    assert sync.dated("at")({"at": "1970-01-02"}) == date(1970, 1, 2)
