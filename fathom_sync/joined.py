"""Whether a run that is under way already does all that somebody asked for when they joined it.

One sync of an account goes on at a time: whoever comes second gets the first one's run, which may look back less far.
"""

from core.models import Run
from fathom_sync import reconciling


def sync_does(run: Run, *, hours: int | None, reset: bool = False) -> bool:
    """Whether this sync looks through what was asked for. With `hours`, `reset` asks for nothing more."""
    under_way = run.parameters.get("hours")
    through_all = under_way is None and bool(run.parameters.get("reset"))
    if through_all:
        return True
    if hours is None:
        return under_way is None and not reset
    return under_way is not None and under_way >= hours


def check_does(run: Run, *, days: int | None) -> bool:
    """Whether this check compares what was asked for; without days all of them compare thirty at least."""
    under_way = run.parameters.get("days")
    if days is None:
        return under_way is None
    return (under_way or reconciling.DAYS) >= days
