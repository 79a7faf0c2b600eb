"""Incidents, the causes that are watched, and maintenance windows."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import TabularInline

from core import audit, incidents
from core.admin.base import AppendOnlyAdmin, moment
from core.errors import Conflicting
from core.incidents import attending, subjects
from core.models import Incident, IncidentNote, MaintenanceWindow, Watch
from core.words.pills import pill
from core.words.states import word
from core.words.times import lasted


class OpenFilter(admin.SimpleListFilter):
    """Open or over."""

    title = _("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", word("open")), ("0", word("closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "1")


class AttendedFilter(admin.SimpleListFilter):
    """Whether somebody looks after it."""

    title = _("looked after")
    parameter_name = "attended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", word("acknowledged")), ("0", _("By nobody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(acknowledged_at__isnull=self.value() == "0")


class NotesInline(TabularInline):
    """What happened to it, and who did it."""

    model = IncidentNote
    extra = 0
    can_delete = False
    verbose_name_plural = _("what happened")
    fields = ("kind", moment("at", _("time")), "by", "text")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show it to whoever sees the incident."""
        return request.user.has_perm("core.view_incident")


@admin.register(Incident)
class IncidentAdmin(AppendOnlyAdmin):
    """What is and was wrong: opened and closed by what was seen, or closed here by hand."""

    exclude = ("title", "what_to_do", "for_everybody")
    readonly_fields = ("headline", "advice", "notice")
    list_display = (
        "headline",
        "status",
        "severity_pill",
        moment("opened_at", _("opened")),
        "lasted",
        "times_seen",
        "hits",
        "attended_by",
    )
    list_filter = (OpenFilter, "severity", AttendedFilter)
    list_select_related = ("acknowledged_by",)
    search_fields = ("title", "=cause")
    inlines = (NotesInline,)
    actions = ("acknowledge", "close")
    object_acts = ("acknowledge", "close")

    @admin.display(description=_("state"))
    def status(self, incident: Incident) -> SafeString:
        return pill(incident.state)

    @admin.display(description=_("looked after by"))
    def attended_by(self, incident: Incident) -> str:
        if incident.acknowledged_at is None:
            return "–"
        return attending.name_of(incident.acknowledged_by)

    @admin.display(description=_("title"))
    def headline(self, incident: Incident) -> str:
        return incident.headline

    @admin.display(description=_("What to do"))
    def advice(self, incident: Incident) -> str:
        return incident.advice or "–"

    @admin.display(description=_("What members read"))
    def notice(self, incident: Incident) -> str:
        return incident.notice or "–"

    @admin.display(description=_("severity"))
    def severity_pill(self, incident: Incident) -> SafeString:
        return pill(incident.severity)

    @admin.display(description=_("lasted"))
    def lasted(self, incident: Incident) -> str:
        return lasted(incident.opened_at, incident.closed_at or timezone.now())

    @admin.display(description=_("affected"))
    def hits(self, incident: Incident) -> SafeString:
        return format_html('<span class="k-figure">{}</span>', len(incident.affected) or "–")

    @admin.action(description=_("Acknowledge"), permissions=["close"])
    def acknowledge(self, request: HttpRequest, chosen: QuerySet[Incident]) -> None:
        taken = 0
        for incident in chosen.filter(closed_at=None, acknowledged_at=None):
            try:
                attending.acknowledge(incident, actor=request.user, request=request)  # type: ignore[arg-type]
            except Conflicting as error:
                messages.info(request, " ".join(error.messages))
            else:
                taken += 1
        text = ngettext("%(n)d incident acknowledged.", "%(n)d incidents acknowledged.", taken)
        messages.success(request, text % {"n": taken})

    @admin.action(description=_("Close by hand"), permissions=["close"])
    def close(self, request: HttpRequest, chosen: QuerySet[Incident]) -> None:
        closed = 0
        for incident in chosen.filter(closed_at=None):
            with transaction.atomic():
                if incidents.close(incident.cause):
                    audit.record(
                        "incident.closed", actor=request.user, target=incident, request=request
                    )
                    closed += 1
        text = ngettext("%(n)d incident closed.", "%(n)d incidents closed.", closed)
        messages.success(request, text % {"n": closed})

    def acts_on(self, row: Incident) -> Iterable[str]:
        if row.closed_at:
            return ()
        if row.acknowledged_at:
            return ("close",)
        return self.object_acts

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_incident")


@admin.register(Watch)
class WatchAdmin(AppendOnlyAdmin):
    """Causes that were seen bad lately, open incident or not yet."""

    list_display = ("cause", "bad_in_a_row", "good_in_a_row", "updated_at")
    search_fields = ("=cause",)
    ordering = ("-updated_at",)


class WindowStateFilter(admin.SimpleListFilter):
    """Running, planned or over."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state, word(name)) for state, name in _WINDOW_WORDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        wanted = {
            "running": {"starts_at__lte": now, "ends_at__gt": now},
            "planned": {"starts_at__gt": now},
            "over": {"ends_at__lte": now},
        }
        return queryset.filter(**wanted.get(self.value() or "", {}))


_WINDOW_WORDS = {"running": "maintenance.running", "planned": "planned", "over": "over"}


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(AppendOnlyAdmin):
    """When alerts were or will be silent; planned and ended on the dashboard's
    page of maintenance.
    """

    list_display = (
        "subject_name",
        "kind",
        "status",
        moment("starts_at", _("from")),
        moment("ends_at", _("until")),
        "reason",
        "made_by",
    )
    list_filter = (WindowStateFilter, "subject_kind")
    list_select_related = ("made_by",)
    search_fields = ("subject_name", "reason")

    @admin.display(description=_("about"))
    def kind(self, window: MaintenanceWindow) -> str:
        return subjects.word_of(window.subject_kind)

    @admin.display(description=_("state"))
    def status(self, window: MaintenanceWindow) -> SafeString:
        return pill(_WINDOW_WORDS[window.state])
