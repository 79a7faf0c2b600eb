"""Settings → Fathom sync: what is being fetched now, and what was before."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Run, User
from core.runs import Started, kinds
from crm import access
from crm.models import SalesRep
from dashboard.fathom import blame
from dashboard.navigation import Shell
from dashboard.queries import within
from fathom_sync import access as fathom
from fathom_sync import accounts, client
from fathom_sync.ledger import reconciling
from fathom_sync.models import FathomMeeting
from fathom_sync.syncs import starting, sync

KINDS: Final = (sync.KIND.key, reconciling.KIND.key)
RANGES: Final = {
    24: gettext_lazy("24 hours"),
    168: gettext_lazy("7 days"),
    720: gettext_lazy("30 days"),
}
SHOWN_RUNS: Final = 20
SHOWN_OPEN: Final = 5
MOST_USED: Final = 720
IMPORTED: Final = ("imported", "updated", "duplicate")


@dataclass(frozen=True)
class Line:
    """One run, as this page tells of it."""

    run: Run
    range: str
    why: str
    looked_at: int
    in_library: int
    reasons: list[tuple[str, int]]


def may_start(user: User, shell: Shell) -> bool:
    if shell.scope is None:
        return fathom.may_sync_installation(user)
    return fathom.may_sync(user, shell.scope)


def start(user: User, shell: Shell, *, hours: int | None, reset: bool) -> list[Started]:
    """Start it for the organization that the person looks at;
    for everybody where staff look at all.
    """
    how: dict[str, Any] = {"hours": hours, "reset": reset, "trigger": "manual", "started_by": user}
    if shell.scope is None or shell.current is None:
        return starting.for_everybody(**how)
    return starting.for_organization(shell.current, **how)


def page(user: User, shell: Shell) -> dict[str, Any]:
    """Return all of the page; its moving part alone is `live`."""
    return {
        "has_account": accounts.is_linked(shell.scope),
        "may_start": may_start(user, shell),
        "ranges": [(hours, word, hours == MOST_USED) for hours, word in RANGES.items()],
        **live(user, shell),
    }


def live(user: User, shell: Shell) -> dict[str, Any]:
    """Return what changes while a sync runs."""
    runs, reader = _runs(user, shell.scope), blame.Reader(user)
    # "running" before "queued", and those that wait in the order in which their turns come.
    under_way = list(
        runs.filter(state__in=Run.OPEN).order_by("-state", "created_at", "pk")[:SHOWN_OPEN]
    )
    return {
        "under_way": [line(run, reader) for run in under_way],
        "slowed": any(client.is_slowed(run.subject_id) for run in under_way if run.subject_id),
        "history": [line(run, reader) for run in runs.order_by("-pk")[:SHOWN_RUNS]],
    }


def line(run: Run, reader: blame.Reader) -> Line:
    """Return what this page tells its reader of the run."""
    outcomes = {}
    if isinstance(run.outcomes, dict):
        outcomes = run.outcomes
    others = {name: int(number) for name, number in outcomes.items() if name not in IMPORTED}
    return Line(
        run,
        _range(run),
        reader.why(run),
        int(run.counts.get("processed", 0)),
        sum(int(outcomes.get(name, 0)) for name in IMPORTED),
        sorted(
            ((_why(run, name), number) for name, number in others.items()), key=lambda row: -row[1]
        ),
    )


@dataclass(frozen=True)
class Refreshing:
    """How it goes with a rep's refresh; `run` None: nobody asked for one yet.

    `is_possible`: there is something to fetch from; `may_start`:
    the person who looks may ask for it.
    """

    is_possible: bool
    may_start: bool
    run: Run | None
    why: str = ""

    @property
    def is_open(self) -> bool:
        return self.run is not None and self.run.state in Run.OPEN

    @property
    def new(self) -> int:
        """Count the calls that it brought."""
        if not self.run:
            return 0
        return int(self.run.outcomes.get("imported", 0))


def refreshing(user: User, rep: SalesRep) -> Refreshing:
    """Return the sync last started for this rep alone: the one that still runs,
    where several accounts are asked.
    """
    if rep.archived_at is not None or not sync.accounts_of(rep):
        return Refreshing(is_possible=False, may_start=False, run=None)
    asked = Run.objects.filter(
        kind=sync.KIND.key, organization_id=rep.organization_id, parameters__rep=str(rep.pk)
    )
    newest = list(asked.order_by("-pk")[:SHOWN_OPEN])
    under_way = (run for run in newest if run.state in Run.OPEN)
    run = next(under_way, next(iter(newest), None))
    why = ""
    if run:
        why = blame.Reader(user).why(run)
    return Refreshing(is_possible=True, may_start=fathom.may_sync_rep(user, rep), run=run, why=why)


def _why(run: Run, outcome: str) -> str:
    """Return the reason in an outcome's name ("skipped_no_rep"),
    in the words that the queue has for it.
    """
    reason = FathomMeeting.REASONS.get(outcome.partition("_")[2])
    return str(reason or kinds.word(run.kind, outcome))


def _range(run: Run) -> str:
    hours = run.parameters.get("hours")
    if run.kind == reconciling.KIND.key:
        return _("Nightly proof")
    if hours is None:
        if run.parameters.get("reset"):
            return _("Everything")
        return _("What is new")
    return str(RANGES.get(hours) or _("%(count)d hours") % {"count": hours})


def _runs(user: User, scope: UUID | None) -> QuerySet[Run]:
    return within(access.runs_for(user), scope).filter(kind__in=KINDS).select_related("started_by")
