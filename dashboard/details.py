"""What a run's page says: counts, outcomes and evidence as rows of words and figures."""

from typing import Any

from django.utils.translation import gettext as _

from core.models import Run


def of(run: Run) -> dict[str, Any]:
    """Everything that the templates of one run show beside the run itself."""
    return {
        "is_open": run.state in Run.OPEN,
        "counts": sorted(((readable(name), value) for name, value in _pairs(run.counts)), key=_by_size),
        "outcomes": sorted(((readable(name), value) for name, value in _pairs(run.outcomes)), key=_by_size),
        "evidence": [(readable(name), _shown(value)) for name, value in _pairs(run.evidence)],
        "tone": {"failed": "bad", "incomplete": "warn", "succeeded": "good"}.get(run.state, ""),
    }


def readable(key: str) -> str:
    """ "email_accounts" → "Email accounts"."""
    words = str(key).replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]


def _pairs(found: Any) -> list[tuple[str, Any]]:
    return list(found.items()) if isinstance(found, dict) else []


def _by_size(row: tuple[str, Any]) -> tuple[float, str]:
    return (-row[1] if isinstance(row[1], int | float) else 0, row[0])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{readable(key)} {_shown(item)}" for key, item in value.items()) or "–"
    return "–" if value is None else str(value)
