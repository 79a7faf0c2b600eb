"""What campaigns have to tell of a lead: the replies that made them one,
to whoever sees the lead.
"""

from typing import Final

from django.db.models import Q, QuerySet

from bison.models import Reply
from core.models import User
from crm import brief, timeline
from crm.models import Lead
from crm.timeline import Entry

SHOWN: Final = 600


def replies(_user: User, lead: Lead, older: Q, size: int) -> list[Entry]:
    """Tell of a lead's replies."""
    return [_entry(row) for row in _replies(lead).filter(older)[:size]]


def last_reply(_user: User, lead: Lead) -> Entry | None:
    """Return a lead's last reply."""
    row = _replies(lead).first()
    if row is None:
        return None
    return _entry(row)


def _replies(lead: Lead) -> QuerySet[Reply]:
    rows = Reply.objects.filter(lead_id=lead.pk, is_automated=False)
    return rows.only("subject", "text", "from_email", "received_at").order_by("-received_at", "-pk")


def _entry(row: Reply) -> Entry:
    return Entry(
        timeline.REPLY,
        row.pk,
        row.received_at,
        row.subject,
        " ".join(row.text.split())[:SHOWN],
        by=row.from_email,
    )


def declare() -> None:
    """Have replies told of."""
    timeline.declare(timeline.REPLY, "received_at", replies)
    brief.declare("last_reply", last_reply)
