"""What becomes of one record: the answer of a pure function of the record and of what we
have of it already.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

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
    outcome: ClassVar[str] = IMPORTED


@dataclass(frozen=True, slots=True)
class Update:
    """There is a row of it, which takes these values."""

    row: Any
    outcome: ClassVar[str] = UPDATED


@dataclass(frozen=True, slots=True)
class Unchanged:
    """There is a row of it, which says the same."""

    outcome: ClassVar[str] = UNCHANGED


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
