"""Runs of one lane go one after another, whatever their kinds, whoever starts,
ends, stops or dies.
"""

import threading

import pytest
from django.db import connections

from core import runs
from core.errors import RateLimited
from core.models import Run
from core.queue import jobs
from tests.support.runs import start

pytestmark = pytest.mark.django_db


def queued(kind="probe.sync", lane="account-1", **values):
    run, _new = start(kind, lane=lane, **values)
    return run


def again(run):
    return Run.objects.get(pk=run.pk)


def worked(run):
    with runs.work(run.pk) as work:
        return work is not None


def called(callbacks):
    return [call.args[1] for call in callbacks if call.func is jobs.send]


def test_the_second_has_its_turn_when_the_first_is_over_and_is_called(
    django_capture_on_commit_callbacks,
):
    first, second, other = queued(), queued("probe.check"), queued(lane="account-2")
    assert list(runs.ahead_of(second)) == [first]
    assert not worked(second)
    with django_capture_on_commit_callbacks() as callbacks, runs.work(first.pk) as work:
        assert work
        assert not worked(second)
        assert worked(other)
    assert called(callbacks) == [str(second.pk)]
    assert (again(first).state, again(second).attempts) == ("succeeded", 0)
    assert worked(second)


def test_they_go_in_the_order_of_their_starts():
    runs_of_it = [queued() for _ in range(3)]
    Run.objects.update(heartbeat_at="2026-01-01T00:00:00Z")
    assert [worked(run) for run in reversed(runs_of_it)] == [False, False, True]
    assert runs.sweep() == 1, "one has its turn"


def test_one_that_waits_as_a_vendor_asked_keeps_its_place():
    first, second = queued(), queued()
    with runs.work(first.pk):
        raise RateLimited("fathom", retry_after=600)
    assert not worked(second)
    Run.objects.filter(pk=first.pk).update(waits_until=None)
    assert worked(first)
    assert worked(second)


@pytest.mark.parametrize("is_running", [False, True])
def test_stopping_the_first_calls_the_second(is_running, django_capture_on_commit_callbacks):
    first, second = queued(), queued()
    with django_capture_on_commit_callbacks() as callbacks:
        if is_running:
            with runs.work(first.pk) as work:
                runs.cancel(first, "a test")
                assert work.cancelled
        else:
            runs.cancel(first, "a test")
    assert again(first).state == "cancelled"
    assert called(callbacks) == [str(second.pk)]


def test_what_is_asked_to_stop_is_joined_by_nobody_and_its_successor_waits_for_it():
    first, _new = start("probe.sync", lock_key="a")
    with runs.work(first.pk) as work:
        runs.cancel(first, "a test")
        second, is_new = start("probe.sync", lock_key="a")
        assert is_new
        assert not worked(second)
        assert work.cancelled
    assert worked(second)


def test_where_the_first_lost_its_worker_the_second_waits_until_it_was_taken_up_and_ended():
    first, second = queued(), queued()
    Run.objects.filter(pk=first.pk).update(
        state="running", attempts=1, heartbeat_at="2026-01-01T00:00:00Z"
    )
    assert not worked(second)
    assert runs.sweep() == 1
    assert not worked(second)
    assert worked(first)
    assert worked(second)


@pytest.mark.django_db(transaction=True)
def test_of_eight_that_are_claimed_at_once_one_works_at_a_time():
    waiting = [queued() for _ in range(8)]
    gate, guard = threading.Barrier(8), threading.Lock()
    at_once, most, done = 0, 0, []

    def work(run):
        nonlocal at_once, most
        gate.wait()
        while run.pk not in done:
            with runs.work(run.pk) as claimed:
                if claimed is None:
                    continue
                with guard:
                    at_once += 1
                    most = max(most, at_once)
                claimed.add(counts={"fetched": 1})
                with guard:
                    at_once -= 1
                    done.append(run.pk)
        connections.close_all()

    threads = [threading.Thread(target=work, args=[run]) for run in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert done == [run.pk for run in waiting]
    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded"}
