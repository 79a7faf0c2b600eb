"""States of suppressions, one for each workspace: laid out when they are wanted,
written when they were read back.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from bison.models import Suppression, SuppressionState, Workspace
from bison.suppression.values import Value, hashed
from core.bulk import Upsert

State = SuppressionState.State
# A state for each workspace in scope that has none: of a new suppression, or of a new workspace.
# An address that was erased is blocked in no more of them.
_LAY_OUT: Final = """
INSERT INTO bison_suppression_states
    (id, suppression_id, workspace_id, state, error, error_said, repaired_times)
SELECT gen_random_uuid(), s.id, w.id, 'waiting', '', '{}', 0
FROM bison_suppressions s
JOIN client_registry w ON w.gone_at IS NULL AND (s.scope = 'all' OR w.id = ANY (s.workspace_ids))
WHERE s.removed_at IS NULL AND s.value NOT LIKE 'erased:%%'
AND (%(ids)s::uuid[] IS NULL OR s.id = ANY (%(ids)s::uuid[]))
AND NOT EXISTS (SELECT FROM bison_suppression_states e WHERE e.suppression_id = s.id
    AND e.workspace_id = w.id)
ON CONFLICT (suppression_id, workspace_id) DO NOTHING
"""
# One statement: what is wanted again by the time that its row is locked is left alone.
_FORGET: Final = """
DELETE FROM bison_suppressions s WHERE removed_at IS NOT NULL AND source <> 'customer'
AND NOT EXISTS (SELECT FROM bison_suppression_states WHERE suppression_id = s.id)
"""
WRITE: Final = Upsert(
    table="bison_suppression_states",
    columns={
        "suppression_id": "uuid",
        "workspace_id": "uuid",
        "state": "varchar",
        "blacklisted": "boolean",
        "unsubscribed": "boolean",
        "read_back_at": "timestamptz",
        "error": "varchar",
        "error_said": "jsonb",
        "repaired_times": "integer",
    },
    made={"id": "gen_random_uuid()"},
    unique=("suppression_id", "workspace_id"),
    changes={
        "state": "EXCLUDED.state",
        "blacklisted": "EXCLUDED.blacklisted",
        "unsubscribed": "EXCLUDED.unsubscribed",
        "read_back_at": "COALESCE(EXCLUDED.read_back_at, stored.read_back_at)",
        "error": "EXCLUDED.error",
        "error_said": "EXCLUDED.error_said",
        "repaired_times": "stored.repaired_times + EXCLUDED.repaired_times",
    },
    order=("suppression_id", "workspace_id"),
)


def lay_out(ids: Collection[UUID] | None = None) -> int:
    """Make the states that are missing, of these suppressions or of all; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_LAY_OUT, {"ids": None if ids is None else list(ids)})
        return int(cursor.rowcount)


def of_workspace(
    workspace: Workspace, ids: Collection[UUID] | None = None, *, waiting: bool = False
) -> list[Suppression]:
    """Return what this workspace is to block, and what it is to let go of."""
    states = SuppressionState.objects.filter(workspace=workspace)
    if ids is not None:
        states = states.filter(suppression_id__in=ids)
    if waiting:
        states = states.filter(state=State.WAITING)
    found = states.select_related("suppression").order_by("suppression__value")
    return [state.suppression for state in found]


def states_of(workspace: Workspace, rows: Collection[Suppression]) -> dict[UUID, SuppressionState]:
    found = SuppressionState.objects.filter(workspace=workspace, suppression__in=rows)
    return {state.suppression_id: state for state in found}


def write(rows: Sequence[Mapping[str, Any]]) -> None:
    WRITE.run(rows)


def let_go(workspace: Workspace, ids: Collection[UUID]) -> None:
    """Forget that a workspace had these."""
    SuppressionState.objects.filter(workspace=workspace, suppression_id__in=ids).delete()


def forget_lifted() -> int:
    """Delete what was lifted once no workspace has it; a customer's row stays,
    so that no rule makes it anew.
    """
    lifted = Suppression.objects.exclude(removed_at=None)
    SuppressionState.objects.filter(suppression__in=lifted).exclude(
        workspace__gone_at=None
    ).delete()
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
        return int(cursor.rowcount)


def in_force() -> QuerySet[Suppression]:
    """Return what people see: what is wanted, and what is being lifted still."""
    has_states = Exists(SuppressionState.objects.filter(suppression=OuterRef("pk")))
    return Suppression.objects.filter(Q(removed_at=None) | has_states)


def workspaces_with(ids: Collection[UUID] | None, *, waiting: bool) -> QuerySet[Workspace]:
    """Return the workspaces that have any of these to do, by their names."""
    states = SuppressionState.objects.filter(workspace=OuterRef("pk"))
    if ids is not None:
        states = states.filter(suppression_id__in=ids)
    if waiting:
        states = states.filter(state=State.WAITING)
    found = Workspace.objects.filter(Exists(states), gone_at=None)
    return found.select_related("instance__account").order_by("workspace_name")


def kept_values(workspace: Workspace, values: Collection[str]) -> list[tuple[str, str]]:
    """Return which of these texts are still wanted in this workspace, with their kinds."""
    wanted = Q(scope=Suppression.Scope.ALL) | Q(workspace_ids__contains=[workspace.pk])
    hashes = [hashed(Value(text, Suppression.Kind.ADDRESS)).text for text in values if "@" in text]
    found = Suppression.objects.filter(wanted, removed_at=None, value__in=[*values, *hashes])
    return list(found.values_list("value", "kind"))


def failed(
    workspace: Workspace, ids: Collection[UUID], error: Mapping[str, Any], *, may_pass: bool
) -> None:
    """Note that nothing could be done or read; what was read back last stays.

    What may pass by itself leaves the states as they are: what waits is tried again soon.
    """
    states = SuppressionState.objects.filter(workspace=workspace, suppression_id__in=ids)
    if may_pass:
        states.update(**error)
    else:
        states.update(state=State.FAILED, **error)


def wait_again(ids: Collection[UUID]) -> None:
    """Let all states of these wait for the next run; they are locked in the order in which a
    run writes them.
    """
    states = SuppressionState.objects.filter(suppression_id__in=ids)
    locked = states.select_for_update(no_key=True).order_by("suppression_id", "workspace_id")
    if locked.values_list("pk", flat=True):
        states.update(state=State.WAITING, error="", error_said={})


def row(
    suppression: Suppression,
    workspace: Workspace,
    state: str,
    *,
    at: datetime,
    blacklisted: bool,
    unsubscribed: bool | None,
    error: Mapping[str, Any],
    repaired: bool,
) -> dict[str, Any]:
    """Return the columns of a state as it was read back."""
    return {
        "suppression_id": suppression.pk,
        "workspace_id": workspace.pk,
        "state": state,
        "blacklisted": blacklisted,
        "unsubscribed": unsubscribed,
        "read_back_at": at,
        "repaired_times": int(repaired),
        **error,
    }


def workspaces_in(ids: Collection[str] | None) -> list[Workspace]:
    """Return the workspaces of these ids, or all, by their names."""
    found = Workspace.objects.filter(gone_at=None).select_related("instance__account")
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    return list(found.order_by("workspace_name"))
