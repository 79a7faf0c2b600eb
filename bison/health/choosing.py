"""Who is asked in a round: each workspace that has a key of its own,
and each instance for all that have none.

Switching a shared key to two hundred workspaces would keep everybody else from it for minutes. So
the instance is asked once with it, and that answer speaks for them. Some are confirmed each round,
by a switch: those that had trouble, and for the rest the next ones in turn.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from bison import instances
from bison.keys import choosing
from bison.models import Instance, Workspace
from core import vendors
from core.errors import BadCredentials, VendorError
from core.masking import Secret

EVERY: Final = 900
CONFIRMED_AT_ONCE: Final = 5
_COLUMNS: Final = (
    "workspace_name",
    "bison_workspace_id",
    "organization_id",
    "instance_id",
    "requires_workspace_key",
    "bison_api_key",
    "bison_api_key_type",
    "bison_api_key_status",
    "bison_api_key_expires_at",
)


@dataclass(frozen=True, slots=True)
class Question:
    """One cheap call. Without a workspace it is the instance's own, with the key that is shared."""

    instance: Instance
    address: str
    key: Secret
    key_type: str
    workspace: Workspace | None = None


@dataclass(slots=True)
class Asked:
    """One instance's part of a round. `refused`: workspaces that may not be called,
    as they have no key.
    """

    instance: Instance
    values: vendors.Values
    questions: list[Question] = field(default_factory=list)
    shared: list[Workspace] = field(default_factory=list)
    refused: list[Workspace] = field(default_factory=list)


def plan() -> list[Asked]:
    """Return what is to be asked: of the database two statements,
    and one for each instance's values.
    """
    found = Instance.objects.select_related("account").order_by("pk")
    asked = {instance.pk: Asked(instance, vendors.current(instance.account)) for instance in found}
    for workspace in Workspace.objects.filter(gone_at=None).only(*_COLUMNS).order_by("pk"):
        part = asked[workspace.instance_id]
        workspace.instance = part.instance
        _add(part, workspace)
    for part in asked.values():
        _add_instance(part)
    return list(asked.values())


def _add(part: Asked, workspace: Workspace) -> None:
    try:
        chosen = choosing.key_for(workspace, part.values)
    except VendorError:
        part.refused.append(workspace)
        return
    if chosen.is_shared:
        part.shared.append(workspace)
    else:
        question = Question(part.instance, chosen.address, chosen.key, chosen.key_type, workspace)
        part.questions.append(question)


def _add_instance(part: Asked) -> None:
    """Put the instance's own call first: what it finds is known while the others go on."""
    address = part.values.text("base_url")
    try:
        key = instances.active_key(part.values)
    except KeyError:
        return
    if address:
        key_type = Workspace.KeyType.SUPER_ADMIN
        part.questions.insert(0, Question(part.instance, address, key, key_type))


def to_confirm(part: Asked, troubled: Iterable[UUID]) -> Sequence[Workspace]:
    """Return the few shared workspaces that are looked at by a switch this time."""
    wanted = set(troubled)
    first = [workspace for workspace in part.shared if workspace.pk in wanted]
    others = [workspace for workspace in part.shared if workspace.pk not in wanted]
    room = max(0, CONFIRMED_AT_ONCE - len(first))
    return [*first[:CONFIRMED_AT_ONCE], *_in_turn(others, room)]


def _in_turn(workspaces: Sequence[Workspace], room: int) -> Sequence[Workspace]:
    """Return those whose turn it is: the round's number says it, so that nothing has to be kept."""
    if not workspaces or not room:
        return ()
    begin = int(time.time() // EVERY) * room % len(workspaces)
    return [*workspaces[begin:], *workspaces[:begin]][:room]


def is_bad_key(failure: VendorError | None) -> bool:
    """Tell whether it was the key that was refused."""
    return isinstance(failure, BadCredentials)
