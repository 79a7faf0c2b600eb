"""Everything since a moment, where that is very much: a run owes it by parts,
and goes on where a killed one was.
"""
# ruff: noqa: F811 - fixtures come by their names

from datetime import timedelta

import pytest
from django.utils import timezone

from core import runs
from core.models import Run
from integrations.events.owing import PART
from integrations.models import Delivery, Event
from tests.integrations import events_cast as cast
from tests.integrations.events_cast import API, boss, receiver  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_calls_stay")]
MORE = 7


@pytest.fixture
def endpoint(northwind, boss, receiver):
    """An endpoint, and one part of events and a few more from before it was there."""
    begin = timezone.now() - timedelta(days=1)
    rows = [
        Event(
            organization=northwind,
            name="lead.created",
            data={"id": str(number)},
            created_at=begin + timedelta(seconds=number),
        )
        for number in range(PART + MORE)
    ]
    Event.objects.bulk_create(rows)
    return cast.endpoint(boss, receiver.url())[0]


def asked(boss, endpoint) -> Run:
    """Ask for all of it; return the run."""
    answer = boss.post(f"{API}/{endpoint.pk}/recover", {"since": "2020-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json()["success"]) == (202, True)
    assert answer.json()["statusUrl"] == f"/api/runs/{answer.json()['runId']}"
    return Run.objects.get(pk=answer.json()["runId"])


def test_very_many_are_owed_by_a_run(boss, endpoint):
    run = asked(boss, endpoint)
    assert not Delivery.objects.exists()
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.counts, run.progress_done) == (
        "succeeded",
        {"events": PART + MORE},
        PART + MORE,
    )
    assert run.outcomes == {"owed": PART + MORE, "kept": 0}
    assert Delivery.objects.filter(integration=endpoint, state="waiting").count() == PART + MORE
    # What waits already and is due is no second delivery.
    again = asked(boss, endpoint)
    assert again.pk != run.pk
    runs.execute(again.pk)
    again.refresh_from_db()
    assert (again.state, again.outcomes) == ("succeeded", {"owed": 0, "kept": PART + MORE})


def test_another_attempt_goes_on_after_the_last_part(boss, endpoint):
    run = asked(boss, endpoint)
    last = Event.objects.order_by("created_at")[PART - 1]
    place = {"time": last.created_at.isoformat(), "id": str(last.pk)}
    Run.objects.filter(pk=run.pk).update(
        checkpoint=place, counts={"events": PART}, outcomes={"owed": PART}
    )
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.counts, Delivery.objects.count()) == (
        "succeeded",
        {"events": PART + MORE},
        MORE,
    )


def test_it_stops_where_the_endpoint_is_switched_off(boss, endpoint):
    run = asked(boss, endpoint)
    assert boss.post(f"{API}/{endpoint.pk}/deactivate").status_code == 200
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, Delivery.objects.count()) == ("incomplete", 0)
    assert "switched off" in run.error
