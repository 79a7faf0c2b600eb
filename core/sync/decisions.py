"""What becomes of one record: the answer of a pure function of the record and of what we have of it already."""

from dataclasses import dataclass
from typing import Any, Final

IMPORTED: Final = "imported"
UPDATED: Final = "updated"
UNCHANGED: Final = "unchanged"
SKIPPED: Final = "skipped_"
ERROR: Final = "error_"
# Of these there is a row that says what the vendor says.
IN_KOPPEL: Final = (IMPORTED, UPDATED, UNCHANGED)


@dataclass(frozen=True, slots=True)
class Import:
    """The record is new: this row is added."""

    row: Any

    @property
    def outcome(self) -> str:
        return IMPORTED


@dataclass(frozen=True, slots=True)
class Update:
    """There is a row of it, which takes these values."""

    row: Any

    @property
    def outcome(self) -> str:
        return UPDATED


@dataclass(frozen=True, slots=True)
class Unchanged:
    """There is a row of it, which says the same."""

    @property
    def outcome(self) -> str:
        return UNCHANGED


@dataclass(frozen=True, slots=True)
class Skip:
    """The record is left out on purpose."""

    reason: str

    @property
    def outcome(self) -> str:
        return f"{SKIPPED}{self.reason}"


@dataclass(frozen=True, slots=True)
class Fail:
    """The record cannot be taken as it is."""

    reason: str

    @property
    def outcome(self) -> str:
        return f"{ERROR}{self.reason}"


Decision = Import | Update | Unchanged | Skip | Fail
