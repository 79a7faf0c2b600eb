"""A row that loses a person who is erased, and the note in the chain that it did.

The row keeps its number, its hash and its links; the note, which is covered by the chain like any
act, says what the row's hash is from now on. So a row that was changed in any other way is reported
still, and so is one put back.
"""

from typing import Any

from django.db import connection

from core.audit import chain
from core.audit.records import record
from core.models import AuditEvent


def redact(event: AuditEvent, **columns: Any) -> None:
    """Give a row these columns in place of those that name somebody;
    within the transaction of the erasure.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL koppel.audit_redaction = 'on'")
        AuditEvent.objects.filter(pk=event.pk).update(**columns)
        cursor.execute("SET LOCAL koppel.audit_redaction = 'off'")
    event.refresh_from_db()
    record(
        chain.REDACTED,
        actor="erasure",
        target=event,
        organization_id=event.organization_id,
        row=event.sequence,
        hash=chain.hash_as_it_stands(event),
    )
