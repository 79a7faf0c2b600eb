"""Assignments of left-out meetings in the management portal: to whom, by whom, and whether they were taken back."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin.base import AppendOnlyAdmin, moment
from core.words.pills import pill
from fathom_sync.models import Assignment


@admin.register(Assignment)
class AssignmentAdmin(AppendOnlyAdmin):
    """Meetings that a person gave to a rep at once."""

    list_display = ("rep", "organization", "calls", "status", moment("made_at", _("made")), "made_by")
    list_select_related = ("rep", "organization", "made_by", "undone_by")
    search_fields = ("=id", "rep__name", "organization__name")
    search_help_text = _("A rep or an organization")
    fields = (
        "rep", "organization", "calls", "addresses", "status", moment("made_at", _("made")), "made_by",
        moment("undone_at", _("undone")), "undone_by",
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
