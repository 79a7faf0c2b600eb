"""Volume: what was sent on each day, beside what the connected senders may send in a day.

How much can be sent is known of today alone: an account's limit has no history.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Sum
from django.utils import timezone

from bison.models import DailyFigures, EmailAccount, Workspace
from bison.session import Session
from bison.syncs import days, email_accounts, reading
from bison.syncs.parts import Found, Span

SEEN: Final = "volume_seen_at"
CONNECTED: Final = "connected"
# The list of accounts is read again where the last proof of it is older.
FRESH: Final = timedelta(hours=1)


def sync(at: Session, span: Span) -> Found:
    """Store what was sent on each day of the span, and today's capacity."""
    if not _is_fresh(at.workspace):
        accounts = email_accounts.sync(at, Span())
        if accounts.why is not None:
            # Of accounts that are not all known nobody can say how much they may send.
            return Found(None, 0, reason=accounts.why)
    began = timezone.now()
    days.store(at.workspace, days.read(at, span), SEEN)
    today = datetime.now(UTC).date()
    wanted = list(span.days())
    written = DailyFigures.objects.filter(
        workspace=at.workspace, day__in=wanted, volume_seen_at__gte=began
    )
    written.filter(day=today).update(capacity=capacity_of(at.workspace))
    in_koppel = written.count()
    return Found(len(wanted), in_koppel, outcomes={"days": in_koppel})


def capacity_of(workspace: Workspace) -> int:
    """Return how many mails the workspace's connected accounts may send in a day."""
    connected = EmailAccount.objects.filter(workspace=workspace, gone_at=None, status=CONNECTED)
    total = connected.aggregate(total=Sum("daily_limit"))["total"] or 0
    return min(int(total), reading.LARGEST_COUNT)


def _is_fresh(workspace: Workspace) -> bool:
    known = Workspace.objects.filter(
        pk=workspace.pk,
        accounts_state=Workspace.AccountsState.COMPLETE,
        accounts_checked_at__gte=timezone.now() - FRESH,
    )
    return known.exists()
