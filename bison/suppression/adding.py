"""Suppress and lift: rows first, and a run that does it in every workspace.

Whatever is suppressed already is not narrowed by suppressing it again:
its workspaces only become more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from bison.models import Suppression
from bison.suppression import applying, storing
from bison.suppression.asking import SHOWN, Asked, Scope, ask
from bison.suppression.values import Value, hashed
from core import audit, runs

Source = Suppression.Source
WIDENED: Final = (
    "scope",
    "workspace_ids",
    "reason",
    "is_confirmed",
    "source",
    "removed_at",
    "resubscribes",
)


@dataclass(frozen=True, slots=True)
class Added:
    """The rows, and the run that puts them into effect."""

    rows: Sequence[Suppression]
    started: runs.Started


def suppress(
    value: str,
    *,
    reason: str = "",
    scope: str = Scope.ALL,
    workspaces: Sequence[str] = (),
    insist: bool = False,
    confirmed: bool = False,
    actor: Any,
    request: Any = None,
    trigger: str = "page",
) -> Added:
    """Suppress one address or domain in all workspaces, or in those named."""
    asked = ask([value], scope=scope, workspaces=workspaces, insist=insist, confirmed=confirmed)
    return suppress_many(
        asked, reason=reason, confirmed=confirmed, actor=actor, request=request, trigger=trigger
    )


def suppress_many(
    asked: Asked,
    *,
    reason: str = "",
    confirmed: bool = False,
    actor: Any,
    request: Any = None,
    trigger: str = "page",
) -> Added:
    """Suppress what was asked for, all of it or nothing, and start the run that does it."""
    with transaction.atomic():
        rows = store(asked, reason=reason, confirmed=confirmed, by=str(actor or ""))
        started = applying.start(
            [row.pk for row in rows], started_by=actor, trigger=trigger, parent=None
        )
        audit.record(
            "bison.suppressed",
            actor=actor,
            request=request,
            target=rows[0] if len(rows) == 1 else None,
            count=len(rows),
            values=", ".join(row.value for row in rows[:SHOWN]),
            scope=asked.scope,
            workspaces=", ".join(each.workspace_name for each in asked.workspaces[:SHOWN]),
            reason=reason,
            run=str(started.run.pk),
        )
    return Added(rows, started)


def store(
    asked: Asked, *, reason: str, confirmed: bool, by: str, source: str = Source.PERSON
) -> list[Suppression]:
    """Write the rows, and a waiting state of each for every workspace in scope."""
    texts = [value.text for value in asked.values]
    _know_again(asked.values)
    chosen = [workspace.pk for workspace in asked.workspaces]
    Suppression.objects.bulk_create(
        (
            Suppression(
                value=value.text, kind=value.kind, scope=asked.scope, workspace_ids=chosen,
                reason=reason, added_by=by[:200], source=source, is_confirmed=confirmed,
            )
            for value in asked.values
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )  # fmt: skip
    locked = Suppression.objects.select_for_update(no_key=True).filter(value__in=texts)
    rows = list(locked.order_by("value"))
    changed = [
        row for row in rows if _widen(row, asked, reason=reason, confirmed=confirmed, source=source)
    ]
    Suppression.objects.bulk_update(changed, WIDENED, batch_size=1000)
    ids = [row.pk for row in rows]
    storing.lay_out(ids)
    # What was done before is read back anew: a person who asks again doubts it.
    storing.wait_again(ids)
    return rows


def _know_again(values: Sequence[Value]) -> None:
    """Give rows their address back whose address was erased, as somebody asks to have
    it blocked anew.
    """
    by_hash = {
        hashed(value).text: value.text for value in values if value.kind == Suppression.Kind.ADDRESS
    }
    for row in (
        Suppression.objects.select_for_update(no_key=True)
        .filter(value__in=by_hash)
        .order_by("value")
    ):
        if not Suppression.objects.filter(value=by_hash[row.value]).exists():
            row.value = by_hash[row.value]
            row.save(update_fields=["value"])


def _widen(row: Suppression, asked: Asked, *, reason: str, confirmed: bool, source: str) -> bool:
    """Make the row reach all that was asked for, beside what it reached before;
    tell whether that changed it.
    """
    before = [getattr(row, name) for name in WIDENED]
    if row.removed_at is not None:
        row.scope, row.workspace_ids = asked.scope, []
        row.source = source
    if asked.scope == Scope.ALL:
        row.scope, row.workspace_ids = Scope.ALL, []
    if row.scope == Scope.WORKSPACE:
        chosen = [workspace.pk for workspace in asked.workspaces]
        row.workspace_ids = list(dict.fromkeys([*row.workspace_ids, *chosen]))
    row.reason = reason or row.reason
    row.is_confirmed = row.is_confirmed or confirmed
    row.removed_at, row.resubscribes = None, False
    return before != [getattr(row, name) for name in WIDENED]


def lift(
    suppression: Suppression,
    *,
    resubscribe: bool = False,
    actor: Any,
    request: Any = None,
    trigger: str = "page",
) -> runs.Started:
    """Let go of a value: every workspace takes it off its list of blocked ones.

    Leads stay unsubscribed there unless the person asks for the contrary.
    The row goes once all have let go.
    """
    with transaction.atomic():
        row = Suppression.objects.select_for_update(no_key=True).get(pk=suppression.pk)
        row.removed_at, row.resubscribes = timezone.now(), resubscribe
        row.save(update_fields=["removed_at", "resubscribes"])
        storing.wait_again([row.pk])
        started = applying.start([row.pk], started_by=actor, trigger=trigger, parent=None)
        audit.record(
            "bison.suppression_lifted",
            actor=actor,
            request=request,
            target=row,
            resubscribe=resubscribe,
            run=str(started.run.pk),
        )
    return started
