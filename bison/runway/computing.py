"""The nightly run: each workspace read, its forecast computed and kept, and people told who runs dry soon."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.keys import MustHaveItsOwn, NoKey
from bison.models import DomainDay, Runway, Workspace, WorkspaceResult
from bison.runway import incidents
from bison.runway.domains import DAYS, Sums, tired
from bison.runway.forecasting import Campaign, Forecast, forecast
from bison.runway.reading import Found, read
from bison.session import session
from core import runs
from core.errors import RateLimited, VendorError
from core.runs.attempt import Work
from core.words import sayings
from core.words.sayings import Saying

State = WorkspaceResult.State
RESULT: Final = "runway"
# Days of the sums of domains that are kept, and of the forecast.
KEPT: Final = 60
SHOWN: Final = 30
NOT_ALL: Final = _("%(count)d of the workspaces could not be computed. Each says why.")


def work(run: Work) -> None:
    """Compute every workspace, each once in all attempts of the run."""
    wanted = run.parameters.get("workspaces")
    workspaces = Workspace.objects.filter(gone_at=None).select_related("instance__account")
    if wanted is not None:
        workspaces = workspaces.filter(pk__in=wanted)
    chosen = list(workspaces.order_by("workspace_name"))
    done = set(WorkspaceResult.objects.filter(run=run.run, kind=RESULT).values_list("workspace_id", flat=True))
    run.progress(total=len(chosen))
    for place, workspace in enumerate(chosen, 1):
        if run.cancelled:
            return
        if workspace.pk not in done:
            _compute(run, workspace)
        run.progress(done=place)
    DomainDay.objects.filter(day__lt=_today() - timedelta(days=KEPT)).delete()
    _conclude(run)
    incidents.observe()


def _compute(run: Work, workspace: Workspace) -> None:
    try:
        with session(workspace, function_name="runway", triggered_by=run.run.trigger, run_id=run.run.pk) as at:
            found = read(at)
    except RateLimited:
        # The run waits, and goes on from here.
        raise
    except (MustHaveItsOwn, NoKey) as error:
        _close(run, workspace, State.REFUSED, {}, error.saying)
    except VendorError as error:
        _close(run, workspace, State.FAILED, {}, error.saying)
    else:
        with transaction.atomic():
            runway = store(workspace, found, _today())
            counts = {"leads_left": runway.leads_left or 0, "senders_down": runway.senders_down}
            state = State.INCOMPLETE if found.is_uncounted else State.COMPLETE
            _close(run, workspace, state, counts, found.unknown)


def store(workspace: Workspace, found: Found, today: date) -> Runway:
    """Keep what was found and what follows from it."""
    _keep_domains(workspace, found.senders.domains, today)
    begun = _begun(workspace, found, today)
    made: Forecast | None = None
    left = None
    most: float | None = None
    if not found.is_uncounted:
        left = round(sum(each.waiting + sum(each.in_sequence) for each in found.campaigns))
        most = found.senders.capacity
    if found.campaigns and not found.is_uncounted:
        campaigns = [_with_begun(each, begun, today) for each in found.campaigns]
        made = forecast(campaigns, lambda _day: found.senders.capacity, today)
        most = min(found.senders.capacity, sum(each.most_a_day for each in found.campaigns))
    runway, _is_new = Runway.objects.update_or_create(
        workspace=workspace,
        defaults={
            "leads_left": left,
            "sends_per_day": None if most is None else int(most),
            "senders_connected": found.senders.connected,
            "senders_down": found.senders.down,
            "dry_on": made.dry_on if made else None,
            "tired_domains": _tired(workspace, found.senders.domains, today),
            "facts": {**_facts(found, made), "begun": begun},
            "computed_at": timezone.now(),
        },
    )
    return runway


def _begun(workspace: Workspace, found: Found, today: date) -> dict[str, str]:
    """Return on which day each campaign was last seen with leads that nobody had written to."""
    earlier = Runway.objects.filter(workspace=workspace).values_list("facts", flat=True).first() or {}
    known: dict[str, str] = earlier.get("begun", {})
    waiting = {each.key: today.isoformat() for each in found.campaigns if each.waiting}
    return {each.key: day for each in found.campaigns if (day := waiting.get(each.key) or known.get(each.key))}


def _with_begun(campaign: Campaign, begun: Mapping[str, str], today: date) -> Campaign:
    if campaign.waiting or campaign.key not in begun:
        return campaign
    return replace(campaign, begun_ago=(today - date.fromisoformat(begun[campaign.key])).days)


def _facts(found: Found, made: Forecast | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "campaigns": len(found.campaigns),
        "capacity": found.senders.capacity,
        "new_leads_until": None,
        "days": [],
    }
    if made:
        facts["new_leads_until"] = made.new_leads_until.isoformat() if made.new_leads_until else None
        facts["days"] = [
            {"day": each.day.isoformat(), "sent": each.sent, "new": each.new, "left": each.left}
            for each in made.days[:SHOWN]
        ]
    if found.unknown is not None:
        facts |= {"unknown": found.unknown.plain, "unknown_said": found.unknown.kept()}
    return facts


def _keep_domains(workspace: Workspace, domains: Mapping[str, Sums], today: date) -> None:
    DomainDay.objects.bulk_create(
        (
            DomainDay(
                workspace=workspace, day=today, domain=domain[:255], senders=sums.senders,
                sent=sums.sent, bounced=sums.bounced, replied=sums.replied,
            )
            for domain, sums in sorted(domains.items())
        ),
        update_conflicts=True,
        unique_fields=["workspace", "day", "domain"],
        update_fields=["senders", "sent", "bounced", "replied"],
    )  # fmt: skip


def _tired(workspace: Workspace, now: Mapping[str, Sums], today: date) -> list[dict[str, Any]]:
    then = _sums_on(workspace, today - timedelta(days=DAYS))
    before = _sums_on(workspace, today - timedelta(days=2 * DAYS))
    return tired(now, then, before)


def _sums_on(workspace: Workspace, day: date) -> dict[str, Sums]:
    """Return what was counted on this day, or on the last one before it within a week."""
    of_workspace = DomainDay.objects.filter(workspace=workspace)
    counted = of_workspace.filter(day__lte=day, day__gt=day - timedelta(days=7)).order_by("-day")
    nearest = counted.first()
    if nearest is None:
        return {}
    rows = of_workspace.filter(day=nearest.day)
    return {row.domain: Sums(row.senders, row.sent, row.bounced, row.replied) for row in rows}


def _close(run: Work, workspace: Workspace, state: str, counts: Mapping[str, int], reason: Saying | None) -> None:
    words = {} if reason is None else {"reason": reason.plain, "reason_said": reason.kept()}
    with transaction.atomic():
        WorkspaceResult.objects.create(
            run=run.run, workspace=workspace, kind=RESULT, state=state, counts=dict(counts),
            finished_at=timezone.now(), **words,
        )  # fmt: skip
        run.add(counts={"workspaces": 1}, outcomes={str(state): 1})


def _conclude(run: Work) -> None:
    found: dict[str, Any] = {}
    results = WorkspaceResult.objects.filter(run=run.run).select_related("workspace")
    for result in results.order_by("workspace__workspace_name"):
        facts: dict[str, Any] = {"state": result.state, **result.counts}
        if result.reason:
            facts["reason"] = sayings.say(result.reason_said, result.reason)
        found[result.workspace.workspace_name] = facts
    run.evidence(workspaces=found)
    short = sum(facts["state"] != State.COMPLETE for facts in found.values())
    if short:
        run.incomplete(NOT_ALL, count=short)


def _today() -> date:
    return timezone.now().date()


def start(workspaces: Sequence[Workspace] | None = None, *, started_by: Any = None, trigger: str) -> runs.Started:
    """Start the run, of all workspaces or of these."""
    wish = {"workspaces": None if workspaces is None else sorted(str(each.pk) for each in workspaces)}
    person = started_by if getattr(started_by, "is_authenticated", False) else None
    return runs.start(KIND, None, wish, started_by=person, trigger=trigger)


KIND: Final = runs.Kind(
    "bison.runway",
    _("Runway"),
    work="bison.runway.computing.work",
    words={
        "workspaces": _("Workspaces"),
        "leads_left": _("Leads left"),
        "senders_down": _("Senders down"),
        "complete": _("Complete"),
        "incomplete": _("Incomplete"),
        "refused": _("Refused"),
        "failed": _("Failed"),
    },
    so_far=("workspaces",),
    lock="bison.runway",
)
