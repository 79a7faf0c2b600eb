"""One part of one workspace: worked in a session of its own, and told apart by what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from bison.keys import MustHaveItsOwn, NoKey
from bison.session import WrongWorkspace, session
from bison.syncs.parts import Found, State, Task
from core.errors import RateLimited, VendorError
from core.models import Run
from core.runs.attempt import LostRun
from core.words.sayings import Saying

logger = structlog.get_logger(__name__)

# How often a part is begun again of which the key was moved time and again.
TRIES: Final = 3
UNEXPECTED: Final = _("An unexpected error ended this workspace's part. The others went on.")


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of a part: its state, what it found, with which type of key,
    and how often it was read again.
    """

    state: State
    found: Found
    key_type: str = ""
    thrown_away: int = 0


def work(task: Task, run: Run, is_stopping: Callable[[], bool]) -> Worked:
    """Work a part. RateLimited is raised where it has to wait, and what the database
    or the run itself raises.
    """
    thrown_away = 0
    for number in range(TRIES):
        try:
            return _in_session(task, run, thrown_away)
        except WrongWorkspace as error:
            thrown_away += 1
            if number == TRIES - 1 or is_stopping():
                # It was not refused, and nothing is known of it.
                return Worked(State.INCOMPLETE, nothing(error.saying), thrown_away=thrown_away)
        except RateLimited:
            raise
        except VendorError as error:
            return without_data(error)
        except (OperationalError, InterfaceError, LostRun):
            raise
        except Exception:  # what is odd in one workspace must not keep the others from their proof
            logger.exception("workspace_sync_failed", workspace=task.workspace.workspace_name)
            return Worked(State.FAILED, nothing(Saying(UNEXPECTED)), thrown_away=thrown_away)
    raise AssertionError("The last try returns")


def without_data(error: VendorError) -> Worked:
    """Return what came of a part that could not be read at all."""
    state = State.FAILED
    if isinstance(error, MustHaveItsOwn | NoKey):
        state = State.REFUSED
    return Worked(state, nothing(error.saying))


def nothing(reason: Saying) -> Found:
    """Return that nothing was found, and why."""
    return Found(None, 0, reason=reason)


def _in_session(task: Task, run: Run, thrown_away: int) -> Worked:
    with session(task.workspace, triggered_by=run.trigger, run_id=run.pk, **task.facts()) as at:
        if not at.is_shared:
            at.confirm_own()
        found = task.sync(at, task.span)
    state = State.COMPLETE
    if not found.is_proved:
        state = State.INCOMPLETE
    return Worked(state, found, at.key_type, thrown_away + at.thrown_away)
