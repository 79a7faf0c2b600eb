"""Recordings: those of calls, and those whose calls were deleted,
with the proof of their deletion.
"""

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from calls import recordings
from calls.models import (
    Recording,
    RemovedRecording,
)
from core.admin.base import AppendOnlyAdmin, moment
from core.words.pills import pill


def proof_of(row: Recording | RemovedRecording) -> SafeString:
    """Show what the storage answered when the object was deleted and looked for again."""
    if not row.deletion_proof:
        return SafeString("–")
    return format_html("<pre class='k-mono'>{}</pre>", json.dumps(row.deletion_proof, indent=1))


@admin.register(Recording)
class RecordingAdmin(AppendOnlyAdmin):
    """Recordings, and the proof that those past their time are gone."""

    list_display = (
        "call",
        "status",
        "why",
        moment("started_at", _("started")),
        moment("checked_at", _("checked")),
    )
    list_filter = ("state",)
    list_select_related = ("call",)
    search_fields = ("call__title", "=egress_id", "=key", "=call__id")
    ordering = ("-created_at", "-id")
    fields = (
        "call", "status", "why", "egress_id", "egress_status", "egress_error", "endpoint", "bucket",
        "key", "size_bytes", "duration_seconds", "started_at", "ended_at", "checked_at",
        "verified_at", "deleted_at", "deletion_error", "proof",
    )  # fmt: skip

    @admin.display(description=_("status"), ordering="state")
    def status(self, recording: Recording) -> SafeString:
        return pill(f"recording.{recording.state}")

    @admin.display(description=_("reason"))
    def why(self, recording: Recording) -> str:
        return recordings.reason_of(recording) or "–"

    @admin.display(description=_("proof of deletion"))
    def proof(self, recording: Recording) -> SafeString:
        return proof_of(recording)


@admin.register(RemovedRecording)
class RemovedRecordingAdmin(AppendOnlyAdmin):
    """Recordings whose calls were deleted: those whose objects are still to go,
    and the proof of those that went.
    """

    list_display = (
        "key",
        moment("removed_at", _("removed")),
        moment("checked_at", _("checked")),
        moment("deleted_at", _("deleted")),
    )
    search_fields = ("=key", "=organization_id", "=call_id")
    ordering = ("-removed_at", "-id")
    fields = (
        "key", "endpoint", "bucket", "organization_id", "call_id", "removed_at", "checked_at",
        "deleted_at", "deletion_error", "proof",
    )  # fmt: skip

    @admin.display(description=_("proof of deletion"))
    def proof(self, row: RemovedRecording) -> SafeString:
        return proof_of(row)
