"""The tables of runs, and of what came of one run."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Run
from core.runs import kinds
from core.words import times
from dashboard import progress, signs
from dashboard.calls.words import number
from dashboard.tables import Column, Empty, Table, link

NO_RUNS: Final = Empty(
    gettext_lazy("No activity yet"),
    gettext_lazy(
        "Each sync, check and import appears here with what it found, what it skipped and why."
        " The first one starts as soon as something is connected."
    ),
    "activity",
)
NONE_IN_THIS_STATE: Final = Empty(
    gettext_lazy("Nothing in this state"),
    gettext_lazy("Choose another state, or clear the filter."),
    "activity",
)


def runs(
    rows: Sequence[Run],
    *,
    caption: Any,
    names: Mapping[UUID, str] | None = None,
    empty: Empty = NO_RUNS,
    sorts: bool = False,
    **more: Any,
) -> Table[Run]:
    """Declare a table of runs; with `names` it says whose each one is."""
    whose: Column[Run] = Column(
        "organization", _("Organization"), lambda run: _named(names, run), css="clip"
    )
    columns = [
        Column("run", _("Activity"), _name, names_row=True),
        Column("state", _("State"), lambda run: signs.status(run.state)),
        Column("done", _("Done"), _done),
        *([whose] if names is not None else []),
        Column(
            "when",
            _("Started"),
            lambda run: signs.ago(run.started_at or run.created_at),
            sort=sorts,
            css="nowrap",
        ),
        Column("took", _("Took"), _took, numeric=True, css="nowrap"),
    ]
    return Table(caption, columns, rows, empty, **more)


def _name(run: Run) -> SafeString:
    return link(reverse("dashboard:run", args=[run.pk]), kinds.name_of(run.kind))


def _named(names: Mapping[UUID, str] | None, run: Run) -> str:
    if not run.organization_id:
        return ""
    return (names or {}).get(run.organization_id, "")


def _done(run: Run) -> Any:
    """Return how far it is; what is over needs no bar, and what waits has none."""
    if run.state == Run.State.QUEUED:
        return ""
    if run.state in Run.OPEN:
        return progress.of_run(run, small=True)
    return progress.in_words(run)


def _took(run: Run) -> str:
    if run.started_at and run.finished_at:
        return times.lasted(run.started_at, run.finished_at)
    return ""


def outcomes(rows: Sequence[tuple[str, int]]) -> Table[tuple[str, int]]:
    """Declare the table of what came of each thing that a run looked at."""
    columns: list[Column[tuple[str, int]]] = [
        Column("outcome", _("Outcome"), lambda row: row[0], names_row=True),
        Column("count", _("How many"), lambda row: number(row[1]), numeric=True),
    ]
    return Table(_("Outcomes"), columns, rows, NO_RUNS)
