"""What went out to vendors and what they sent."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin.base import AppendOnlyAdmin, moment, mono
from core.admin.export import Exported
from core.admin.huge import HugeAdmin, TimeWindow, sampled
from core.inbox import replaying
from core.models import ApiCall, ApiKeyHour, InboundEvent, InboundReceipt
from core.words.pills import pill
from core.words.states import word

# A replay is worked one by one: more than this at a time belongs to a command.
REPLAY_AT_ONCE = 1_000


# `success` is named so that the index of failed calls serves the rest, rare as they are.
STATUSES: Final[dict[str, tuple[Any, dict[str, Any]]]] = {
    "ok": (_("Succeeded (2xx)"), {"status_code__gte": 200, "status_code__lt": 300}),
    "neutral": (_("Neutral (expected, but no success)"), {"success": None, "status_code__gte": 0}),
    "401": (_("Key not accepted (401)"), {"status_code": 401, "success": False}),
    "429": (_("Too many requests (429)"), {"status_code": 429, "success": False}),
    "4xx": (
        _("Refused (4xx)"),
        {"status_code__gte": 400, "status_code__lt": 500, "success": False},
    ),
    "5xx": (_("Vendor's fault (5xx)"), {"status_code__gte": 500, "success": False}),
    "none": (_("No answer"), {"status_code": None, "success": False}),
    "held": (_("Held back, not sent"), {"status_code": None, "success": None}),
}


class StatusFilter(admin.SimpleListFilter):
    """What the vendor answered."""

    title = _("answer")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, words) for key, (words, _bounds) in STATUSES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = STATUSES.get(self.value() or "")
        if chosen:
            return queryset.filter(**chosen[1])
        return queryset


class OutcomeFilter(admin.BooleanFieldListFilter):
    """How it ended, in the words of the list."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.title = _("outcome")

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield Django's choices: after the first, all, each gets its state's word."""
        every, *others = super().choices(changelist)
        yield every
        for choice, state in zip(others, ("succeeded", "failed", "neutral"), strict=True):
            yield {**choice, "display": word(state)}


@admin.register(ApiCall)
class ApiCallAdmin(Exported, HugeAdmin):
    """Every request to a vendor."""

    time_field = "created_at"
    heavy = ("metadata",)
    list_display = (
        moment("created_at", _("time")),
        "outcome",
        "vendor",
        "workspace_name",
        "what",
        "took",
        "function_name",
    )
    list_filter = (
        TimeWindow,
        ("success", OutcomeFilter),
        sampled("vendor", _("vendor")),
        StatusFilter,
    )
    search_fields = ("=workspace_name", "=request_id", "=account")
    search_help_text = _("A call's id, a workspace, an account or a request id, written in full")
    export_name = "api-calls"
    export_key = ("created_at", "id")
    export_permission = "core.export_apicall"
    export_columns = (
        "id", "created_at", "vendor", "account", "workspace_name", "instance", "method", "endpoint",
        "status_code", "success", "response_time_ms", "error_message", "api_key_used",
        "api_key_type", "function_name", "triggered_by", "attempt", "request_id",
    )  # fmt: skip

    @admin.display(description=_("outcome"))
    def outcome(self, call: ApiCall) -> SafeString:
        without = _("No answer")
        if call.success is None:
            without = _("Not sent")
        return pill(call.outcome, call.status_code or without)

    @admin.display(description=_("request"))
    def what(self, call: ApiCall) -> SafeString:
        return mono(f"{call.method} {call.endpoint[:80]}")

    @admin.display(description=_("took"))
    def took(self, call: ApiCall) -> SafeString:
        return format_html('<span class="k-figure">{} ms</span>', call.response_time_ms)


@admin.register(ApiKeyHour)
class ApiKeyHourAdmin(AppendOnlyAdmin):
    """Who called with which key in which hour; of a key the log has the last characters alone."""

    list_display = (
        moment("hour", _("hour")),
        "vendor",
        "key",
        "workspace_name",
        "function_name",
        "triggered_by",
        "calls",
        moment("last_call_at", _("last call")),
    )
    search_fields = ("=api_key_used", "=workspace_name")
    search_help_text = _("A key's last characters or a workspace, written in full")
    ordering = ("-hour", "-id")
    fields = (*list_display, "run_ids")

    @admin.display(description=_("key"), ordering="api_key_used")
    def key(self, row: ApiKeyHour) -> SafeString:
        return mono(f"…{row.api_key_used}")


@admin.register(InboundEvent)
class InboundEventAdmin(HugeAdmin):
    """Every webhook delivery."""

    time_field = "received_at"
    heavy = ("event_data", "event_signature", "metadata")
    list_display = (
        moment("received_at", _("received")),
        "status",
        "source",
        "event_type",
        "workspace_name",
        "retry_count",
        "delivery",
    )
    list_filter = (TimeWindow, "processing_status", sampled("source", _("source")))
    search_fields = ("=delivery_id", "=workspace_name", "=account", "=event_type", "=request_id")
    search_help_text = _(
        "A delivery's id, a workspace, an event type or a request id, written in full"
    )
    actions = ("replay",)
    object_acts = ("replay",)

    @admin.display(description=_("status"))
    def status(self, event: InboundEvent) -> SafeString:
        return pill(event.processing_status)

    @admin.display(description=_("delivery"))
    def delivery(self, event: InboundEvent) -> SafeString:
        return mono(event.delivery_id[:40])

    @admin.action(description=_("Replay"), permissions=["replay"])
    def replay(self, request: HttpRequest, events: QuerySet[InboundEvent]) -> None:
        chosen = list(events.values_list("pk", flat=True)[:REPLAY_AT_ONCE])
        count = replaying.replay(chosen, request.user, request)
        text = ngettext(
            "%(n)d delivery goes to work again.", "%(n)d deliveries go to work again.", count
        )
        messages.success(request, text % {"n": count})
        if count < len(chosen):
            messages.info(request, _("What was processed or is already waiting was left alone."))

    def acts_on(self, row: InboundEvent) -> Iterable[str]:
        if row.processing_status in replaying.MAY_GO_AGAIN:
            return self.object_acts
        return ()

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.replay_inboundevent")


@admin.register(InboundReceipt)
class InboundReceiptAdmin(AppendOnlyAdmin):
    """The keys by which a delivery is known to have come before:
    for looking up, not for reading.
    """

    list_display = (moment("received_at", _("received")), "event_id")
    list_display_links = None
    search_fields = ("=event_id",)
    ordering: ClassVar = ["-received_at"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        events = InboundEventAdmin(InboundEvent, self.admin_site)
        found, _more = events.get_search_results(request, InboundEvent.objects.none(), search_term)
        if search_term:
            queryset = queryset.filter(event_id__in=[event.pk for event in found[:10]])
        return queryset, False
