"""Calls in the management portal: what a source said, who was in it, what was recorded,
and how far each is.

Read only: what a call is, its source says; a person changes it where it was held.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from calls import reconcile, recordings, states
from calls.admin.recordings import proof_of
from calls.models import (
    Call,
    CallAction,
    CallComment,
    CallParticipant,
    Recording,
    RoomSession,
)
from core.admin.base import AppendOnlyAdmin, moment, mono
from core.admin.runs import facts
from core.runs.kinds import humanised
from core.words.pills import pill
from core.words.states import word

# A page can bear so much of a transcript.
SHOWN_SEGMENTS: Final = 2000
# So few are checked at once, because the page waits while LiveKit is asked.
CHECKED_AT_ONCE: Final = 20


def clock(seconds: float | None) -> str:
    """Write seconds as people say them: 1:02:03."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}"


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
    fields: ClassVar = (
        "display_name",
        "email",
        "kind",
        "member_role",
        "joined_at",
        "left_at",
        "total_seconds",
    )


class SessionInline(_ReadOnlyInline):
    """The sessions of its room, and how their end is known."""

    model = RoomSession
    verbose_name_plural = _("sessions of its room")
    fields: ClassVar = ("sid", "opened_at", "seen_at", "closed_at", "close_told")
    readonly_fields: ClassVar = fields


class RecordingInline(_ReadOnlyInline):
    """What was recorded, and how that is known."""

    model = Recording
    fields: ClassVar = (
        "status",
        "why",
        "size",
        "started_at",
        "ended_at",
        "checked_at",
        "verified_at",
        "proof",
    )
    readonly_fields: ClassVar = fields
    show_change_link = True

    @admin.display(description=_("status"))
    def status(self, recording: Recording) -> SafeString:
        return pill(f"recording.{recording.state}")

    @admin.display(description=_("reason"))
    def why(self, recording: Recording) -> str:
        return recordings.reason_of(recording) or "–"

    @admin.display(description=_("size"))
    def size(self, recording: Recording) -> str:
        if not recording.size_bytes:
            return "–"
        return filesizeformat(recording.size_bytes)

    @admin.display(description=_("proof of deletion"))
    def proof(self, recording: Recording) -> SafeString:
        return proof_of(recording)


class RecordingState(admin.SimpleListFilter):
    """By the state of any of a call's recordings."""

    title = _("recording")
    parameter_name = "recording"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*Recording.State.choices, ("none", word("recording.none"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        chosen = self.value()
        if chosen == "none":
            return queryset.filter(recordings=None)
        if chosen in Recording.State.values:
            return queryset.filter(pk__in=Recording.objects.filter(state=chosen).values("call_id"))
        return queryset


class ActionInline(_ReadOnlyInline):
    """What was to be done afterwards, and what became of it."""

    model = CallAction
    verbose_name_plural = _("action items")
    fields: ClassVar = (
        "text",
        "who",
        "assignee",
        "due_on",
        "is_done",
        moment("done_at", _("done")),
        "done_by",
    )
    readonly_fields: ClassVar = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallAction]:
        return super().get_queryset(request).select_related("assignee__user", "done_by")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show it to whoever sees the call."""
        return request.user.has_perm("calls.view_call")


class CommentInline(_ReadOnlyInline):
    """What people wrote beside it."""

    model = CallComment
    verbose_name_plural = _("comments")
    fields: ClassVar = (moment("created_at", _("time")), "author", "at_second", "text")
    readonly_fields: ClassVar = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallComment]:
        return super().get_queryset(request).select_related("author")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show it to whoever sees the call."""
        return request.user.has_perm("calls.view_call")

    @admin.display(description=_("at"))
    def at_second(self, comment: CallComment) -> str:
        return clock(comment.at)


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
    search_fields = (
        "title",
        "=external_id",
        "=room_name",
        "=id",
        "organization__name",
        "rep__name",
    )
    ordering = ("-happened_at", "-id")
    inlines = (ParticipantInline, SessionInline, RecordingInline, ActionInline, CommentInline)
    actions = ("check_now",)
    object_acts = ("check_now",)
    fieldsets = (
        (
            None,
            {"fields": ("name", "organization", "source", "state", "rep", "lead", "appointment",
                        "outcome")},
        ),
        (_("When"), {"fields": ("scheduled_start", "scheduled_end", "started_at", "ended_at",
                                "length")}),
        (_("What was said"), {"fields": ("summary", "transcript_text")}),
        (
            _("Evidence"),
            {
                "fields": (
                    "id", "external_id", "room_name", "room_sid", "match_locked", "as_of",
                    "fingerprint", "what_else", "created_at", "updated_at",
                ),
            },
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        return super().get_queryset(request).prefetch_related("recordings")

    @admin.action(description=_("Check with LiveKit now"), permissions=["check"])
    def check_now(self, request: HttpRequest, chosen: QuerySet[Call]) -> None:
        """Ask LiveKit about these calls and their recordings, and say of each what was found."""
        for call in chosen.select_related("organization__settings")[:CHECKED_AT_ONCE]:
            found = [reconcile.check_call(call, request.user, request)]
            for recording in call.recordings.select_related("call__organization__settings"):
                recordings.check(recording)
                recording.refresh_from_db()
                found.append(f"{recording.get_state_display()}.")
            messages.info(request, f"{self.name(call)}: {' '.join(map(str, found))}")
        if chosen.count() > CHECKED_AT_ONCE:
            messages.warning(
                request, _("Only the first %(n)d were checked.") % {"n": CHECKED_AT_ONCE}
            )

    def acts_on(self, row: Call) -> Iterable[str]:
        """Offer it where LiveKit knows the call: what a recorder brought has no room."""
        if row.room_name:
            return self.object_acts
        return ()

    def has_check_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("calls.change_call")

    @admin.display(description=_("title"), ordering="title")
    def name(self, call: Call) -> str:
        return call.title or str(call.pk)

    @admin.display(description=_("status"), ordering="status")
    def state(self, call: Call) -> SafeString:
        return pill(states.state(call, timezone.now()))

    @admin.display(description=_("length"), ordering="duration_seconds")
    def length(self, call: Call) -> str:
        return clock(call.duration_seconds)

    @admin.display(description=_("recording"))
    def recorded(self, call: Call) -> SafeString:
        latest = next(iter(call.recordings.all()), None)
        if latest is None:
            return SafeString("–")
        return pill(f"recording.{latest.state}")

    @admin.display(description=_("transcript"))
    def transcript_text(self, call: Call) -> SafeString:
        transcript = getattr(call, "transcript", None)
        if transcript is None:
            return SafeString("–")
        lines = (
            (clock(part.get("at")), part.get("speaker", ""), part.get("text", ""))
            for part in transcript.segments[:SHOWN_SEGMENTS]
        )
        paragraph = "<p><span class='k-figure'>{}</span> <b>{}</b> {}</p>"
        return format_html_join("", paragraph, lines) or SafeString("–")

    @admin.display(description=_("what else the source said"))
    def what_else(self, call: Call) -> SafeString:
        return facts([(humanised(name), value) for name, value in (call.data or {}).items()])

    @admin.display(description=_("fingerprint of what the source said"))
    def fingerprint(self, call: Call) -> SafeString:
        return mono(bytes(call.content_hash or b"").hex())
