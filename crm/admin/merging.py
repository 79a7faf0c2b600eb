"""Merges of people in the management portal: who became whom, by whom, and what that moved;
undone on their pages.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin.base import AppendOnlyAdmin, moment
from core.words.pills import pill
from crm.models import Merge


class UndoneFilter(admin.SimpleListFilter):
    """Whether it still stands."""

    title = _("state")
    parameter_name = "undone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("0", _("Stands")), ("1", _("Undone"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        return queryset.filter(undone_at__isnull=self.value() == "0")


@admin.register(Merge)
class MergeAdmin(AppendOnlyAdmin):
    """Two leads or two contacts that became one."""

    list_display = (
        "__str__",
        "left",
        "organization",
        "status",
        moment("merged_at", _("merged")),
        "merged_by",
    )
    list_filter = (UndoneFilter,)
    list_select_related = ("organization", "lead", "contact", "merged_by", "undone_by")
    search_fields = ("=other_id", "=id", "organization__name")
    search_help_text = _("An id, or an organization")
    fields = (
        "__str__", "left", "organization", "status", "what_moved", moment("merged_at", _("merged")),
        "merged_by", moment("undone_at", _("undone")), "undone_by",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("became"))
    def left(self, merge: Merge) -> str:
        return str(merge.lead or merge.contact or "–")

    @admin.display(description=_("status"))
    def status(self, merge: Merge) -> SafeString:
        if merge.undone_at:
            return pill("withdrawn", _("Undone"))
        return pill("active", _("Stands"))

    @admin.display(description=_("rows that it moved"))
    def what_moved(self, merge: Merge) -> int:
        return sum(len(rows) for rows in merge.moved.values())
