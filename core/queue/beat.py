"""The clock: django-celery-beat's scheduler, which also says that it lives."""

from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from core.checks import refuse_to_work
from core.health.heartbeats import write_beat

LONGEST_SLEEP = 5.0


class Scheduler(DatabaseScheduler):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # beat_init comes only after the timetable was read, and that may fail for another reason
        refuse_to_work()
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        write_beat()
        wait: float = super().tick(*args, **kwargs)
        return min(wait, LONGEST_SLEEP)
