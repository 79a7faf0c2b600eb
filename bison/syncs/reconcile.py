"""Ours, the vendor's and an exported file side by side: which e-mail accounts each has.
Changes nothing.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bison import lists
from bison.models import EmailAccount, Workspace
from bison.session import session
from bison.syncs import email_accounts, reading
from core.errors import VendorError

# What columns of exports are called.
ADDRESS_COLUMNS: Final = (
    "email",
    "email address",
    "email_address",
    "sender email",
    "sender_email",
    "account",
)
WORKSPACE_COLUMNS: Final = ("workspace", "workspace_name", "workspace name", "client")
Addresses = frozenset[str]


class BadFile(ValueError):
    """The file cannot be compared; the message says why."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side has: None where it is not known, with the reason."""

    addresses: Addresses | None
    count: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One workspace, seen from two or three sides."""

    workspace: Workspace
    ours: Side
    vendor: Side
    file: Side | None = field(default=None)

    @property
    def sides(self) -> list[Side]:
        if self.file is None:
            return [self.ours, self.vendor]
        return [self.ours, self.vendor, self.file]

    @property
    def is_equal(self) -> bool:
        if any(side.addresses is None for side in self.sides):
            return False
        return len({(side.addresses, side.count) for side in self.sides}) == 1

    def only_in(self, side: Side) -> list[str]:
        """Return the addresses that this side has and another side, which is known, has not."""
        others = [
            each.addresses for each in self.sides if each is not side and each.addresses is not None
        ]
        found = side.addresses or frozenset()
        return sorted(address for address in found if any(address not in other for other in others))


def compare(workspace: Workspace, exported: Mapping[str, Sequence[str]] | None) -> Compared:
    """Return what each side has of a workspace. `exported`: addresses by workspace,
    as `read` gives them.
    """
    rows = EmailAccount.objects.filter(workspace=workspace, gone_at=None).values_list(
        "email", flat=True
    )
    file = None
    if exported is not None:
        file = _side(exported.get(workspace.workspace_name.casefold(), ()))
    return Compared(workspace, _side(rows), _at_vendor(workspace), file)


def read(content: bytes, only: str = "") -> dict[str, list[str]]:
    """Return the addresses of an exported file by workspace (case folded), or raise BadFile.

    `only`: the workspace of a file that does not name any.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile("The file is not UTF-8.") from error
    lines = csv.DictReader(io.StringIO(text), delimiter=_delimiter(text))
    names = {str(name).strip().casefold(): name for name in lines.fieldnames or ()}
    address = _column(names, ADDRESS_COLUMNS)
    place = _column(names, WORKSPACE_COLUMNS)
    if address is None:
        raise BadFile("The file has no column of addresses: call it email.")
    if place is None and not only:
        raise BadFile("The file has no column workspace_name: name its workspace with --workspace.")
    found: dict[str, list[str]] = {}
    for line in lines:
        value = str(line.get(address) or "").strip()
        name = only
        if place is not None:
            name = str(line.get(place) or "").strip()
        if value:
            found.setdefault(name.casefold(), []).append(value)
    return found


def _delimiter(text: str) -> str:
    """Return what stands between the columns of the first line."""
    first = text.partition("\n")[0]
    if first.count(";") > first.count(","):
        return ";"
    return ","


def _column(names: Mapping[str, Any], known: Iterable[str]) -> Any:
    return next((names[name] for name in known if name in names), None)


def _at_vendor(workspace: Workspace) -> Side:
    try:
        with session(
            workspace, function_name="reconcile_email_accounts", triggered_by="command"
        ) as at:
            if not at.is_shared:
                at.confirm_own()
            piece = lists.everything(at, email_accounts.PATH)
    except VendorError as error:
        return Side(None, None, error.saying.plain)
    if not piece.is_steady or piece.total != len(piece.items):
        return Side(None, piece.total, "The list changed while it was read.")
    return _side(reading.text(reading.mapping(item).get("email")) for item in piece.items)


def _side(addresses: Iterable[str]) -> Side:
    found = [address.strip().casefold() for address in addresses]
    return Side(frozenset(found), len(found))
