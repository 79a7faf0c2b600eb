"""What each page shows: read here, in a fixed number of queries, and nowhere in the templates."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Count, Model, Q, QuerySet
from django.db.models.functions import TruncHour
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bison import access as bison
from bison.models import Instance
from core.connections import Connection
from core.health import readiness
from core.models import AlertChannel, Incident, Run, User
from core.words.states import look
from crm import access
from crm.models import Organization
from dashboard import remedies, run_tables
from dashboard.navigation import Shell
from dashboard.paging import newest_first
from dashboard.signs import Square
from dashboard.tables import ordering_of
from fathom_sync import access as fathom_access
from fathom_sync import accounts
from fathom_sync.accounts.vendor import FOR_EVERYBODY
from fathom_sync.models import FathomAccount

Row = TypeVar("Row", bound=Model)
RECENT_RUNS, SHOWN_INCIDENTS, RUNS_A_PAGE = 8, 20, 50
# Which of several runs speaks for their hour.
WORST_FIRST = ("failed", "incomplete", "running", "queued", "succeeded", "cancelled")


@dataclass(frozen=True)
class Step:
    """Something to do first; shown until all of a person's are done."""

    title: str | Promise
    text: str | Promise
    url: str
    icon: str
    done: bool
    needs_attention: bool = False


def home(user: User, shell: Shell) -> dict[str, Any]:
    """Return the overview: what is wrong, what runs, what to do first; of one organization, or of all they may see."""
    scope, sees_runs = shell.scope, shell.sees_runs
    organization = None
    if not shell.is_staff:
        organization = shell.current
    steps = first_steps(user, organization)
    if all(step.done for step in steps):
        steps = []
    page: dict[str, Any] = {"sees_runs": sees_runs, "steps": steps}
    if not sees_runs:
        return page
    runs, incidents = within(access.runs_for(user), scope), incidents_within(access.incidents_for(user), scope)
    open_incidents = list(incidents.filter(closed_at=None).order_by("-opened_at")[: SHOWN_INCIDENTS + 1])
    newest = list(runs.order_by("-pk")[:RECENT_RUNS])
    ended = ended_by_hour(runs)
    return page | {
        "runs": newest,
        "run_table": run_tables.runs(newest, caption=_("Recent runs")),
        "incidents": remedies.advice(open_incidents[:SHOWN_INCIDENTS], shell),
        "more_incidents": len(open_incidents) > SHOWN_INCIDENTS,
        "figures": figures(runs, ended),
        "squares": squares(ended),
    }


def within(rows: QuerySet[Row], scope: UUID | None) -> QuerySet[Row]:
    """Return those of the organization that the person looks at; all for None."""
    if scope is None:
        return rows
    return rows.filter(organization_id=scope)


def incidents_within(rows: QuerySet[Incident], scope: UUID | None) -> QuerySet[Incident]:
    """Those of the organization that the person looks at, and those that hit every organization."""
    if scope is None:
        return rows
    return rows.filter(Q(organization_id=scope) | (Q(organization_id=None) & ~Q(for_everybody="")))


Ended = dict[datetime, dict[str, int]]


def ended_by_hour(runs: QuerySet[Run]) -> Ended:
    """How many of the runs begun in each of the last 24 hours are in which state."""
    found: Ended = {}
    recent = runs.filter(pk__gte=_first_id(timezone.now() - timedelta(hours=24)))
    by_hour = recent.annotate(hour=TruncHour("created_at")).values_list("hour", "state").annotate(count=Count("pk"))
    for hour, state, count in by_hour.order_by():
        found.setdefault(hour, {})[state] = count
    return found


def figures(runs: QuerySet[Run], ended: Ended) -> dict[str, int]:
    """Runs in work, and how those begun in the last 24 hours ended."""
    names = {"complete": "succeeded", "incomplete": "incomplete", "failed": "failed"}
    sums = {name: sum(states.get(state, 0) for states in ended.values()) for name, state in names.items()}
    return {"running": runs.filter(state__in=Run.OPEN).count(), **sums}


def squares(ended: Ended) -> list[Square]:
    """A square for each of the last 24 hours: as bad as the worst run that began in it."""
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    hours = [now - timedelta(hours=ago) for ago in reversed(range(24))]
    found = {timezone.localtime(hour): states for hour, states in ended.items()}
    return [_square(hour, found.get(hour, {})) for hour in hours]


def _square(hour: datetime, states: dict[str, int]) -> Square:
    clock = date_format(hour, "H:i")
    if not states:
        return Square(_("%(hour)s: no run") % {"hour": clock})
    words = ", ".join(f"{count} × {look(state).word}" for state, count in sorted(states.items()))
    worst = next((state for state in WORST_FIRST if state in states), "")
    query = ""
    if worst in ("failed", "incomplete"):
        query = f"?state={worst}"
    tone = ""
    if worst:
        tone = look(worst).tone
    return Square(f"{clock}: {words}", tone, f"{reverse('dashboard:runs')}{query}")


