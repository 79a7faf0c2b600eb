"""What a run's page says: counts, outcomes and evidence as rows of words and figures."""

from typing import Any

from django.utils.translation import gettext as _

from core import run_words
from core.models import Run


def of(run: Run) -> dict[str, Any]:
    """Everything that the templates of one run show beside the run itself."""
    return {
        "is_open": run.state in Run.OPEN,
        "counts": sorted(_said(run, run.counts), key=_by_size),
        "outcomes": sorted(_said(run, run.outcomes), key=_by_size),
        "evidence": [(name, _shown(value, run.kind)) for name, value in _said(run, run.evidence)],
        "tone": {"failed": "bad", "incomplete": "warn", "succeeded": "good"}.get(run.state, ""),
    }


def _said(run: Run, found: Any) -> list[tuple[str, Any]]:
    pairs = found.items() if isinstance(found, dict) else ()
    return [(run_words.word(run.kind, name), value) for name, value in pairs]


def _by_size(row: tuple[str, Any]) -> tuple[float, str]:
    return (-row[1] if isinstance(row[1], int | float) else 0, row[0])


def _shown(value: Any, kind: str) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_shown(item, kind) for item in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{run_words.word(kind, key)} {_shown(item, kind)}" for key, item in value.items()) or "–"
    return "–" if value is None else str(value)
