"""How far a run is, said alike on every page, in the admin and in a terminal:
a share where the end is known, else what was done so far and the moment that was reached.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Run
from core.runs import kinds

# Of these the end was not reached, however near they came.
_STOPPED: Final = (Run.State.FAILED, Run.State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Progress:
    """`share` in hundredths, None where the end is not known; `so_far` in the reader's words."""

    share: int | None
    so_far: list[str]


def of(run: Run, *, without: Collection[str] = ()) -> Progress:
    """Return how far a run is; `without`: counts that this reader is not shown."""
    return Progress(_share(run), [*_counted(run, without), *_reached(run)])


def _share(run: Run) -> int | None:
    if not run.progress_total:
        return None
    most = 100
    if run.state in _STOPPED:
        most = 99
    return min(most, run.progress_done * 100 // run.progress_total)


def _counted(run: Run, without: Collection[str]) -> list[str]:
    names = [name for name in kinds.so_far(run.kind) if name in run.counts and name not in without]
    if names:
        return [f"{kinds.word(run.kind, name)}: {_number(run.counts[name])}" for name in names]
    if run.progress_total and run.progress_total != 100:
        figures = {"done": _number(run.progress_done), "total": _number(run.progress_total)}
        return [_("%(done)s of %(total)s") % figures]
    if run.progress_done and not run.progress_total:
        words = ngettext("%(number)s done", "%(number)s done", run.progress_done)
        return [words % {"number": _number(run.progress_done)}]
    return []


def _reached(run: Run) -> list[str]:
    if run.progress_reached is None:
        return []
    return [
        _("back to %(date)s")
        % {"date": date_format(timezone.localtime(run.progress_reached), "DATE_FORMAT")}
    ]


def _number(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)
