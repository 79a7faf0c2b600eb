"""One workspace's part of a run: looked at, decided, done, read back, noted."""

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.client import VENDOR
from bison.keys import MustHaveItsOwn, NoKey
from bison.models import Suppression, SuppressionState, Workspace, WorkspaceResult
from bison.rounds import UNEXPECTED
from bison.session import session
from bison.suppression import config, storing
from bison.suppression.acting import Done, act
from bison.suppression.judging import is_undone, problem_of
from bison.suppression.looking import Seen, look
from bison.suppression.planning import Plan, Wanted, plan
from bison.suppression.values import Value
from core.errors import RateLimited, Temporary, VendorError
from core.runs.attempt import LostRun, Work, columns
from core.words.sayings import Saying

logger = structlog.get_logger(__name__)

Result = WorkspaceResult.State
State = SuppressionState.State

ASTRAY: Final = _(
    "Somebody moved the key meanwhile: %(count)d of the entries may have gone into "
    "another workspace."
)
SHORT: Final = _("Not in effect there yet: %(count)d of the values.")


class Unexpected(VendorError):
    """What a workspace gave is nothing that anybody thought of."""

    text = UNEXPECTED


class SetOut:
    """What a run set out to do in the workspaces that it is at,
    this attempt's and what those before it left.

    An attempt that takes a workspace over counts that, and not what is left of it.
    """

    def __init__(self, run: Work) -> None:
        self._run = run
        self._places: dict[str, Any] = dict(run.start_from.get("workspaces") or {})
        self._changing = threading.Lock()

    def place(self, workspace: Workspace) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._places.get(str(workspace.pk))
        return found

    def keep(self, workspace: Workspace, place: Mapping[str, Any]) -> None:
        with self._changing:
            self._places[str(workspace.pk)] = dict(place)
            self._run.checkpoint({"workspaces": self._places})

    def let_go(self, workspace: Workspace) -> None:
        """Forget a workspace that has its result. The next checkpoint is without it."""
        with self._changing:
            self._places.pop(str(workspace.pk), None)


