"""What a run's page says: counts, outcomes and evidence as rows of words and figures."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.models import Run
from core.runs import kinds

# What there is at the other side comes before what is here of it, and what is not.
FIRST: Final = ("at_vendor", "here", "missing")
# How the work went about, which is of use to staff alone.
TECHNICAL: Final = ("pages",)
# What the counts and outcomes beside it say already.
IN_OTHER_WORDS: Final = ("looked_at",)
DAY_LENGTH: Final = len("2026-03-01")


def of(run: Run, *, for_staff: bool) -> dict[str, Any]:
    """Return everything that the templates of one run show beside the run itself."""
    counts = {
        name: value for name, value in _pairs(run.counts) if for_staff or name not in TECHNICAL
    }
    return {
        "is_open": run.state in Run.OPEN,
        "counts": sorted(_said(run, counts.items()), key=_by_size),
        "outcomes": sorted(_said(run, _pairs(run.outcomes)), key=_by_size),
        "evidence": [(name, _shown(value, run.kind)) for name, value in _said(run, _evidence(run))],
        "reference": run.error_said.get("facts", {}).get("id", "") if for_staff else "",
        "tone": {"failed": "bad", "incomplete": "warn", "succeeded": "good"}.get(run.state, ""),
    }


def rows(run: Run, found: Any) -> list[tuple[str, str]]:
    """Name what is kept under these keys, each value in words."""
    return [(name, _shown(value, run.kind)) for name, value in _said(run, _pairs(found))]


def _pairs(found: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(found, dict):
        return ()
    return found.items()


def _evidence(run: Run) -> list[tuple[str, Any]]:
    """Return a row for each, also of what was kept as several together."""
    shown = [(name, value) for name, value in _pairs(run.evidence) if name not in IN_OTHER_WORDS]
    rows = [row for name, value in shown for row in (_pairs(value) or [(name, value)])]
    return sorted(rows, key=lambda row: FIRST.index(row[0]) if row[0] in FIRST else len(FIRST))


def _said(run: Run, pairs: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [(kinds.word(run.kind, name), value) for name, value in pairs]


def _by_size(row: tuple[str, Any]) -> tuple[float, str]:
    return (-row[1] if isinstance(row[1], int | float) else 0, row[0])


def _shown(value: Any, kind: str) -> str:
    if isinstance(value, bool):
        if value:
            return _("yes")
        return _("no")
    if isinstance(value, str) and (moment := _moment(value)):
        return f"{date_format(moment, 'DATE_FORMAT')} {moment:%H:%M}"
    if isinstance(value, str) and (day := day_of(value)):
        return str(date_format(day, "DATE_FORMAT"))
    if isinstance(value, list):
        return ", ".join(_shown(item, kind) for item in value) or "–"
    if isinstance(value, dict):
        return ", ".join(_named(key, item, kind) for key, item in value.items()) or "–"
    if value is None:
        return "–"
    return str(value)


def _named(key: str, item: Any, kind: str) -> str:
    """Name a part of what was found; a state is a word by itself."""
    if key == "state":
        return kinds.word(kind, str(item))
    return f"{kinds.word(kind, key)} {_shown(item, kind)}"


def day_of(value: str) -> date | None:
    """Return the day that a text of evidence is; None for any other text."""
    try:
        if len(value) != DAY_LENGTH:
            return None
        return date.fromisoformat(value)
    except ValueError:
        return None


def _moment(value: str) -> datetime | None:
    """Return the moment that a text of evidence is, in the reader's zone;
    None for any other text.
    """
    try:
        found = parse_datetime(value)
    except ValueError:
        return None
    if found and timezone.is_aware(found):
        return timezone.localtime(found)
    return None
