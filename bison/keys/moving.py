"""The old system's registry: its table `client_registry` as CSV or JSON, entries and keys.

Entries that are missing are made, those that are here keep what people wrote;
keys wait until they have worked, as those of any other file do.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bison.instances.discovering import free_name
from bison.keys import reading
from bison.keys.planning import joined, squeezed
from bison.keys.reading import File, Line
from bison.models import Instance, Workspace
from core import audit
from core.masking import Secret
from core.words.digits import are_digits

NOT_READABLE: Final = _("This is neither CSV nor a JSON list of rows.")
NO_NUMBER: Final = _("A new workspace needs its number at Email Bison.")
NO_NAME: Final = _("This is needed.")
NO_INSTANCE: Final = _("There is no instance of this name. There are: %(names)s.")
YES: Final = {"true", "t", "1", "yes"}


@dataclass(slots=True)
class Moved:
    """What there was: entries to make, and the keys as a file of keys."""

    rows: int = 0
    made: list[Workspace] = field(default_factory=list)
    file: File = field(default_factory=File)


@dataclass(slots=True)
class _Known:
    """The entries that there are or would be, by their instances, and what they are called."""

    by_name: dict[tuple[UUID, str], Workspace] = field(default_factory=dict)
    by_number: dict[tuple[UUID, int], Workspace] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def add(self, workspace: Workspace) -> None:
        self.by_name.setdefault(
            (workspace.instance_id, squeezed(workspace.workspace_name)), workspace
        )
        self.by_number.setdefault((workspace.instance_id, workspace.bison_workspace_id), workspace)
        self.taken.add(workspace.workspace_name)


def rows_of(content: bytes) -> list[Mapping[str, Any]] | None:
    """Return the rows of an export; None for what is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if text.lstrip()[:1] in {"[", "{"}:
        return _json_rows(text)
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None


def _json_rows(text: str) -> list[Mapping[str, Any]] | None:
    try:
        found = orjson.loads(text)
    except ValueError:
        return None
    if isinstance(found, dict):
        found = found.get("client_registry")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        return None
    return found


def look(content: bytes) -> Moved:
    """Say what an export would make and which keys it has; nothing is written."""
    moved = Moved()
    rows = rows_of(content)
    if rows is None:
        moved.file.complain(0, "", NOT_READABLE)
        return moved
    moved.rows = len(rows)
    instances = list(Instance.objects.order_by("slug"))
    by_name = {joined(text): each for each in instances for text in (each.name, each.slug)}
    known = _Known()
    for workspace in Workspace.objects.only(
        "instance_id", "workspace_name", "bison_workspace_id"
    ).order_by("pk"):
        known.add(workspace)
    for number, row in enumerate(rows, reading.HEADER + 1):
        instance = by_name.get(joined(_text(row, "bison_instance")))
        if not _text(row, "workspace_name"):
            moved.file.complain(number, "workspace_name", NO_NAME)
        elif instance is None:
            names = ", ".join(each.slug for each in instances)
            moved.file.complain(number, "bison_instance", NO_INSTANCE, names=names)
        else:
            _look_at(moved, number, row, instance, known)
    return moved


def _look_at(
    moved: Moved, number: int, row: Mapping[str, Any], instance: Instance, known: _Known
) -> None:
    name = _text(row, "workspace_name")
    found = known.by_name.get((instance.pk, squeezed(name)))
    if found is None:
        found = _new(moved, number, row, instance, known)
    key = _text(row, "bison_api_key")
    if found is None or not key:
        return
    cells = {
        "workspace_name": found.workspace_name,
        "bison_instance": instance.slug,
        "api_key_name": _text(row, "bison_api_key_name"),
        "api_key_type": _text(row, "bison_api_key_type"),
    }
    moved.file.lines.append(Line(number, cells, Secret(key)))


def _new(
    moved: Moved, number: int, row: Mapping[str, Any], instance: Instance, known: _Known
) -> Workspace | None:
    """Return the entry that would be made; None, with what is wrong named, where none can be."""
    its_number = _text(row, "bison_workspace_id")
    if not are_digits(its_number, 15):
        moved.file.complain(number, "bison_workspace_id", NO_NUMBER)
        return None
    renamed = known.by_number.get((instance.pk, int(its_number)))
    if renamed is not None:
        # Renamed since: it is the number that says which it is.
        return renamed
    made = Workspace(
        instance=instance,
        workspace_name=free_name(
            _text(row, "workspace_name")[:200], instance, int(its_number), known.taken
        ),
        bison_workspace_id=int(its_number),
        requires_workspace_key=_text(row, "requires_workspace_key").casefold() in YES,
        api_notes=_text(row, "api_notes"),
    )
    moved.made.append(made)
    known.add(made)
    return made


def make(moved: Moved, *, actor: Any) -> int:
    """Make the entries that are missing, and return how many."""
    with transaction.atomic():
        Workspace.objects.bulk_create(moved.made)
        for workspace in moved.made:
            audit.record("bison.workspace_changed", actor=actor, target=workspace, fields=["made"])
    return len(moved.made)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    return str(value).replace("\x00", "").strip()
