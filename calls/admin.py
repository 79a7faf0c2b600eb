"""Calls in the management portal: what a source said, who was in it, what was recorded, and how far each is.

Read only: what a call is, its source says; a person changes it where it was held.
"""

from typing import Any, ClassVar, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from calls.models import Call, CallParticipant, GuestInvitation, Recording
from core.admin.base import AppendOnlyAdmin, moment, mono, pill

CALL_TONES: Final = {"PENDING": "wait", "ONGOING": "work", "COMPLETED": "good"}
RECORDING_TONES: Final = {
    "starting": "wait",
    "active": "work",
    "processing": "work",
    "available": "good",
    "failed": "bad",
    "expired": "off",
}
# As much of a transcript as a page can bear.
SHOWN_SEGMENTS: Final = 2000


def clock(seconds: float | None) -> str:
    """Seconds as people say them: 1:02:03."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class _ReadOnlyInline(TabularInline):
    """Parts of a call, to be looked at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ParticipantInline(_ReadOnlyInline):
    """Who was in it, each stay by itself."""

    model = CallParticipant
    fields: ClassVar = ("display_name", "email", "kind", "member_role", "joined_at", "left_at", "total_seconds")


class RecordingInline(_ReadOnlyInline):
    """What was recorded."""

    model = Recording
    fields: ClassVar = ("state", "reason", "egress_id", "started_at", "ended_at", "checked_at", "deleted_at")
    show_change_link = True


class RecordingState(admin.SimpleListFilter):
    """By the state of any of a call's recordings."""

    title = _("recording")
    parameter_name = "recording"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*Recording.State.choices, ("none", _("None"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        chosen = self.value()
        if chosen == "none":
            return queryset.filter(recordings=None)
        if chosen in Recording.State.values:
            return queryset.filter(pk__in=Recording.objects.filter(state=chosen).values("call_id"))
        return queryset


@admin.register(Call)
class CallAdmin(AppendOnlyAdmin):
    """Calls of every source."""

    list_display = (
        "name",
        "organization",
        "source",
        "state",
        "rep",
        moment("happened_at", _("time")),
        "length",
        "recorded",
    )
    list_filter = ("source", "status", RecordingState, "organization")
    list_select_related = ("organization", "rep")
    search_fields = ("title", "=external_id", "=room_name", "=id", "organization__name", "rep__name")
    ordering = ("-happened_at", "-id")
    inlines = (ParticipantInline, RecordingInline)
    fieldsets = (
        (
            None,
            {"fields": ("name", "organization", "source", "state", "rep", "lead", "appointment", "outcome")},
        ),
        (_("When"), {"fields": ("scheduled_start", "scheduled_end", "started_at", "ended_at", "length")}),
        (_("What was said"), {"fields": ("summary", "action_items", "transcript_text")}),
        (
            _("Evidence"),
            {
                "fields": (
                    "id", "external_id", "room_name", "room_sid", "match_locked", "as_of", "fingerprint", "data",
                    "created_at", "updated_at",
                ),
            },
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        return super().get_queryset(request).prefetch_related("recordings")

    @admin.display(description=_("title"), ordering="title")
    def name(self, call: Call) -> str:
        return call.title or str(call.pk)

    @admin.display(description=_("status"), ordering="status")
    def state(self, call: Call) -> SafeString:
        return pill(call.get_status_display(), CALL_TONES[call.status])

    @admin.display(description=_("length"), ordering="duration_seconds")
    def length(self, call: Call) -> str:
        return clock(call.duration_seconds)

    @admin.display(description=_("recording"))
    def recorded(self, call: Call) -> SafeString:
        latest = next(iter(call.recordings.all()), None)
        return pill(latest.get_state_display(), RECORDING_TONES[latest.state]) if latest else SafeString("–")

    @admin.display(description=_("transcript"))
    def transcript_text(self, call: Call) -> SafeString:
        said = getattr(call, "transcript", None)
        segments = said.segments[:SHOWN_SEGMENTS] if said else []
        lines = ((clock(part.get("at")), part.get("speaker", ""), part.get("text", "")) for part in segments)
        return format_html_join("", "<p><span class='k-figure'>{}</span> <b>{}</b> {}</p>", lines) or SafeString("–")

    @admin.display(description=_("fingerprint of what the source said"))
    def fingerprint(self, call: Call) -> SafeString:
        return mono(bytes(call.content_hash).hex() if call.content_hash else "")


@admin.register(Recording)
class RecordingAdmin(AppendOnlyAdmin):
    """Recordings, and the proof that those past their time are gone."""

    list_display = ("call", "status", "reason", moment("started_at", _("started")), moment("checked_at", _("checked")))
    list_filter = ("state",)
    list_select_related = ("call",)
    search_fields = ("call__title", "=egress_id", "=key", "=call__id")
    ordering = ("-created_at", "-id")
    fields = (
        "call", "status", "reason", "egress_id", "bucket", "key", "size_bytes", "duration_seconds", "started_at",
        "ended_at", "checked_at", "deleted_at", "deletion_proof",
    )  # fmt: skip

    @admin.display(description=_("status"), ordering="state")
    def status(self, recording: Recording) -> SafeString:
        return pill(recording.get_state_display(), RECORDING_TONES[recording.state])


@admin.register(GuestInvitation)
class GuestInvitationAdmin(AppendOnlyAdmin):
    """Who was asked into which meeting, and what they agreed to."""

    list_display = ("appointment", "guest", moment("expires_at", _("expires")), moment("consent_at", _("consent")))
    list_select_related = ("appointment",)
    search_fields = ("display_name", "=appointment__id")
    fields = (
        "appointment",
        "guest",
        "created_by",
        "created_at",
        "expires_at",
        "consent_at",
        "consent_ip",
        "revoked_at",
    )
    ordering = ("-created_at", "-id")

    @admin.display(description=_("guest"), ordering="display_name")
    def guest(self, invitation: GuestInvitation) -> str:
        return invitation.display_name or "–"
