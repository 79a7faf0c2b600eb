"""A file of keys as people send it: from a spreadsheet, with a mark at its beginning, semicolons,
quotes, odd ends.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.masking import Secret
from core.words.sayings import Saying, Text

COLUMNS: Final = ("workspace_name", "bison_instance", "api_key", "api_key_name", "api_key_type")
REQUIRED: Final = ("workspace_name", "bison_instance", "api_key")
MOST_BYTES: Final = 4 * 1024 * 1024
MOST_ROWS: Final = 20_000
LONGEST_CELL: Final = 500
# What a spreadsheet takes for the beginning of a formula;
# an export of ours puts an apostrophe before it.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
HEADER: Final = 1

TOO_LARGE: Final = _("The file is larger than %(most)d MB. Split it.")
TOO_MANY: Final = _("The file has more than %(most)d rows. Split it.")
NOT_TEXT: Final = _(
    "The file is not UTF-8 text. In the spreadsheet choose “CSV UTF-8” when saving."
)
NOT_CSV: Final = _(
    "From this row on the file cannot be read as CSV. A quotation mark may be missing."
)
EMPTY: Final = _("The file is empty.")
NO_ROWS: Final = _("The file has a header and no rows.")
NO_COLUMN: Final = _("This column is missing in the first row.")
TWICE: Final = _("This column is there twice.")
TOO_LONG: Final = _("This is too long.")
NULL: Final = _("Null characters are not allowed.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, with the row as a spreadsheet counts it and the column;
    row 0 is the whole file.
    """

    row: int
    column: str
    message: Saying


@dataclass(frozen=True, slots=True)
class Line:
    """One row's cells by their columns; the key is a Secret from here on."""

    number: int
    cells: dict[str, str]
    key: Secret = field(repr=False)


@dataclass(slots=True)
class File:
    """A file as it was read: its rows, and what is wrong with it."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, row: int, column: str, text: Text, **facts: object) -> None:
        self.problems.append(Problem(row, column, Saying(text, facts)))


def read(content: bytes) -> File:
    """Return the rows of a file; what cannot be read is named, never guessed."""
    found = File()
    if len(content) > MOST_BYTES:
        found.complain(0, "", TOO_LARGE, most=MOST_BYTES // 1024 // 1024)
        return found
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        found.complain(0, "", NOT_TEXT)
        return found
    if not text.strip():
        found.complain(0, "", EMPTY)
        return found
    _read_rows(found, text)
    return found


def _read_rows(found: File, text: str) -> None:
    rows = _rows(text)
    number = HEADER
    try:
        names = [name.strip().casefold() for name in next(rows)]
        if not _is_header(found, names):
            return
        for cells in rows:
            number += 1
            if number - HEADER > MOST_ROWS:
                found.complain(0, "", TOO_MANY, most=MOST_ROWS)
                return
            if any(cell.strip() for cell in cells):
                found.lines.append(_line(found, number, names, cells))
    except csv.Error:
        found.complain(number + 1, "", NOT_CSV)
        return
    if not found.lines:
        found.complain(0, "", NO_ROWS)


def _rows(text: str) -> Iterator[list[str]]:
    first = text.lstrip("\r\n").splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    # With newline="" the module itself knows every kind of line end, within quotes too.
    return csv.reader(
        io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter, strict=True
    )


def _is_header(found: File, names: Sequence[str]) -> bool:
    for name in REQUIRED:
        if name not in names:
            found.complain(HEADER, name, NO_COLUMN)
    for name in COLUMNS:
        if list(names).count(name) > 1:
            found.complain(HEADER, name, TWICE)
    return not found.problems


def _line(found: File, number: int, names: Sequence[str], cells: Sequence[str]) -> Line:
    by_name = {
        name: cell.strip() for name, cell in zip(names, cells, strict=False) if name in COLUMNS
    }
    for name, cell in by_name.items():
        if "\x00" in cell:
            found.complain(number, name, NULL)
        if len(cell) > LONGEST_CELL:
            found.complain(number, name, TOO_LONG)
    key = Secret(by_name.pop("api_key", ""))
    by_name = {name: unguarded(cell) for name, cell in by_name.items()}
    return Line(number, {name: by_name.get(name, "") for name in COLUMNS if name != "api_key"}, key)


def unguarded(cell: str) -> str:
    """Return the text of a cell that an export of ours guarded against being
    taken for a formula.
    """
    if cell.startswith("'") and cell[1:].startswith(FORMULA):
        return cell[1:]
    return cell
