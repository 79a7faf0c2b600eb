"""Analytics: what a workspace did on each day of a span, as the vendor counts it."""

from typing import Final

from django.utils import timezone

from bison.models import DailyFigures
from bison.session import Session
from bison.syncs import days
from bison.syncs.parts import Found, Span

SEEN: Final = "analytics_seen_at"


def sync(at: Session, span: Span) -> Found:
    """Store the figures of each day; proved where there is a row, written now,
    for each day that was asked for.
    """
    began = timezone.now()
    days.store(at.workspace, days.read(at, span), SEEN)
    wanted = list(span.days())
    written = DailyFigures.objects.filter(
        workspace=at.workspace, day__in=wanted, analytics_seen_at__gte=began
    )
    in_koppel = written.count()
    return Found(len(wanted), in_koppel, outcomes={"days": in_koppel})
