"""A run: one per lock, worked by one worker, ended in a state that says why."""

import threading
import uuid

import pytest
from django.db import OperationalError, connections, transaction

from core import runs
from core.errors import Temporary
from core.models import AuditEvent, Run, User
from core.queue import jobs
from tests.support.runs import TASK, start


def started(**values):
    run, new = start("probe.sync", **values)
    assert new
    return run


def again(run):
    return Run.objects.get(pk=run.pk)


@pytest.mark.django_db
def test_a_start_says_who_what_and_why_and_queues_the_task(django_capture_on_commit_callbacks):
    person = User.objects.create_user("ops")
    organization = uuid.uuid4()

    with django_capture_on_commit_callbacks() as callbacks:
        run = started(
            organization_id=organization,
            started_by=person,
            trigger="button",
            parameters={"hours": 24},
            total=7,
        )

    stored = again(run)
    assert (stored.state, stored.trigger, stored.parameters, stored.progress_total) == (
        "queued",
        "button",
        {"hours": 24},
        7,
    )
    assert (stored.organization_id, stored.started_by) == (organization, person)
    assert [call.args for call in callbacks if call.func is jobs.send] == [(TASK, str(run.pk))]


@pytest.mark.django_db
def test_a_second_start_joins_the_open_run_and_says_so():
    first = started(lock_key="account-1")

    joined, new = start("probe.sync", lock_key="account-1")

    assert (joined.pk, new) == (first.pk, False)
    assert started(lock_key="account-2").pk != first.pk
    assert start("probe.other", lock_key="account-1")[1] is True
    with runs.work(first.pk):
        assert start("probe.sync", lock_key="account-1") == (first, False)
    assert started(lock_key="account-1").pk != first.pk


@pytest.mark.django_db
def test_without_a_lock_every_start_is_a_run():
    assert started().pk != started().pk


