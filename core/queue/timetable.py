"""The default timetable in django-celery-beat's tables: rows are added where they are missing
and never changed.

From then on the admin owns them: an hour changed there survives every release.
"""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask


def keep(**_: Any) -> None:
    """Add what is missing; connected to post_migrate."""
    for name, entry in import_string(settings.TIMETABLE).items():
        if not PeriodicTask.objects.filter(name=name).exists():
            PeriodicTask.objects.create(name=name, task=entry["task"], **_when(entry))


def _when(entry: dict[str, Any]) -> dict[str, Any]:
    if "every" in entry:
        interval, _new = IntervalSchedule.objects.get_or_create(
            every=entry["every"], period=IntervalSchedule.SECONDS
        )
        return {"interval": interval}
    minute, hour = entry["crontab"]
    times = {
        "minute": minute,
        "hour": hour,
        "day_of_week": "*",
        "day_of_month": "*",
        "month_of_year": "*",
    }
    crontab = CrontabSchedule.objects.filter(**times, timezone="UTC").first()
    return {"crontab": crontab or CrontabSchedule.objects.create(**times, timezone="UTC")}
