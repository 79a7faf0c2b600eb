"""The clock: django-celery-beat's scheduler, which also says that it lives."""

from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from core.heartbeats import write_beat

LONGEST_SLEEP = 5.0


class Scheduler(DatabaseScheduler):
    def tick(self, *args: Any, **kwargs: Any) -> float:
        write_beat()
        wait: float = super().tick(*args, **kwargs)
        return min(wait, LONGEST_SLEEP)
