"""Twenty observers of one cause at once: one incident, no sighting lost,
each transition told once.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from core import incidents
from core.models import AlertChannel, AlertDelivery, Incident, Watch

THREADS = 20
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act, times=THREADS):
    barrier = Barrier(times)

    def run(number):
        try:
            barrier.wait(timeout=20)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def observe(number, *, ok=False, **more):
    return incidents.observe("race", ok=ok, title="All at once", affected=[f"w{number}"], **more)


@pytest.fixture
def channel():
    return AlertChannel.objects.create(name="On duty", kind="email", target="duty@example.org")


def test_bad_looks_at_once_make_one_incident_and_each_is_counted(channel):
    found = at_once(observe)
    incident = Incident.objects.get()
    assert {row.pk for row in found} == {incident.pk}
    assert incident.times_seen == THREADS
    assert sorted(incident.affected) == sorted(f"w{number}" for number in range(THREADS))
    assert Watch.objects.get().bad_in_a_row == THREADS
    assert list(AlertDelivery.objects.values_list("transition", flat=True)) == ["opened"]


def test_patience_is_counted_across_threads():
    found = at_once(lambda number: observe(number, open_after=THREADS))
    assert len([row for row in found if row is not None]) == 1
    assert Incident.objects.get().times_seen == THREADS


def test_good_looks_at_once_close_it_once(channel):
    observe(0)
    at_once(lambda number: observe(number, ok=True))
    assert Incident.objects.get().closed_at is not None
    assert sorted(AlertDelivery.objects.values_list("transition", flat=True)) == [
        "closed",
        "opened",
    ]


def test_good_and_bad_at_once_leave_no_second_open_incident_and_no_half_told_one(channel):
    for _round in range(5):
        at_once(lambda number: observe(number, ok=number % 2 == 0))
    still_open = Incident.objects.filter(closed_at=None)
    assert still_open.count() <= 1
    for incident in Incident.objects.all():
        transitions = set(incident.deliveries.values_list("transition", flat=True))
        assert transitions == ({"opened", "closed"} if incident.closed_at else {"opened"})
