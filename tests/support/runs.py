"""Runs of kinds that no app declares."""

from typing import Any

from core import runs
from core.runs.starting import TASK

__all__ = ["TASK", "start"]


def start(
    key: str = "probe.sync", *, lock_key: str = "", lane: str = "", **values: Any
) -> runs.Started:
    """Start a run of this kind. `lock_key` is joined while it is open;
    runs of a `lane` go one after another.
    """
    wish = values.pop("parameters", {"key": lock_key} if lock_key else None)
    kind = runs.Kind(key, key, work="tests.support.runs.start", lock=lane, once=bool(lock_key))
    return runs.start(kind, None, wish, **values)
