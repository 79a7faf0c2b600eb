"""What a file of keys would do: which of its rows are good, and what is wrong with each other one,
by row and column.

Nothing is written and no vendor is asked. All workspaces are read in one query,
however many rows there are.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bison.client import fingerprint
from bison.instances import check_key
from bison.keys.reading import FORMULA, File, Line, Problem
from bison.keys.slots import BAD_TYPE, LONGEST_NAME, REVOKED, SHARED_TYPES, TAKEN, Entered
from bison.models import Instance, Workspace
from core.words.sayings import Saying

NEEDED: Final = _("This is needed.")
NO_INSTANCE: Final = _("There is no instance of this name. There are: %(names)s.")
NO_WORKSPACE: Final = _(
    "This instance has no workspace of this name. Look for workspaces first, or check its spelling."
)
GONE: Final = _("Email Bison does not list this workspace any more.")
WORKSPACE_TWICE: Final = _("Row %(other)d is about the same workspace.")
KEY_TWICE: Final = _("Row %(other)d has the same key.")
IS_FORMULA: Final = _("This begins like a formula. Remove the sign at its beginning.")
_NOT_WORD: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Good:
    """A row that can be applied."""

    row: int
    workspace_id: UUID
    entered: Entered


@dataclass(slots=True)
class Plan:
    """What a file would do. `rows` counts those that hold something."""

    rows: int
    good: list[Good]
    problems: list[Problem]

    @property
    def invalid(self) -> int:
        return self.rows - len(self.good)


@dataclass(slots=True)
class _Known:
    """What is in Koppel, and what earlier rows of the file were about."""

    instances: dict[str, UUID]
    instance_names: str
    workspaces: dict[tuple[UUID, str], dict[str, Any]]
    holders: dict[str, dict[str, Any]]
    workspace_rows: dict[UUID, int] = field(default_factory=dict)
    key_rows: dict[str, int] = field(default_factory=dict)


def plan(file: File) -> Plan:
    """Look at every row, and name what is wrong with each."""
    known = _known()
    good = [found for line in file.lines if (found := _judge(file, known, line)) is not None]
    bad_rows = {problem.row for problem in file.problems}
    kept = (
        []
        if 0 in bad_rows or 1 in bad_rows
        else [each for each in good if each.row not in bad_rows]
    )
    return Plan(len(file.lines), kept, sorted(file.problems, key=lambda problem: problem.row))


def squeezed(name: str) -> str:
    """Return a name as it is compared: without case and with single blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def joined(name: str) -> str:
    """Return an instance's name as it is compared: `Long Run`, long-run and longrun are one."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", name).casefold())


def _known() -> _Known:
    instances = list(Instance.objects.order_by("name"))
    by_name = {joined(text): each.pk for each in instances for text in (each.name, each.slug)}
    columns = (
        "pk",
        "instance_id",
        "workspace_name",
        "key_fingerprint",
        "gone_at",
        "bison_api_key_status",
    )
    rows = list(Workspace.objects.values(*columns, "next_api_key_facts__fingerprint"))
    holders = {}
    for row in rows:
        for mark in (row["key_fingerprint"], row["next_api_key_facts__fingerprint"]):
            if mark:
                holders[mark] = row
    return _Known(
        by_name,
        ", ".join(each.slug for each in instances),
        {(row["instance_id"], squeezed(row["workspace_name"])): row for row in rows},
        holders,
    )


def _judge(file: File, known: _Known, line: Line) -> Good | None:
    """Return the row as it would be applied; None, with what is wrong named, where it cannot be."""
    before = len(file.problems)
    _need(file, line)
    workspace = _workspace(file, known, line)
    key_type = (
        (line.cells["api_key_type"] or str(Workspace.KeyType.WORKSPACE))
        .casefold()
        .replace("-", "_")
    )
    if key_type not in Workspace.KeyType.values:
        file.complain(
            line.number, "api_key_type", BAD_TYPE, names=", ".join(Workspace.KeyType.values)
        )
    name = line.cells["api_key_name"]
    if name.startswith(FORMULA):
        file.complain(line.number, "api_key_name", IS_FORMULA)
    entered = Entered(line.key, name[:LONGEST_NAME], key_type)
    if line.key:
        _judge_key(file, known, line, entered, workspace)
    if len(file.problems) > before or workspace is None:
        return None
    return Good(line.number, workspace["pk"], entered)


def _need(file: File, line: Line) -> None:
    cells = {**line.cells, "api_key": "x" if line.key else ""}
    for name in ("workspace_name", "bison_instance", "api_key"):
        if not cells[name]:
            file.complain(line.number, name, NEEDED)


def _workspace(file: File, known: _Known, line: Line) -> dict[str, Any] | None:
    name, at = line.cells["workspace_name"], line.cells["bison_instance"]
    if not name or not at:
        return None
    instance_id = known.instances.get(joined(at))
    if instance_id is None:
        file.complain(line.number, "bison_instance", NO_INSTANCE, names=known.instance_names)
        return None
    found = known.workspaces.get((instance_id, squeezed(name)))
    if found is None:
        file.complain(line.number, "workspace_name", NO_WORKSPACE)
        return None
    if found["gone_at"] is not None:
        file.complain(line.number, "workspace_name", GONE)
    earlier = known.workspace_rows.setdefault(found["pk"], line.number)
    if earlier != line.number:
        file.complain(line.number, "workspace_name", WORKSPACE_TWICE, other=earlier)
    return found


def _judge_key(
    file: File, known: _Known, line: Line, entered: Entered, workspace: dict[str, Any] | None
) -> None:
    try:
        check_key(line.key.reveal())
    except ValidationError as error:
        file.problems.append(Problem(line.number, "api_key", Saying(error.message)))
        return
    mark = fingerprint(line.key.reveal())
    is_shared = entered.key_type in SHARED_TYPES
    earlier = known.key_rows.setdefault(mark, line.number)
    if earlier != line.number and not is_shared:
        file.complain(line.number, "api_key", KEY_TWICE, other=earlier)
    holder = known.holders.get(mark)
    if workspace is None or holder is None:
        return
    is_own = holder["pk"] == workspace["pk"]
    is_revoked = holder["bison_api_key_status"] == Workspace.KeyStatus.REVOKED
    if is_own and is_revoked and holder["key_fingerprint"] == mark:
        file.complain(line.number, "api_key", REVOKED)
    if not is_own and not is_shared:
        file.complain(line.number, "api_key", TAKEN, workspace=holder["workspace_name"])


def names_of(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return the problems as the API shows them."""
    return [
        {"row": each.row, "column": each.column, "message": str(each.message)} for each in problems
    ]
