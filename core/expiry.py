"""What nobody can use any more is dropped: ended sessions, old sign-in failures,
answered idempotency keys.
"""

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db.models import Q

from core import ledger
from core.api import idempotency
from core.models import ApiSession

# An ended API session stays for a while, so that "where am I signed in" can still
# say when it ended.
API_SESSION_KEPT = timedelta(days=30)
# The lock-out looks back a quarter of an hour; whoever looks into an attack, a while longer.
FAILURES_KEPT = timedelta(days=7)


def forget(now: datetime) -> dict[str, int]:
    """Drop what has expired; how many of each."""
    ended = Q(expires_at__lt=now - API_SESSION_KEPT) | Q(revoked_at__lt=now - API_SESSION_KEPT)
    return {
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "api_sessions": ApiSession.objects.filter(ended).delete()[0],
        "sign_in_failures": AccessAttempt.objects.filter(
            attempt_time__lt=now - FAILURES_KEPT
        ).delete()[0],
        "idempotency_keys": idempotency.forget(now),
        "ledger_notes": ledger.forget_ended(),
    }
