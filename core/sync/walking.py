"""A list, walked to its end as the body of a run: each batch is one transaction with its counts
and its save point.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from core import ledger
from core.runs.attempt import Work
from core.sync.ahead import Ahead
from core.sync.decisions import UNCHANGED, Decision, Fail, Import, Skip, Update
from core.sync.steps import Step

logger = logging.getLogger(__name__)

# What one transaction holds at most.
BATCH_ITEMS: Final = 250
BATCH_BYTES: Final = 2 * 1024 * 1024
REFUSED: Final = "refused"
UNREADABLE: Final = "unreadable"
MOVED: Final = _(
    "The list changed while it was read: it had %(total)d, and %(processed)d were read. The next "
    "run reads it again."
)
# Not allowed, read-only, no such table, no such column, nothing unique: no record is to blame.
OF_THE_TABLE: Final = ("42501", "25006", "42P01", "42703", "42P10")

Place = Mapping[str, Any]
Pages = Callable[[Place, threading.Event], Iterator[Step[Any, Place]]]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that a list becomes.

    A row is found again by `key`, which is what the vendor calls the record (`name_of`), among
    those of `scope`. `decide` gets a record and the row that there is of it; what it returns to be
    written is a row of `model`, of which an update changes the `columns`. `day_of`: the day that
    the ledger counts the record under.
    """

    model: type[Model]
    scope: Mapping[str, Any]
    key: str
    name_of: Callable[[Any], str]
    day_of: Callable[[Any], date]
    decide: Callable[[Any, Any], Decision]
    columns: Sequence[str]


def walk(run: Work, pages: Pages, table: Table) -> bool:
    """Store everything that the pages give, and tell whether the end was reached;
    else the run was cancelled.

    A run that died goes on after the batch that was stored last.
    """
    run.must_add_up("processed")
    place: Place = run.start_from.get("place", {})
    most = int(run.start_from.get("most", 0))
    counts, _outcomes = run.so_far()
    processed = counts.get("processed", 0)
    with Ahead(lambda stop: pages(place, stop), BATCH_ITEMS, BATCH_BYTES) as steps:
        for step in steps:
            with transaction.atomic():
                stored = store(table, step.items)
                ledger.note(run, stored.seen)
                run.add(
                    counts={"processed": len(step.items), "pages": step.pages},
                    outcomes=stored.outcomes,
                )
                most = max(most, step.total or 0)
                run.checkpoint({"place": step.place, "most": most})
                processed += len(step.items)
                run.progress(done=processed, total=step.total)
            if run.cancelled:
                return False
    if processed < most:
        # Where a record goes while its list is read, the next one may move onto a page
        # that was read already.
        run.incomplete(MOVED, total=most, processed=processed)
    return True


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: how often each outcome, and each record with the reason why
    it was left out.
    """

    outcomes: Counter[str]
    seen: list[ledger.Seen]


def store(table: Table, records: Sequence[Any]) -> Stored:
    """Decide on each record and write the rows, in the caller's transaction.

    A record that stands twice in one batch is taken as it stands last,
    and counted as unchanged before.
    """
    latest = {table.name_of(record): record for record in records}
    existing = _existing(table, list(latest))
    decisions = {name: _decided(table, latest[name], existing.get(name)) for name in sorted(latest)}
    written = [
        (name, decision)
        for name, decision in decisions.items()
        if isinstance(decision, Import | Update)
    ]
    for name in _write(table, written):
        decisions[name] = Fail(REFUSED)
    outcomes = Counter(decision.outcome for decision in decisions.values())
    if len(records) > len(latest):
        outcomes[UNCHANGED] += len(records) - len(latest)
    seen = [
        ledger.Seen(
            name,
            table.day_of(latest[name]),
            decision.reason if isinstance(decision, Skip | Fail) else "",
        )
        for name, decision in decisions.items()
    ]
    return Stored(outcomes, seen)


def _decided(table: Table, record: Any, existing: Model | None) -> Decision:
    try:
        return table.decide(record, existing)
    except Exception:  # a record may be odd in any way, and must cost no other
        logger.warning("A record for %s could not be read", table.model._meta.label, exc_info=True)
        return Fail(UNREADABLE)


def _existing(table: Table, names: list[str]) -> dict[str, Model]:
    rows = table.model._default_manager.filter(**table.scope, **{f"{table.key}__in": names})
    return {str(getattr(row, table.key)): row for row in rows}


def _write(table: Table, decisions: list[tuple[str, Any]]) -> list[str]:
    """Write the rows in the order of their keys; return the names of those
    that the database refuses.
    """
    if not decisions:
        return []
    try:
        with transaction.atomic():
            table.model._default_manager.bulk_create(
                [decision.row for _name, decision in decisions],
                update_conflicts=True,
                unique_fields=[*table.scope, table.key],
                update_fields=table.columns,
            )
    except OperationalError:
        raise
    except DatabaseError as error:
        if _is_of_the_table(error):
            raise
        if len(decisions) == 1:
            logger.warning("A row of %s was refused", table.model._meta.label, exc_info=True)
            return [decisions[0][0]]
        return [name for decision in decisions for name in _write(table, [decision])]
    return []


def _is_of_the_table(error: DatabaseError) -> bool:
    """Tell whether no row at all could be written: the statement is wrong, or not allowed."""
    return getattr(error.__cause__, "sqlstate", None) in OF_THE_TABLE
