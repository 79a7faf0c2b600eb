"""Whom nobody may write to, and what each workspace does about it:
entered on its page, looked at and repeated here.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bison import access, suppression
from bison.models import Suppression, SuppressionState
from bison.suppression import applying
from core.admin import acting
from core.admin.base import AppendOnlyAdmin, moment
from core.words import sayings
from core.words.pills import pill


class LiftedFilter(admin.SimpleListFilter):
    """In force, or on its way out."""

    title = _("state")
    parameter_name = "lifted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("0", _("In force")), ("1", _("Being lifted"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Suppression]
    ) -> QuerySet[Suppression]:
        if self.value() is None:
            return queryset
        return queryset.filter(removed_at__isnull=self.value() == "0")


@admin.register(Suppression)
class SuppressionAdmin(AppendOnlyAdmin):
    """The addresses and domains that are blocked."""

    list_display = (
        "value",
        "kind",
        "state",
        "scope",
        "source",
        "reason",
        moment("created_at", _("added")),
    )
    list_filter = (LiftedFilter, "kind", "source")
    search_fields = ("=value", "=id")
    search_help_text = _("An address or a domain, written in full")
    ordering = ("-created_at", "-id")
    actions = ("apply", "read_back")
    object_acts = ("apply",)

    @admin.display(description=_("state"), ordering="removed_at")
    def state(self, row: Suppression) -> SafeString:
        if row.removed_at is not None:
            return pill("running", _("Being lifted"))
        return pill("enabled", _("In force"))

    @admin.action(description=_("Put into effect again"), permissions=["apply"])
    def apply(self, request: HttpRequest, chosen: QuerySet[Suppression]) -> None:
        ids = list(chosen.values_list("pk", flat=True)[:10_000])
        acting.show_started(
            request, lambda: applying.start(ids, started_by=request.user, trigger="admin")
        )

    @admin.action(description=_("Check all workspaces"), permissions=["apply"])
    def read_back(self, request: HttpRequest, chosen: QuerySet[Suppression]) -> None:
        acting.show_started(
            request, lambda: suppression.start_check(started_by=request.user, trigger="admin")
        )

    def has_apply_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, access.SUPPRESS)


@admin.register(SuppressionState)
class SuppressionStateAdmin(AppendOnlyAdmin):
    """What each workspace does with each of them, as it was read back."""

    list_display = (
        "suppression",
        "workspace",
        "effect",
        "blacklisted",
        "unsubscribed",
        "repaired_times",
        moment("read_back_at", _("read back")),
    )
    list_filter = ("state", "workspace__instance")
    list_select_related = ("suppression", "workspace")
    search_fields = ("=suppression__value", "=workspace__workspace_name")
    search_help_text = _("An address, a domain or a workspace's name, written in full")
    ordering = ("suppression_id", "workspace_id")
    fields = (
        "suppression",
        "workspace",
        "effect",
        "blacklisted",
        "unsubscribed",
        "read_back_at",
        "why_not",
        "repaired_times",
    )

    @admin.display(description=_("state"), ordering="state")
    def effect(self, row: SuppressionState) -> SafeString:
        return pill(row.state)

    @admin.display(description=_("Error"))
    def why_not(self, row: SuppressionState) -> str:
        return sayings.say(row.error_said, row.error) or "–"
