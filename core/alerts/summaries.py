"""The daily summary: owed once per person and day, in the morning of whoever asked for it,
if there is news.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.utils import timezone

from core.alerts import audience, messages
from core.alerts.kinds import SUMMARY
from core.alerts.messages import Message
from core.models import AlertDelivery, Incident, User
from core.queue import jobs

KIND: Final = SUMMARY.key
# In these hours of the reader's day; who was not served by then reads tomorrow's.
MORNING: Final = range(7, 11)
MOST: Final = 30


def owe() -> int:
    """Put a row in the outbox for each person whose morning it is; how many are new."""
    now = timezone.now()
    owed = 0
    for person in audience.wanting(KIND):
        local = now.astimezone(messages.zone_of(person))
        if (
            local.hour not in MORNING
            or AlertDelivery.objects.filter(person=person, day=local.date()).exists()
        ):
            continue
        if not any(_news(person)):
            continue
        row = AlertDelivery(
            person=person, day=local.date(), transition="summary", next_attempt_at=now
        )
        # Of two workers at once one writes it.
        AlertDelivery.objects.bulk_create([row], ignore_conflicts=True)
        owed += 1
    if owed:
        jobs.after_commit("core.send_alerts")
    return owed


def compose(person: User) -> Message:
    """Return the summary as it is now."""
    still_open, over = _news(person)
    return messages.summary(person, still_open, over)


def _news(person: User) -> tuple[Sequence[Incident], Sequence[Incident]]:
    """Return what is open and not snoozed, and what ended within a day,
    of all that this person may see.
    """
    now = timezone.now()
    seen = audience.sight(person)
    waking = [
        row
        for row in seen.filter(closed_at=None).order_by("severity", "-opened_at")[:MOST]
        if not row.is_snoozed
    ]
    over = list(seen.filter(closed_at__gt=now - timedelta(days=1)).order_by("-closed_at")[:MOST])
    return waking, over
