"""Runs as words: what was found, what came of each thing, and the evidence;
ids and inner workings at the end.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import runs
from core.admin.base import moment, mono
from core.admin.huge import HugeAdmin, TimeWindow, sampled
from core.models import Run
from core.runs import details, kinds
from core.runs import progress as run_progress
from core.words import names
from core.words.pills import pill
from core.words.times import lasted

# What set it off, in words; what is not listed here is shown as it stands.
TRIGGERS: Final[dict[str, Any]] = {
    "admin": _("A person, in the administration"),
    "api": _("The API"),
    "beat": _("The timetable"),
    "clock": _("The timetable"),
    "command": _("A command at the terminal"),
    "manual": _("A person"),
    "page": _("A person, on a page"),
    "schedule": _("The timetable"),
    "timer": _("The timetable"),
    "webhook": _("A webhook"),
}

# So many of the newest runs are looked through for whose they are.
SAMPLED: Final = 500


def how_far(run: Run) -> SafeString:
    """Show a bar where the end is known, and what was done so far."""
    progress = run_progress.of(run)
    words = " · ".join(progress.so_far)
    if progress.share is None:
        return format_html('<span class="k-figure">{}</span>', words or "–")
    bar = (
        '<progress class="k-progress" max="100" value="{}" aria-label="{}">{} '
        "%</progress> <span>{}</span>"
    )
    return format_html(
        bar, progress.share, _now("Progress"), progress.share, words or f"{progress.share} %"
    )


def facts(rows: Sequence[tuple[str, Any]]) -> SafeString:
    """Show names and values in two columns; a dash where there are none."""
    if not rows:
        return SafeString("–")
    pairs = format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows)
    return format_html('<dl class="k-facts">{}</dl>', pairs)


class OrganizationOfRun(SimpleListFilter):
    """By the name of the organization whose run it was: those among the newest runs."""

    title = _("organization")
    parameter_name = "organization"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        of_some = Run.objects.exclude(organization_id=None).annotate(
            called=names.organization("organization_id")
        )
        newest = of_some.order_by("-created_at").values_list("organization_id", "called")[:SAMPLED]
        found = {str(key): name for key, name in newest if name}
        return sorted(found.items(), key=lambda choice: choice[1].casefold())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        if self.value():
            return queryset.filter(organization_id=self.value())
        return queryset


class Worded:
    """A run that is called by its kind in words, where a page would call it by a key and an id."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __getattr__(self, name: str) -> Any:
        return getattr(self.run, name)

    def __str__(self) -> str:
        return kinds.name_of(self.run.kind)


@admin.register(Run)
class RunAdmin(HugeAdmin):
    """Each execution of a sync, check or import."""

    time_field = "created_at"
    by_day = False
    heavy = ("parameters", "outcomes", "evidence", "checkpoint")
    list_display = (
        moment("created_at", _("queued")),
        "status",
        "called",
        "whose",
        "progress",
        "set_off_by",
        "lasted",
    )
    list_filter = (
        TimeWindow,
        "state",
        sampled("kind", _("kind"), kinds.name_of),
        OrganizationOfRun,
    )
    list_select_related = ("started_by",)
    search_fields = ("=kind", "=lock_key")
    search_help_text = _("A run's id or its kind, written in full")
    fieldsets = (
        (None, {"fields": ("called", "status", "why", "progress", "whose", "set_off_by")}),
        (_("What was found"), {"fields": ("counted", "came_of_it", "proof")}),
        (
            _("When"),
            {
                "fields": (
                    moment("created_at", _("queued")),
                    moment("started_at", _("started")),
                    moment("heartbeat_at", _("last sign of life")),
                    moment("finished_at", _("ended")),
                    "lasted",
                    "tries",
                    "stopping",
                )
            },
        ),
        (
            _("Inner workings"),
            {
                "classes": ("collapse",),
                "fields": ("identifier", "key", "asked_for", "goes_on_from", "belongs_to"),
            },
        ),
    )
    actions = ("cancel",)
    object_acts = ("cancel",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return (
            super()
            .get_queryset(request)
            .annotate(organization_name=names.organization("organization_id"))
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *more: Any, **named: Any
    ) -> HttpResponse:
        run = context.get("original")
        if run is not None:
            context |= {"original": Worded(run), "subtitle": kinds.name_of(run.kind)}
        return super().render_change_form(request, context, *more, **named)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [field for _heading, options in self.fieldsets for field in options["fields"]]

    @admin.display(description=_("status"))
    def status(self, run: Run) -> SafeString:
        return pill(run.state)

    @admin.display(description=_("kind"))
    def called(self, run: Run) -> str:
        return kinds.name_of(run.kind)

    @admin.display(description=_("organization"))
    def whose(self, run: Any) -> str:
        return run.organization_name or "–"

    @admin.display(description=_("done"))
    def progress(self, run: Run) -> SafeString:
        return how_far(run)

    @admin.display(description=_("set off by"))
    def set_off_by(self, run: Run) -> str:
        if run.started_by:
            return run.started_by.get_full_name() or run.started_by.get_username()
        return str(TRIGGERS.get(run.trigger, run.trigger)) or "–"

    @admin.display(description=_("Error"))
    def why(self, run: Run) -> str:
        return run.why or "–"

    @admin.display(description=_("counts"))
    def counted(self, run: Run) -> SafeString:
        return facts(details.of(run, for_staff=True)["counts"])

    @admin.display(description=_("outcomes"))
    def came_of_it(self, run: Run) -> SafeString:
        return facts(details.of(run, for_staff=True)["outcomes"])

    @admin.display(description=_("evidence"))
    def proof(self, run: Run) -> SafeString:
        return facts(details.of(run, for_staff=True)["evidence"])

    @admin.display(description=_("lasted"))
    def lasted(self, run: Run) -> str:
        if run.started_at:
            return lasted(run.started_at, run.finished_at or timezone.now())
        return "–"

    @admin.display(description=_("attempts"))
    def tries(self, run: Run) -> int:
        return run.attempts

    @admin.display(description=_("asked to stop"))
    def stopping(self, run: Run) -> SafeString:
        if run.cancel_requested:
            return pill("yes")
        return pill("no")

    @admin.display(description=_("id"))
    def identifier(self, run: Run) -> SafeString:
        return mono(run.pk)

    @admin.display(description=_("one at a time by"))
    def key(self, run: Run) -> SafeString:
        return mono(run.lock_key)

    @admin.display(description=_("what it was asked for"))
    def asked_for(self, run: Run) -> SafeString:
        return facts(details.rows(run, run.parameters))

    @admin.display(description=_("goes on from"))
    def goes_on_from(self, run: Run) -> SafeString:
        return facts(details.rows(run, run.checkpoint))

    @admin.display(description=_("part of"))
    def belongs_to(self, run: Run) -> str:
        if run.parent is None:
            return "–"
        return kinds.name_of(run.parent.kind)

    @admin.action(description=_("Cancel"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Run]) -> None:
        open_runs = list(chosen.filter(state__in=Run.OPEN))
        for run in open_runs:
            runs.cancel(run, request.user, request)
        text = ngettext(
            "%(n)d run is asked to stop.", "%(n)d runs are asked to stop.", len(open_runs)
        )
        messages.success(request, text % {"n": len(open_runs)})

    def acts_on(self, row: Run) -> Iterable[str]:
        if row.state in Run.OPEN and not row.cancel_requested:
            return self.object_acts
        return ()

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_run")
