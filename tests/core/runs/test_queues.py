"""Long work has a queue of its own, whoever queues it: a request by name, the clock,
or Celery itself.
"""

import json

import pytest
from celery import current_app
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from core import redis
from core.health import heartbeats
from core.queue import jobs
from core.queue.beat import Scheduler

LONG = {"core.work_run"}


@pytest.fixture(autouse=True)
def empty_queues(monkeypatch):
    monkeypatch.setattr(jobs, "_quiet_until", 0.0)
    redis.connection().delete(*heartbeats.queues())
    yield
    redis.connection().delete(*heartbeats.queues())


def queued():
    found = {name: redis.connection().lrange(name, 0, -1) for name in heartbeats.queues()}
    return {
        name: [json.loads(message)["headers"]["task"] for message in messages]
        for name, messages in found.items()
    }


def test_each_job_is_in_one_queue_and_only_long_work_in_that_for_long_work():
    current_app.autodiscover_tasks(force=True)
    ours = sorted(
        name
        for name in current_app.tasks
        if name.split(".")[0] in ("core", "crm", "calls", "fathom_sync")
    )
    assert set(ours) >= LONG
    for name in ours:
        assert jobs.send(name, "an-id")
    by_queue = queued()
    assert set(by_queue["long"]) == LONG
    assert sorted(by_queue["long"] + by_queue["celery"]) == ours


@pytest.mark.django_db(transaction=True)
def test_the_clock_sends_long_work_where_it_belongs():
    PeriodicTask.objects.all().delete()
    minute = IntervalSchedule.objects.create(every=1, period="minutes")
    for name in ("core.work_run", "core.work_inbox"):
        PeriodicTask.objects.create(name=name, task=name, interval=minute, args='["an-id"]')
    clock = Scheduler(app=current_app)
    clock._finalize.cancel()  # at the end of this process its tables are gone
    for name in ("core.work_run", "core.work_inbox"):
        clock.apply_async(clock.schedule[name])
    assert queued() == {"celery": ["core.work_inbox"], "long": ["core.work_run"]}


def test_a_worker_that_names_no_queue_works_them_all():
    assert (
        set(current_app.amqp.queues.consume_from) == set(heartbeats.queues()) == {"celery", "long"}
    )
