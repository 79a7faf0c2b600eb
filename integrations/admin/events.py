"""What happened, and what is owed to those who want to hear of it:
looked at, and sent again by staff who may.
"""

from collections import defaultdict
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin.base import moment, mono
from core.admin.huge import HugeAdmin, TimeWindow
from core.words import sayings
from core.words.pills import pill
from integrations import access
from integrations.admin.kept import OfIntegrations, WindowById, number_in
from integrations.events import acting
from integrations.events.acting import NotNow
from integrations.events.catalogue import KINDS
from integrations.models import Delivery, Event, EventEndpoint, Integration

# A replay is worked one by one: more than this at a time belongs to the page of the endpoint.
REPLAY_AT_ONCE: Final = 1_000


class KindFilter(admin.SimpleListFilter):
    """By what happened."""

    title = _("event")
    parameter_name = "event"
    field = "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.name, kind.name) for kind in KINDS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(**{self.field: self.value()})


class KindOfDeliveryFilter(KindFilter):
    """By what happened, of a delivery."""

    field = "event__name"


@admin.register(Event)
class EventAdmin(HugeAdmin):
    """Everything that happened in the last 30 days, whoever hears of it."""

    time_field = "created_at"
    by_day = False
    heavy = ("data",)
    list_display = (moment("created_at", _("time")), "name", "organization", "what_it_is")
    list_filter = (TimeWindow, KindFilter, "is_sample")
    list_select_related = ("organization",)
    search_fields = ("=organization__name", "=name")
    search_help_text = _("An event's id or name, or an organization, written in full")
    fields = ("name", "organization", "what_it_is", moment("created_at", _("time")), "data")
    readonly_fields = fields

    @admin.display(description=_("kind"))
    def what_it_is(self, event: Event) -> str:
        if event.is_sample:
            return str(_("Example, to try an endpoint"))
        return "–"


@admin.register(EventEndpoint)
class EventEndpointAdmin(OfIntegrations):
    """How it goes with each address that events are sent to."""

    list_display = (
        "integration",
        "organization",
        "status",
        moment("last_success_at", _("last worked")),
        moment("failing_since", _("failing since")),
    )
    list_filter = (
        ("paused_at", admin.EmptyFieldListFilter),
        ("failing_since", admin.EmptyFieldListFilter),
    )
    ordering = ("integration_id",)
    sortable_by = ()
    fields = (
        "integration",
        "organization",
        "status",
        "why",
        moment("last_success_at", _("last worked")),
        moment("failing_since", _("failing since")),
        moment("paused_at", _("switched off by Koppel")),
        moment("rest_until", _("rests until")),
        moment("owed_since", _("owed since")),
    )
    readonly_fields = fields

    @admin.display(description=_("organization"))
    def organization(self, endpoint: EventEndpoint) -> str:
        return str(endpoint.integration.organization)

    @admin.display(description=_("status"))
    def status(self, endpoint: EventEndpoint) -> SafeString:
        if not endpoint.integration.is_active:
            return pill("disabled")
        if endpoint.failing_since is not None:
            return pill("failing")
        if endpoint.last_success_at is None:
            return pill("not_tested")
        return pill("works")

    @admin.display(description=_("Error"))
    def why(self, endpoint: EventEndpoint) -> str:
        return sayings.say(endpoint.cause, "") or "–"


@admin.register(Delivery)
class DeliveryAdmin(OfIntegrations, HugeAdmin):
    """Each event that an endpoint is owed, and what came of it."""

    time_field = "created_at"
    by_day = False
    heavy = ("tries",)
    list_display = (
        moment("created_at", _("time")),
        "status",
        "what",
        "integration",
        "attempts",
        moment("next_attempt_at", _("next attempt")),
        "why",
    )
    list_filter = (WindowById, "state", KindOfDeliveryFilter)
    list_select_related = ("integration", "event")
    # Ids hold their moment, so that this is by time.
    ordering = ("-id",)
    actions = ("replay",)
    object_acts = ("replay",)
    fields = (
        "integration",
        "what",
        "event",
        "status",
        "attempts",
        "error",
        "tries",
        moment("created_at", _("time")),
        moment("next_attempt_at", _("next attempt")),
        moment("sent_at", _("sent")),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*self.heavy, "event__data")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find a delivery by its id or its event's whatever else is filtered;
        words within the window.
        """
        wanted = number_in(search_term)
        if wanted is not None:
            rows = self.get_queryset(request)
            found = rows.filter(pk=wanted)
            if not found.exists():
                found = rows.filter(event_id=wanted)
            if found.exists():
                return found, False
        return OfIntegrations.get_search_results(self, request, queryset, search_term)

    def by_words(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        return queryset.filter(event__name=term)

    @admin.display(description=_("status"))
    def status(self, delivery: Delivery) -> SafeString:
        return pill(delivery.state)

    @admin.display(description=_("event"))
    def what(self, delivery: Delivery) -> SafeString:
        return mono(delivery.event.name)

    @admin.display(description=_("Error"))
    def why(self, delivery: Delivery) -> str:
        return delivery.error[:80] or "–"

    @admin.action(description=_("Send again"), permissions=["replay"])
    def replay(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        chosen: dict[Any, list[Any]] = defaultdict(list)
        for integration_id, number in deliveries.values_list("integration_id", "pk")[
            :REPLAY_AT_ONCE
        ]:
            chosen[integration_id].append(number)
        owed = 0
        for integration in Integration.objects.filter(pk__in=chosen).select_related(
            "organization", "owner"
        ):
            try:
                owed += acting.replay(
                    integration, chosen[integration.pk], actor=request.user, request=request
                )
            except NotNow as error:
                messages.error(request, f"{integration}: {error.message}")
            except ValidationError as error:
                messages.error(request, f"{integration}: {' '.join(error.messages)}")
        text = ngettext("%(n)d event is sent again.", "%(n)d events are sent again.", owed)
        messages.success(request, text % {"n": owed})

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(access.REPLAY)