class Part:
    """One workspace of a run. `rows` are what is stored of the wanted; None for a trial run,
    which sets out to nothing."""

    KIND: ClassVar = "suppress"
    TRIAL: ClassVar = "suppress_trial"

    def __init__(
        self,
        run: Work,
        workspace: Workspace,
        wanted: Sequence[Wanted],
        rows: Sequence[Suppression] | None,
        set_out: SetOut | None = None,
    ) -> None:
        self.run, self.workspace, self.wanted, self.rows = run, workspace, wanted, rows
        self.set_out = set_out or SetOut(run)
        self.is_check = bool(run.parameters.get("check"))

    def work(self) -> None:
        """Do it; what refuses or fails is noted, and the run goes on with the next."""
        try:
            with self._session() as at:
                seen = look(at, [each.value for each in self.wanted])
                made = self._decide(seen)
                if self.rows is None:
                    self._close(made.counts, _refusal(made))
                    return
                self._keep(made, seen)
                done, after = Done(), seen
                if not made.is_empty:
                    done = act(at, made)
                    after = look(at, [each.value for each in self.wanted])
        except RateLimited:
            # The run waits, and goes on from here.
            raise
        except (MustHaveItsOwn, NoKey) as error:
            self._fail(error, Result.REFUSED)
        except VendorError as error:
            self._fail(error, Result.FAILED)
        except (OperationalError, InterfaceError, LostRun):
            raise
        except Exception:  # what is odd in one workspace must not keep the others from it
            logger.exception(
                "suppression_failed_for_a_workspace", workspace=self.workspace.workspace_name
            )
            self._fail(Unexpected(VENDOR), Result.FAILED)
        else:
            self._note(made, done, after)
        self.set_out.let_go(self.workspace)

    def _session(self) -> Any:
        return session(
            self.workspace,
            function_name="suppress",
            triggered_by=self.run.run.trigger,
            run_id=self.run.run.pk,
        )

    def _decide(self, seen: Seen) -> Plan:
        return plan(self.wanted, seen, share=config.share(), keep=self._kept(seen))

    def _kept(self, seen: Seen) -> list[Value]:
        """Return what else stands against writing to the leads of what is lifted."""
        leads = [lead for found in seen.leads.values() for lead in found]
        if not any(each.resubscribes for each in self.wanted) or not leads:
            return []
        texts = {text for lead in leads for text in (lead.email, lead.email.rpartition("@")[2])}
        return [Value(*each) for each in storing.kept_values(self.workspace, texts)]

    def _keep(self, made: Plan, seen: Seen) -> None:
        """Keep what is to be done before the first of it is done."""
        place = self.set_out.place(self.workspace)
        if place is None:
            undone = self._undone(seen) if self.is_check else []
            place = {"counts": dict(made.counts), "undone": undone}
            self.set_out.keep(self.workspace, place)
        self.kept: Mapping[str, Any] = place

    def _undone(self, seen: Seen) -> list[str]:
        """Return what was in effect when it was read back last, and is not now."""
        found = []
        states = storing.states_of(self.workspace, self.rows or [])
        for row in self.rows or []:
            state = states.get(row.pk)
            if state is None or row.removed_at is not None:
                continue
            if is_undone(state, Value(row.value, row.kind), seen):
                found.append(str(row.pk))
        return found

    def _note(self, made: Plan, done: Done, after: Seen) -> None:
        at = timezone.now()
        undone = set(self.kept["undone"])
        written: list[dict[str, Any]] = []
        freed = []
        short = 0
        for row, each in zip(self.rows or [], self.wanted, strict=True):
            problem = made.refused.get(each.value) or problem_of(each, after, done)
            short += problem is not None
            if each.is_lifted and problem is None:
                freed.append(row.pk)
                continue
            was_undone = str(row.pk) in undone
            written.append(self._row(row, each, after, problem, at=at, was_undone=was_undone))
        repaired = sum(found["repaired_times"] for found in written)
        counts = {**self.kept["counts"], "undone": len(undone), "repaired": repaired}
        reason = _refusal(made)
        if short and reason is None:
            reason = Saying(SHORT, {"count": short})
        astray = len(done.numbers - after.listed_numbers)
        if astray:
            reason = Saying(ASTRAY, {"count": astray})
        with transaction.atomic():
            storing.write(written)
            storing.let_go(self.workspace, freed)
            self._close(counts, reason)

    def _row(
        self,
        row: Suppression,
        each: Wanted,
        after: Seen,
        problem: Saying | None,
        *,
        at: datetime,
        was_undone: bool,
    ) -> dict[str, Any]:
        leads = after.leads.get(each.value, [])
        state = State.DONE
        if problem:
            state = State.UNDONE if was_undone else State.FAILED
        if each.is_lifted:
            state = State.WAITING
        return storing.row(
            row,
            self.workspace,
            state,
            at=at,
            blacklisted=each.value in after.blocked,
            unsubscribed=all(lead.is_unsubscribed for lead in leads) if leads else None,
            error=columns(problem),
            repaired=was_undone and problem is None,
        )

    def _fail(self, error: VendorError, state: str) -> None:
        """Note why nothing could be done, at each value too."""
        with transaction.atomic():
            if self.rows is not None:
                ids = [row.pk for row in self.rows]
                may_pass = isinstance(error, Temporary)
                storing.failed(self.workspace, ids, columns(error.saying), may_pass=may_pass)
            self._close({}, error.saying, state)

    def _close(self, counts: Mapping[str, int], reason: Saying | None, state: str = "") -> None:
        """Note the workspace's result, once, and add its counts to the run's."""
        if not state:
            state = Result.INCOMPLETE if reason else Result.COMPLETE
        words = {} if reason is None else {"reason": reason.plain, "reason_said": reason.kept()}
        with transaction.atomic():
            WorkspaceResult.objects.create(
                run=self.run.run,
                workspace=self.workspace,
                kind=self.TRIAL if self.rows is None else self.KIND,
                state=state,
                counts=dict(counts),
                finished_at=timezone.now(),
                **words,
            )
            self.run.add(counts={**counts, "workspaces": 1}, outcomes={str(state): 1})


def _refusal(made: Plan) -> Saying | None:
    return next(iter(made.refused.values()), None)
