"""A run outlives its workers: taken up again, queued again, or failed in the end;
and a late worker writes nothing.
"""

import pytest

from core import runs
from core.models import Run
from core.runs.attempt import LostRun
from tests.support.runs import TASK, start


def started(**values):
    run, new = start("probe.sync", **values)
    assert new
    return run


def again(run):
    return Run.objects.get(pk=run.pk)


def silence(run, **values):
    """As if its worker had last been heard of an hour ago."""
    Run.objects.filter(pk=run.pk).update(heartbeat_at="2026-01-01T00:00:00Z", **values)


@pytest.mark.django_db
def test_a_silent_run_is_taken_up_again_and_goes_on_from_its_checkpoint(
    django_capture_on_commit_callbacks,
):
    run = started(lock_key="a")
    silence(run, state="running", attempts=1, checkpoint={"page": 4})
    alive = started(lock_key="b")

    with django_capture_on_commit_callbacks() as callbacks:
        assert runs.sweep() == 1

    assert [call.args for call in callbacks] == [(TASK, str(run.pk))]
    assert again(run).state == "queued"
    with runs.work(run.pk) as work:
        assert work.start_from == {"page": 4}
    assert again(run).attempts == 2
    assert again(alive).state == "queued"
    assert runs.sweep() == 0


@pytest.mark.django_db
def test_a_run_whose_message_was_lost_is_queued_again():
    run = started()
    silence(run)

    assert runs.sweep() == 1
    assert runs.sweep() == 0, "it was just queued: it is not queued again at once"


@pytest.mark.django_db
def test_a_run_that_loses_every_worker_has_failed_in_the_end():
    run = started()
    silence(run, state="running", attempts=9, attempts_in_vain=5)

    assert runs.sweep() == 0

    ended = again(run)
    assert ended.state == "failed"
    assert ended.error == (
        "Koppel was interrupted 5 times in a row before this got any further. What was done "
        "until then is kept."
    )
    assert ended.finished_at


@pytest.mark.django_db
def test_a_run_that_gets_further_each_time_outlives_any_number_of_workers():
    run = started()

    def killed_at(page):
        with runs.work(run.pk) as work:
            work.checkpoint({"page": page})
            raise KeyboardInterrupt

    for page in range(12):
        with pytest.raises(KeyboardInterrupt):
            killed_at(page)
        silence(run, state="running")
        assert runs.sweep() == 1

    assert (again(run).state, again(run).attempts) == ("queued", 12)


@pytest.mark.django_db
def test_a_cancelled_run_without_a_worker_is_over():
    run = started()
    silence(run, state="running", attempts=1, cancel_requested=True)

    assert runs.sweep() == 0
    assert again(run).state == "cancelled"


@pytest.mark.django_db
def test_a_worker_that_was_only_slow_cannot_write_into_anothers_attempt():
    run = started()

    with runs.work(run.pk) as slow:
        silence(run)
        runs.sweep()
        with runs.work(run.pk) as other:
            for write in (
                lambda: slow.progress(done=99),
                lambda: slow.add(counts={"fetched": 99}),
                lambda: slow.checkpoint({"page": 99}),
                lambda: slow.evidence(wrong=True),
            ):
                with pytest.raises(LostRun):
                    write()
            other.progress(done=1)

    ended = again(run)
    assert (ended.state, ended.attempts, ended.progress_done, ended.counts) == (
        "succeeded",
        2,
        1,
        {},
    )
