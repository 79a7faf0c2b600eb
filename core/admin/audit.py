"""The audit log: read, searched, exported, checked; never changed."""

from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core import audit
from core.admin.base import AppendOnlyAdmin, moment, mono
from core.admin.export import Exported
from core.admin.huge import HugeAdmin, TimeWindow
from core.models import AuditEvent, AuditHead

# Longer logs are verified by the command: a page must answer within seconds.
VERIFY_ON_A_PAGE: Final = 200_000
PROBLEMS_SHOWN: Final = 10


class ActionFilter(admin.SimpleListFilter):
    """By one of the known actions."""

    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(audit.ACTIONS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value():
            return queryset.filter(action=self.value())
        return queryset


@admin.register(AuditEvent)
class AuditEventAdmin(Exported, HugeAdmin):
    """Who did what."""

    time_field = "at"
    by_day = False
    list_display = (moment("at", _("time")), "sequence", "action", "actor_name", "target", "ip")
    list_filter = (TimeWindow, ActionFilter)
    search_fields = ("=action", "=actor_name", "=target_name", "=target_id")
    search_help_text = _("An action, a person or a target, written in full")
    export_name = "audit-log"
    export_key = ("sequence",)
    export_permission = "core.export_auditevent"
    export_action = "audit.exported"
    actions = None
    export_columns = (
        "sequence", "at", "action", "actor_id", "actor_name", "organization_id", "target_type",
        "target_id", "target_name", "ip", "user_agent", "old_value", "new_value", "facts",
        "previous_hash", "hash",
    )  # fmt: skip

    @admin.display(description=_("target"))
    def target(self, event: AuditEvent) -> str:
        return f"{event.target_type} {event.target_name or event.target_id}".strip() or "–"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.verify_view)
        return [path("verify/", view, name="audit_verify"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {"list_acts": [("verify/", _("Verify"))], **(extra_context or {})}
        )

    def verify_view(self, request: HttpRequest) -> HttpResponse:
        """Read the whole chain and say whether it is as it was written."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        head = AuditHead.objects.first()
        if head is not None and head.sequence > VERIFY_ON_A_PAGE:
            messages.warning(
                request,
                _("The log is too long to read while you wait: run `manage.py verify_audit`."),
            )
        else:
            _verify(request)
        return HttpResponseRedirect(reverse("admin:core_auditevent_changelist"))


def _verify(request: HttpRequest) -> None:
    found = audit.verify()
    with transaction.atomic():
        audit.record(
            "audit.verified",
            actor=request.user,
            request=request,
            rows=found.rows,
            problems=found.problem_count,
        )
    if found.intact:
        messages.success(
            request, _("%(n)d rows read: the log is as it was written.") % {"n": found.rows}
        )
    for problem in found.problems[:PROBLEMS_SHOWN]:
        messages.error(request, str(problem.text))
    if found.problem_count > PROBLEMS_SHOWN:
        more = found.problem_count - PROBLEMS_SHOWN
        messages.error(
            request, _("And %(n)d more: run `manage.py verify_audit` for all.") % {"n": more}
        )


@admin.register(AuditHead)
class AuditHeadAdmin(AppendOnlyAdmin):
    """Where the chain ends."""

    list_display = ("sequence", "end")

    @admin.display(description=_("hash"))
    def end(self, head: AuditHead) -> SafeString:
        return mono(head.hash)


@admin.register(LogEntry)
class LogEntryAdmin(HugeAdmin):
    """Which pages of the admin were saved: names of fields, never their values."""

    time_field = "action_time"
    by_day = False
    list_display = (
        moment("action_time", _("time")),
        "user",
        "content_type",
        "object_repr",
        "action_flag",
    )
    list_filter = (TimeWindow, "action_flag")
    list_select_related = ("user", "content_type")
    search_fields = ("=object_id", "=user__username")
    ordering: ClassVar = ["-action_time", "-id"]
