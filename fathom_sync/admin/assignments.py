"""Assignments of left-out meetings in the management portal:
to whom, by whom, and whether they were taken back.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from core.admin.base import AppendOnlyAdmin, moment
from core.words.pills import pill
from fathom_sync.models import AssignedMeeting, Assignment, FathomMeeting


class MeetingsInline(TabularInline):
    """The meetings as they were before: they are kept until the assignment is undone, or goes."""

    model = AssignedMeeting
    extra = 0
    can_delete = False
    per_page = 20
    verbose_name_plural = _("meetings before it")
    fields = ("kind", "title", "recorder", "outcome", "was_call")
    readonly_fields = fields

    @admin.display(description=_("title"))
    def title(self, meeting: AssignedMeeting) -> str:
        return str(meeting.before.get("title") or "–")

    @admin.display(description=_("recorded by"))
    def recorder(self, meeting: AssignedMeeting) -> str:
        return str(meeting.before.get("recorder") or "–")

    @admin.display(description=_("outcome"))
    def outcome(self, meeting: AssignedMeeting) -> str:
        known = dict(FathomMeeting.Outcome.choices)
        return str(known.get(meeting.before.get("outcome"), "–"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssignedMeeting]:
        return super().get_queryset(request).defer("raw", "raw_hash").order_by("kind", "pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show them to whoever sees the assignment."""
        return request.user.has_perm("fathom_sync.view_assignment")


class StandsFilter(admin.SimpleListFilter):
    """Those that stand, and those that were taken back."""

    title = _("status")
    parameter_name = "undone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("0", _("Stands")), ("1", _("Undone"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(undone_at__isnull=self.value() == "0")


@admin.register(Assignment)
class AssignmentAdmin(AppendOnlyAdmin):
    """Meetings that a person gave to a rep at once."""

    list_display = (
        "rep",
        "organization",
        "calls",
        "status",
        moment("made_at", _("made")),
        "made_by",
    )
    list_select_related = ("rep", "organization", "made_by", "undone_by")
    list_filter = (StandsFilter,)
    inlines = (MeetingsInline,)
    search_fields = ("=id", "rep__name", "organization__name")
    search_help_text = _("A rep or an organization")
    fields = (
        "rep", "organization", "calls", "addresses", "status", moment("made_at", _("made")),
        "made_by", moment("undone_at", _("undone")), "undone_by",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("status"))
    def status(self, assignment: Assignment) -> SafeString:
        if assignment.undone_at:
            return pill("withdrawn", _("Undone"))
        return pill("active", _("Stands"))

    @admin.display(description=_("addresses that were remembered"))
    def addresses(self, assignment: Assignment) -> str:
        return ", ".join(assignment.remembered) or "–"