@pytest.mark.django_db(transaction=True)
def test_twenty_starts_at_once_make_one_run():
    gate = threading.Barrier(20)
    found = []

    def begin():
        gate.wait()
        found.append(start("probe.sync", lock_key="account-1"))
        connections.close_all()

    threads = [threading.Thread(target=begin) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Run.objects.count() == 1
    assert len({run.pk for run, _new in found}) == 1
    assert sum(new for _run, new in found) == 1


@pytest.mark.django_db
def test_a_run_that_does_its_work_has_succeeded():
    run = started()

    with runs.work(run.pk) as work:
        assert work
        assert again(run).state == "running"
        work.progress(done=3, total=10)
        work.add(counts={"fetched": 3}, outcomes={"imported": 2, "skipped": 1})
        work.add(counts={"fetched": 2}, outcomes={"imported": 2})
        work.evidence(vendor_total=5)
        work.evidence(checked="yes")
        work.checkpoint({"cursor": "abc"})
        work.must_add_up("fetched")
        with pytest.raises(AssertionError):
            assert again(run).counts == {}

    ended = again(run)
    assert (ended.state, ended.error, ended.attempts) == ("succeeded", "", 1)
    assert (ended.progress_done, ended.progress_total) == (3, 10)
    assert ended.counts == {"fetched": 5}
    assert ended.outcomes == {"imported": 4, "skipped": 1}
    assert ended.evidence == {"vendor_total": 5, "checked": "yes"}
    assert ended.checkpoint == {"cursor": "abc"}
    assert ended.started_at <= ended.finished_at


@pytest.mark.django_db
def test_progress_never_goes_back():
    run = started(total=10)

    with runs.work(run.pk) as work:
        work.progress(done=8)
        work.progress(done=3)
        assert again(run).progress_done == 8


@pytest.mark.django_db(transaction=True)
def test_counts_added_at_once_all_count():
    run = started()

    with runs.work(run.pk) as work:

        def add():
            for _ in range(25):
                work.add(counts={"fetched": 1}, outcomes={"imported": 1})
            connections.close_all()

        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert again(run).counts == {"fetched": 100}
    assert again(run).outcomes == {"imported": 100}


@pytest.mark.django_db
def test_two_workers_with_the_same_message_do_not_both_get_it():
    run = started()

    with runs.work(run.pk) as first, runs.work(run.pk) as second:
        assert first
        assert second is None
    assert again(run).state == "succeeded"
    with runs.work(run.pk) as late:
        assert late is None
    assert again(run).attempts == 1


@pytest.mark.django_db
def test_a_run_that_cannot_vouch_for_all_is_incomplete():
    run = started()

    with runs.work(run.pk) as work:
        work.incomplete("The vendor has 403 accounts and 282 came.")

    assert (again(run).state, again(run).error) == (
        "incomplete",
        "The vendor has 403 accounts and 282 came.",
    )


@pytest.mark.django_db
def test_outcomes_that_do_not_add_up_make_it_incomplete():
    run = started()

    with runs.work(run.pk) as work:
        work.must_add_up("fetched")
        work.add(counts={"fetched": 3}, outcomes={"imported": 2})

    assert (again(run).state, again(run).error) == (
        "incomplete",
        "The outcomes do not add up: 2 for 3 fetched.",
    )


@pytest.mark.django_db
def test_a_vendors_error_is_shown_as_it_is_meant_for_people():
    run = started()
    error = Temporary("fathom")

    with runs.work(run.pk):
        raise error

    assert (again(run).state, again(run).error) == ("failed", str(error.message))


@pytest.mark.django_db
def test_any_other_error_tells_people_no_more_than_where_to_ask():
    run = started()

    with runs.work(run.pk) as work:
        work.add(counts={"fetched": 1})
        raise RuntimeError("a text with a secret-canary-value in it")

    failed = again(run)
    assert failed.state == "failed"
    assert failed.error.startswith("An unexpected error ended this.")
    assert "canary" not in failed.error
    assert failed.counts == {"fetched": 1}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_went_away_puts_the_run_back(settings):
    settings.RUN_ATTEMPTS = 2
    run = started()

    with runs.work(run.pk) as work:
        work.checkpoint({"page": 4})
        raise OperationalError("server closed the connection")
    assert again(run).state == "queued"

    for state in ("queued", "failed"):
        with runs.work(run.pk) as work:
            assert work.start_from == {"page": 4}
            work.checkpoint({"page": 4})
            raise OperationalError("server closed the connection")
        assert again(run).state == state


@pytest.mark.django_db
def test_what_is_queued_is_cancelled_at_once_and_on_record():
    person = User.objects.create_user("ops")
    run = started()

    assert runs.cancel(run, person) is True

    assert (again(run).state, run.state) == ("cancelled", "cancelled")
    assert AuditEvent.objects.get(action="run.cancelled").target_id == str(run.pk)
    assert runs.cancel(run, person) is False
    with runs.work(run.pk) as work:
        assert work is None


@pytest.mark.django_db
def test_what_is_running_stops_where_it_looks_and_so_do_its_children():
    parent = started()
    child = start("probe.part", parent=parent)[0]

    with runs.work(parent.pk) as work:
        runs.cancel(parent, "tests")
        assert work.cancelled
        assert again(parent).state == "running"

    assert again(parent).state == "cancelled"
    assert again(child).state == "cancelled"


@pytest.mark.django_db
def test_work_that_was_done_before_anybody_looked_has_succeeded():
    run = started()

    with runs.work(run.pk):
        runs.cancel(run, "tests")

    assert again(run).state == "succeeded"


@pytest.mark.django_db(transaction=True)
def test_the_heart_beats_while_a_call_takes_long(settings):
    settings.RUN_SILENCE_SECONDS = 1
    run = started()

    with runs.work(run.pk):
        before = again(run).heartbeat_at
        threading.Event().wait(1.5)
        assert runs.sweep() == 0
        assert again(run).heartbeat_at > before

    assert again(run).state == "succeeded"


@pytest.mark.django_db(transaction=True)
def test_a_page_and_its_counts_are_committed_together_or_not_at_all():
    run = started()

    with runs.work(run.pk) as work:
        try:
            with transaction.atomic():
                work.add(counts={"fetched": 10})
                work.checkpoint({"page": 2})
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    assert (again(run).counts, again(run).checkpoint) == ({}, {})
