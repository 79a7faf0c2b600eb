"""What was proved of each workspace: results of syncs, the reply ledger, onboarding."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bison import access, onboarding
from bison.admin.figures import BY_WORKSPACE
from bison.admin.named import named
from bison.models import LedgerCheck, LedgerDay, Onboarding, WorkspaceResult
from core.admin import acting
from core.admin.acting import Answer
from core.admin.base import AppendOnlyAdmin, moment
from core.words.pills import pill


@admin.register(WorkspaceResult)
class ResultAdmin(AppendOnlyAdmin):
    """What each sync found in each workspace, and whether that is proved."""

    list_display = (
        moment("finished_at", _("finished")),
        "workspace",
        "kind",
        "proof",
        named("at_vendor", _("at Email Bison")),
        named("in_koppel", _("in Koppel")),
        named("thrown_away", _("read again")),
        "short_reason",
    )
    list_filter = ("state", "kind", "workspace__instance")
    list_select_related = ("workspace",)
    search_fields = ("=workspace__workspace_name", "=run__id")
    search_help_text = _("A workspace's name or a run's id, written in full")
    ordering = ("-finished_at", "-id")
    fields = (
        "workspace",
        "kind",
        "proof",
        "at_vendor",
        "in_koppel",
        "counts",
        "long_reason",
        "key_type",
        "thrown_away",
        "run",
        "finished_at",
    )

    @admin.display(description=_("result"), ordering="state")
    def proof(self, result: WorkspaceResult) -> SafeString:
        return pill(result.state)

    @admin.display(description=_("reason"))
    def short_reason(self, result: WorkspaceResult) -> str:
        return result.why[:120] or "–"

    @admin.display(description=_("reason"))
    def long_reason(self, result: WorkspaceResult) -> str:
        return result.why or "–"


@admin.register(LedgerDay)
class LedgerDayAdmin(AppendOnlyAdmin):
    """What each day has at the vendor, what our webhook brought, and what is in Koppel."""

    list_display = (
        "day",
        "workspace",
        "state",
        named("events_at_vendor", _("events")),
        named("deliveries_seen", _("deliveries")),
        named("interested_at_vendor", _("interested, at Email Bison")),
        named("interested_in_koppel", _("interested, in Koppel")),
        "missing",
        "healed",
        moment("checked_at", _("checked")),
    )
    list_filter = ("workspace__instance",)
    list_select_related = ("workspace",)
    search_fields = ("=workspace__workspace_name",)
    search_help_text = BY_WORKSPACE
    ordering = ("-day", "-id")

    @admin.display(description=_("state"))
    def state(self, day: LedgerDay) -> SafeString:
        if day.missing:
            return pill("missing")
        return pill("succeeded")


@admin.register(LedgerCheck)
class LedgerCheckAdmin(AppendOnlyAdmin):
    """How the checks of each workspace's ledger go."""

    list_display = (
        "workspace",
        "state",
        moment("checked_at", _("checked")),
        moment("failing_since", _("failing since")),
    )
    list_select_related = ("workspace",)
    search_fields = ("=workspace__workspace_name",)
    search_help_text = BY_WORKSPACE
    ordering = ("workspace_id",)
    fields = ("workspace", "state", "checked_at", "failing_since", "reason_in_words")

    @admin.display(description=_("state"))
    def state(self, check: LedgerCheck) -> SafeString:
        if check.failing_since:
            return pill("proof.failing")
        if check.checked_at is None:
            return pill("proof.unchecked")
        return pill("proof.whole")

    @admin.display(description=_("reason"))
    def reason_in_words(self, check: LedgerCheck) -> str:
        return check.why or "–"


@admin.register(Onboarding)
class OnboardingAdmin(AppendOnlyAdmin):
    """What has to be done and proved before a workspace counts as set up:
    what a probe proves, it alone sets.
    """

    list_display = (
        "workspace",
        "state",
        "api_key_tested",
        "webhook_tested",
        "initial_sync_completed",
        moment("updated_at", _("changed")),
    )
    list_filter = ("onboarding_status", "workspace__instance")
    list_select_related = ("workspace",)
    search_fields = ("=workspace__workspace_name",)
    search_help_text = BY_WORKSPACE
    ordering = ("workspace_id",)
    actions = ("probe",)
    object_acts = ("probe",)

    @admin.display(description=_("status"), ordering="onboarding_status")
    def state(self, row: Onboarding) -> SafeString:
        return pill(row.onboarding_status)

    @admin.action(description=_("Check the steps"), permissions=["probe"])
    def probe(self, request: HttpRequest, chosen: QuerySet[Onboarding]) -> None:
        def act(row: Onboarding) -> Answer:
            found = onboarding.probe(row.workspace, trigger="admin")
            is_done = found.onboarding_status == Onboarding.Status.COMPLETED
            return Answer(str(found.get_onboarding_status_display()), is_good=is_done)

        acting.with_each(request, chosen.select_related("workspace__instance__account"), act)

    def has_probe_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, access.TEST)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in super().get_fields(request, obj) if name != "onboarding_status"]
