"""The nightly run: each workspace read, its forecast computed and kept,
and people told who runs dry soon.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison import evidence, rounds
from bison.keys import MustHaveItsOwn, NoKey
from bison.models import DomainDay, Workspace, WorkspaceResult
from bison.rounds import UNEXPECTED
from bison.runway import incidents
from bison.runway.keeping import store
from bison.runway.reading import read
from bison.session import session
from core import runs
from core.errors import RateLimited, VendorError
from core.runs.attempt import LostRun, Work
from core.words import sayings
from core.words.sayings import Saying

logger = structlog.get_logger(__name__)

State = WorkspaceResult.State
RESULT: Final = "runway"
# Days of the sums of domains that are kept.
KEPT: Final = 60
NOT_ALL: Final = _("%(count)d of the workspaces could not be computed. Each says why.")


def work(run: Work) -> None:
    """Compute every workspace, a few at once, and each once in all attempts of the run."""
    wanted = run.parameters.get("workspaces")
    workspaces = Workspace.objects.filter(gone_at=None).select_related("instance__account")
    if wanted is not None:
        workspaces = workspaces.filter(pk__in=wanted)
    done = set(
        WorkspaceResult.objects.filter(run=run.run, kind=RESULT).values_list(
            "workspace_id", flat=True
        )
    )
    left = [
        workspace for workspace in workspaces.order_by("workspace_name") if workspace.pk not in done
    ]
    progress = rounds.Progress(run, done=len(done), total=len(done) + len(left))

    def compute_this(workspace: Workspace) -> None:
        _compute(run, workspace)
        progress.one_more()

    rounds.each(left, compute_this, stops=lambda: run.cancelled)
    if run.cancelled:
        return
    DomainDay.objects.filter(day__lt=_today() - timedelta(days=KEPT)).delete()
    _conclude(run)
    incidents.observe()


def _compute(run: Work, workspace: Workspace) -> None:
    try:
        _read_and_keep(run, workspace)
    except RateLimited:
        # The run waits, and goes on from here.
        raise
    except (MustHaveItsOwn, NoKey) as error:
        _close(run, workspace, State.REFUSED, {}, error.saying)
    except VendorError as error:
        _close(run, workspace, State.FAILED, {}, error.saying)
    except (OperationalError, InterfaceError, LostRun):
        raise
    except Exception:  # what is odd in one workspace must not keep the others from their forecast
        logger.exception("runway_failed_for_a_workspace", workspace=workspace.workspace_name)
        _close(run, workspace, State.FAILED, {}, Saying(UNEXPECTED))


def _read_and_keep(run: Work, workspace: Workspace) -> None:
    with session(
        workspace, function_name="runway", triggered_by=run.run.trigger, run_id=run.run.pk
    ) as at:
        found = read(at)
    with transaction.atomic():
        runway = store(workspace, found, _today())
        counts = {"leads_left": runway.leads_left or 0, "senders_down": runway.senders_down}
        state = State.INCOMPLETE if found.is_uncounted else State.COMPLETE
        _close(run, workspace, state, counts, found.unknown)


def _close(
    run: Work, workspace: Workspace, state: str, counts: Mapping[str, int], reason: Saying | None
) -> None:
    words = {} if reason is None else {"reason": reason.plain, "reason_said": reason.kept()}
    with transaction.atomic():
        WorkspaceResult.objects.create(
            run=run.run, workspace=workspace, kind=RESULT, state=state, counts=dict(counts),
            finished_at=timezone.now(), **words,
        )  # fmt: skip
        run.add(counts={"workspaces": 1}, outcomes={str(state): 1})


def _conclude(run: Work) -> None:
    found: dict[str, Any] = {}
    results = WorkspaceResult.objects.filter(run=run.run).select_related("workspace")
    for result in results.order_by("workspace__workspace_name"):
        facts: dict[str, Any] = {"state": result.state, **result.counts}
        if result.reason:
            facts["reason"] = sayings.say(result.reason_said, result.reason)
        found[result.workspace.workspace_name] = facts
    run.evidence(**evidence.bounded(found))
    short = sum(facts["state"] != State.COMPLETE for facts in found.values())
    if short:
        run.incomplete(NOT_ALL, count=short)


def _today() -> date:
    return timezone.now().date()


def start(
    workspaces: Sequence[Workspace] | None = None, *, started_by: Any = None, trigger: str
) -> runs.Started:
    """Start the run, of all workspaces or of these."""
    wish = {
        "workspaces": None if workspaces is None else sorted(str(each.pk) for each in workspaces)
    }
    person = started_by if getattr(started_by, "is_authenticated", False) else None
    return runs.start(KIND, None, wish, started_by=person, trigger=trigger)


KIND: Final = runs.Kind(
    "bison.runway",
    _("Runway"),
    work="bison.runway.computing.work",
    words={
        "workspaces": _("Workspaces"),
        "leads_left": _("Leads left"),
        "senders_down": _("Senders down"),
        "complete": _("Complete"),
        "incomplete": _("Incomplete"),
        "refused": _("Refused"),
        "failed": _("Failed"),
    },
    so_far=("workspaces",),
    lock="bison.runway",
)
