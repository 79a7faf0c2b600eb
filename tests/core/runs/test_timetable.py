"""The timetable: missing rows are made, changed ones are the admin's."""

import pytest
from django_celery_beat.models import PeriodicTask

from config.celery import TIMETABLE, app
from core.queue import timetable

pytestmark = pytest.mark.django_db


def test_every_entry_is_made_and_its_task_exists():
    app.loader.import_default_modules()

    assert set(
        PeriodicTask.objects.filter(name__in=TIMETABLE).values_list("name", flat=True)
    ) == set(TIMETABLE)
    assert {entry["task"] for entry in TIMETABLE.values()} <= set(app.tasks)


def test_what_was_changed_in_the_admin_stays():
    PeriodicTask.objects.filter(name="Forget what has expired").update(
        enabled=False, task="core.other"
    )

    timetable.keep()

    kept = PeriodicTask.objects.get(name="Forget what has expired")
    assert (kept.enabled, kept.task) == (False, "core.other")


def test_what_was_removed_comes_back_at_the_hour_in_utc():
    PeriodicTask.objects.all().delete()

    timetable.keep()

    made = PeriodicTask.objects.get(name="Make and drop log partitions")
    assert (made.crontab.minute, made.crontab.hour, str(made.crontab.timezone)) == (
        "17",
        "*/6",
        "UTC",
    )
    assert PeriodicTask.objects.get(name="Pick up stored webhook deliveries").interval.every == 60
    assert PeriodicTask.objects.count() == len(TIMETABLE)
