"""How a walk of an account is started: joined where an open one does all that is wished for, else queued behind those
that are open.

Walks of one account share a lane, whoever asked and whatever for, so they go one after another. Whoever asks for the
same as an open walk, or for less, gets that one; whoever asks for more gets a run of their own, which waits its turn. A
walk for a rep or an organization does nothing for another; and none for everybody does it for them, as who asked could
not see that run.
"""

from collections.abc import Callable
from typing import Any

from core import runs
from core.models import Run

Wish = dict[str, Any]


def start(kind: str, task: str, wish: Wish, does: Callable[[Wish, Wish], bool], **how: Any) -> tuple[Run, bool]:
    """A queued run for this wish, and True; or the open one that does all of it, and False.

    `wish` names its account, and becomes the run's parameters; `does` says whether one wish holds another. `how` as
    `runs.start` takes it. Two that wish the same at once get one run: its key is unique among the open ones.
    """
    lane = f"fathom:{wish['account']}"
    under_way = Run.objects.filter(kind=kind, lane=lane, state__in=Run.OPEN, cancel_requested=False).order_by("pk")
    for run in under_way:
        if does(run.parameters, wish):
            return run, False
    key = ":".join(str(value) for _name, value in sorted(wish.items()))
    return runs.start(kind, task, lock_key=key, lane=lane, parameters=wish, **how)


def sync_does(under_way: Wish, wish: Wish) -> bool:
    """Whether a sync of these parameters looks through all that is wished for."""
    if any(under_way.get(name) != wish.get(name) for name in ("rep", "organization")):
        return False
    if wish.get("reset") and not under_way.get("reset"):
        return False
    far, wanted = under_way.get("hours"), wish.get("hours")
    if far is None and under_way.get("reset"):
        return True
    if wanted is None:
        return far is None
    return far is not None and far >= wanted