def _first_id(since: datetime) -> UUID:
    """The smallest id that a row made since then can have: ids sort by time (core.ids), and are indexed."""
    return UUID(int=int(since.timestamp() * 1000) << 80)


def health_parts() -> list[dict[str, Any]]:
    """The parts that /readyz asks, in the reader's words."""
    found = readiness.check()
    words = {"database": _("Database"), "redis": _("Queue"), "worker": _("Worker"), "beat": _("Timetable")}
    return [{"name": words.get(part, part), "ok": found[part]["state"] == "ok"} for part in found]


def first_steps(user: User, organization: Organization | None) -> list[Step]:
    """What a new person does before Koppel is of use to them, by what they may do; staff for the installation."""
    steps = [
        Step(
            _("Complete your profile"),
            _("Your name, your language and the time zone in which you read times."),
            reverse("dashboard:profile"),
            "user-round",
            bool(user.first_name),
        ),
        Step(
            _("Protect your account"),
            _("A code from your phone, beside your password."),
            reverse("mfa_index"),
            "shield-check",
            Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists(),
        ),
    ]
    if access.sees_everything(user):
        steps += _staff_steps(user)
    if fathom_access.may_change(user, organization):
        steps.append(_link_fathom(organization))
    return steps


def _link_fathom(organization: Organization | None) -> Step:
    """Return the step of the key that brings the calls; a connection that fails is not done, whoever has to mend it."""
    scope = None
    if organization:
        scope = organization.pk
    is_linked = accounts.is_linked(scope)
    failing = []
    if is_linked:
        failing = _failing(scope)
    text: str | Promise = _("Recorded calls come into the library by themselves. It takes a key and two minutes.")
    if failing:
        text = _("The connection does not work at the moment. Test it, and enter another key if this one is refused.")
    if failing and scope is not None and all(account.organization_id is None for account in failing):
        text = FOR_EVERYBODY
    return Step(
        _("Link Fathom"),
        text,
        reverse("dashboard:fathom_link"),
        "link",
        is_linked and not failing,
        needs_attention=bool(failing),
    )


def _failing(scope: UUID | None) -> list[FathomAccount]:
    """The accounts that bring these calls, reps' own left out, whose key did not work when it was last tried."""
    shared = [account for account in accounts.serving(scope) if account.rep_id is None]
    states = accounts.states(shared)
    return [account for account in shared if states[account.pk].state is Connection.ERROR]


def _staff_steps(user: User) -> list[Step]:
    steps = []
    if user.has_perm("crm.add_organization"):
        steps.append(
            Step(
                _("Add an organization"),
                _("A client of the agency, with the people who work there."),
                reverse("admin:crm_organization_add"),
                "building-2",
                Organization.objects.exists(),
            )
        )
    if bison.may(user, bison.CHANGE_INSTANCES):
        steps.append(
            Step(
                _("Connect Email Bison"),
                _("Its address and a super-admin key; Koppel looks for the workspaces by itself."),
                reverse("dashboard:add_instance"),
                "inbox",
                Instance.objects.exists(),
            )
        )
    if user.has_perm("core.add_alertchannel"):
        steps.append(
            Step(
                _("Say where alerts go"),
                _("By e-mail, to Slack or as a text message, as soon as something breaks."),
                reverse("admin:core_alertchannel_add"),
                "bell",
                AlertChannel.objects.filter(is_enabled=True).exists(),
            )
        )
    return steps


def runs(user: User, query: QueryDict, shell: Shell) -> dict[str, Any]:
    """Return one page of the runs that this person may see, newest first unless asked otherwise."""
    found = within(access.runs_for(user).select_related("started_by"), shell.scope)
    is_cut = query.get("state") in Run.State.values
    if is_cut:
        found = found.filter(state=query["state"])
    ordering = ordering_of(query.get("ordering", ""), ("when",), "-when")
    place = {"before": query.get("before", ""), "after": query.get("after", "")}
    page = newest_first(found, **place, size=RUNS_A_PAGE, oldest_first=ordering == "when")
    names = None
    if shell.is_staff:
        names = organization_names({run.organization_id for run in page.items})
    table = run_tables.runs(
        page.items,
        caption=_("Runs"),
        names=names,
        empty=run_tables.NONE_IN_THIS_STATE if "state" in query else run_tables.NO_RUNS,
        sorts=True,
        ordering=ordering,
        page=page,
        pages=_("Pages of runs"),
        has_density=True,
    )
    return {"page": page, "table": table}


def run(user: User, run_id: UUID) -> Run | None:
    """One run, or None for one that does not exist for this person."""
    return access.runs_for(user).select_related("started_by").filter(pk=run_id).first()


def organization_names(ids: set[UUID | None]) -> dict[UUID, str]:
    """Names for the ids that rows of `core` carry."""
    return dict(Organization.objects.filter(pk__in=[key for key in ids if key]).values_list("pk", "name"))
