"""A run that a vendor asks to wait gives its worker back, and comes again when
the pause is over.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import runs
from core.errors import RateLimited
from core.models import Run
from tests.support.runs import start

pytestmark = pytest.mark.django_db


def paused(seconds, before=None):
    run, _new = start("probe.sync", lock_key="a")
    with runs.work(run.pk) as work:
        work.checkpoint({"page": 4})
        work.add(counts={"fetched": 4})
        if before:
            before(run)
        raise RateLimited("fathom", retry_after=seconds)
    run.refresh_from_db()
    return run


def pass_the_pause(run):
    Run.objects.filter(pk=run.pk).update(waits_until=timezone.now() - timedelta(seconds=1))


def test_it_is_queued_until_the_pause_is_over_and_goes_on_from_its_checkpoint():
    run = paused(600)
    assert (run.state, run.error, run.finished_at) == ("queued", "", None)
    assert abs((run.waits_until - timezone.now()).total_seconds() - 600) < 10
    # However long nothing is heard of it, and whatever messages are left of it.
    Run.objects.filter(pk=run.pk).update(heartbeat_at="2026-01-01T00:00:00Z")
    assert runs.sweep() == 0
    with runs.work(run.pk) as early:
        assert early is None
    assert start("probe.sync", lock_key="a") == (run, False)

    pass_the_pause(run)
    assert runs.sweep() == 1
    assert runs.sweep() == 0, "it was just queued: it is not queued again at once"
    with runs.work(run.pk) as work:
        assert work.start_from == {"page": 4}
        work.add(counts={"fetched": 2})
    run.refresh_from_db()
    assert (run.state, run.attempts, run.waits_until, run.counts) == (
        "succeeded",
        2,
        None,
        {"fetched": 6},
    )


def test_a_pause_is_no_attempt_in_vain(settings):
    settings.RUN_ATTEMPTS = 2
    run, _new = start("probe.sync")
    for _time in range(5):
        with runs.work(run.pk):
            raise RateLimited("fathom", retry_after=600)
        run.refresh_from_db()
        assert (run.state, run.attempts_in_vain) == ("queued", 0)
        pass_the_pause(run)
        assert runs.sweep() == 1


def test_a_run_that_waits_is_cancelled_at_once():
    run = paused(600)
    assert runs.cancel(run, "tests")
    pass_the_pause(run)
    assert runs.sweep() == 0
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_a_run_that_was_cancelled_does_not_begin_to_wait():
    run = paused(600, before=lambda run: runs.cancel(run, "tests"))
    assert (run.state, run.waits_until) == ("cancelled", None)
    assert run.finished_at


def test_a_pause_of_more_than_an_hour_is_a_refusal():
    run = paused(3601)
    assert (run.state, run.error) == (
        "failed",
        "Fathom takes no more requests for the moment. Try again in 3601 seconds.",
    )
    assert run.waits_until is None
