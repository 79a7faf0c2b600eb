"""The check of the whole chain as a run, and what the last check found, whoever made it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from core import runs
from core.audit.chain import AuditBroken, Verification, verify
from core.audit.records import record
from core.models import AuditEvent, Run
from core.runs.attempt import Work

VERIFIED: Final = "audit.verified"
PROBLEMS: Final = _("%(problems)d rows are not as they were written. The first: %(first)s")
KIND: Final = runs.Kind(
    "core.verify_audit",
    _("Check of the audit log"),
    work="core.audit.verifying.work",
    words={"rows": _("Rows read"), "problems": _("Problems"), "head": _("Last row")},
    so_far=("rows",),
)


@dataclass(frozen=True)
class LastCheck:
    """What the newest check found, and by whom; `run_id` where it was a run."""

    at: datetime
    rows: int
    problems: int
    run_id: UUID | None = None

    @property
    def is_intact(self) -> bool:
        return self.problems == 0


def start(*, trigger: str, started_by: Any = None) -> runs.Started:
    """Return the run that reads the whole log, or the one that is under way."""
    return runs.start(KIND, trigger=trigger, started_by=started_by)


def work(run: Work) -> None:
    """Read the log, and say what is not as it was written."""
    with run.heartbeat():
        found = verify()
    run.evidence(rows=found.rows, problems=found.problem_count, head=found.head)
    run.add(counts={"rows": found.rows, "problems": found.problem_count})
    if not found.intact:
        run.fail(PROBLEMS, problems=found.problem_count, first=str(found.problems[0].text))
    note(found, actor=run.run.started_by or "verify_audit")


def note(found: Verification, *, actor: Any) -> None:
    """Note in the log that it was read; one that cannot be carried on, and a database that is only
    read, keep none.
    """
    with suppress(AuditBroken, DatabaseError), transaction.atomic():
        record(VERIFIED, actor=actor, rows=found.rows, problems=found.problem_count)


def last_check() -> LastCheck | None:
    """Return what the newest check found; None where there was none yet."""
    noted = (
        AuditEvent.objects.filter(action=VERIFIED)
        .order_by("-sequence")
        .values("at", "facts")
        .first()
    )
    ended = Run.objects.filter(kind=KIND.key, evidence__has_key="rows", finished_at__isnull=False)
    run = ended.order_by("-created_at").values("pk", "finished_at", "evidence").first()
    found = []
    if noted:
        found.append(_last(noted["at"], noted["facts"]))
    if run and run["finished_at"]:
        found.append(_last(run["finished_at"], run["evidence"], run["pk"]))
    return max(found, key=lambda check: check.at, default=None)


def _last(at: datetime, facts: dict[str, Any], run_id: UUID | None = None) -> LastCheck:
    return LastCheck(at, int(facts.get("rows") or 0), int(facts.get("problems") or 0), run_id)
