"""The registry as a file for spreadsheets: no key is in it but as its mask,
and no cell is a formula.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from bison.keys.revoking import mask_of
from bison.models import Workspace
from core import audit
from core.admin.export import in_slices, stream

COLUMNS: Final = (
    "workspace_name",
    "bison_instance",
    "bison_workspace_id",
    "bison_api_key",
    "bison_api_key_name",
    "bison_api_key_type",
    "bison_api_key_status",
    "bison_api_key_created_at",
    "bison_api_key_expires_at",
    "bison_api_key_last_used_at",
    "requires_workspace_key",
    "bison_webhook_enabled",
    "bison_webhook_status",
    "bison_webhook_last_received_at",
    "api_health_status",
    "api_last_successful_call_at",
    "api_last_failed_call_at",
    "api_consecutive_failures",
    "email_accounts_here",
    "email_accounts_at_vendor",
    "email_accounts_state",
    "api_notes",
)
SOURCES: Final = {
    "bison_instance": "instance.slug",
    "email_accounts_here": "accounts_in_koppel",
    "email_accounts_at_vendor": "accounts_at_vendor",
    "email_accounts_state": "accounts_state",
}


def export(rows: QuerySet[Workspace], *, actor: Any, request: Any = None) -> StreamingHttpResponse:
    """Return these entries as CSV that streams; that it was made is kept before
    its first line leaves.
    """
    with transaction.atomic():
        audit.record("export.made", actor=actor, request=request, what="client_registry")
    name = f"client-registry-{timezone.now():%Y%m%d-%H%M}.csv"
    return stream(name, COLUMNS, lines(rows))


def lines(rows: QuerySet[Workspace]) -> Iterator[Sequence[Any]]:
    """Give each entry's cells."""
    found = rows.select_related("instance")
    for row in in_slices(found, ("workspace_name",)):
        yield [_cell(row, name) for name in COLUMNS]


def _cell(row: Workspace, name: str) -> Any:
    if name == "bison_api_key":
        return mask_of(row.bison_api_key)
    value: Any = row
    for part in SOURCES.get(name, name).split("."):
        value = getattr(value, part)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
