"""One statement that reads, and its parameters: told by its words, those in texts,
names and comments left aside.

This look comes first, for its clear messages. What makes sure that nothing is written is the
server, in a transaction that only reads. To MySQL `INTO OUTFILE` is no write, so `INTO` is refused
wherever it is a word of the statement.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from core.http.databases.failures import (
    MANY_STATEMENTS,
    NO_QUERY,
    READ_ONLY,
    UNKNOWN_PARAMETER,
    WRONG_QUERY,
    QueryError,
)

PARAMETERS: Final = ("since", "after")
_READING: Final = frozenset({"SELECT", "WITH", "VALUES", "TABLE"})
_WRITING: Final = frozenset({"INTO", "OUTFILE", "DUMPFILE"})
_COMMENT: Final = r"--[^\n]*"
_COMMON: Final = [
    r"(?P<word>[^\W\d]\w*)",
    r"(?P<cast>::)",
    r"(?P<parameter>:[^\W\d]\w*)",
    r"(?P<end>;)",
    r"(?P<other>.)",
]
# Each part of a statement, the first that fits: what may hold anything comes before what counts.
_POSTGRES: Final = re.compile(
    "|".join(
        [
            rf"(?P<space>\s+|{_COMMENT})",
            r"(?P<remark>/\*)",
            r"(?P<text>\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")",
            r"(?P<quoted>\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$)",
            *_COMMON,
        ]
    ),
    re.DOTALL,
)
_MYSQL: Final = re.compile(
    "|".join(
        [
            r"(?P<space>\s+|--(?=\s|$)[^\n]*|#[^\n]*|/\*(?![!M]).*?\*/)",
            r"(?P<remark>/\*)",
            r"(?P<text>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`)",
            *_COMMON,
        ]
    ),
    re.DOTALL,
)


@dataclass(frozen=True)
class Part:
    """A piece of a statement: its kind, its words, and where it begins."""

    kind: str
    text: str
    start: int


def statement(vendor: str, query: str, *, is_mysql: bool) -> list[Part]:
    """Return the parts of the one statement that reads; raise QueryError for anything else."""
    parts = list(_parts(vendor, query, is_mysql=is_mysql))
    while parts and parts[-1].kind in {"space", "end"}:
        parts.pop()
    telling = [part for part in parts if part.kind != "space"]
    words = [part for part in telling if part.text != "("]
    if not words:
        raise QueryError(vendor, NO_QUERY)
    _check(vendor, query, words, is_mysql=is_mysql)
    return parts


def _check(vendor: str, query: str, words: list[Part], *, is_mysql: bool) -> None:
    for part in words:
        if part.kind == "end":
            raise QueryError(vendor, MANY_STATEMENTS, query=query, position=part.start)
        if part.kind == "parameter" and part.text[1:] not in PARAMETERS:
            raise QueryError(vendor, UNKNOWN_PARAMETER, query=query, position=part.start)
    first = words[0]
    if first.kind != "word" or first.text.upper() not in _READING:
        text = WRONG_QUERY
        if first.kind == "word":
            text = READ_ONLY
        raise QueryError(vendor, text, query=query, position=first.start)
    if is_mysql:
        for part in words:
            if part.kind == "word" and part.text.upper() in _WRITING:
                raise QueryError(vendor, READ_ONLY, query=query, position=part.start)


def _parts(vendor: str, query: str, *, is_mysql: bool) -> Iterator[Part]:
    place = 0
    pattern = _MYSQL if is_mysql else _POSTGRES
    while place < len(query):
        found = pattern.match(query, place)
        if found is None:
            raise QueryError(vendor, WRONG_QUERY, query=query, position=place)
        kind, start = found.lastgroup or "other", place
        if found["remark"]:
            # MySQL's `/*!` runs what stands in it; a comment that has no end is none.
            place = -1 if is_mysql else _after_comment(query, place)
            if place < 0:
                raise QueryError(vendor, WRONG_QUERY, query=query, position=start)
            yield Part("space", query[start:place], start)
            continue
        place = found.end()
        if kind == "tag":
            kind = "quoted"
        yield Part(kind, found[0], start)


def _after_comment(query: str, start: int) -> int:
    """Return where a comment ends, which may have others within it; -1 where it does not end."""
    depth = 0
    for mark in re.finditer(r"/\*|\*/", query[start:]):
        depth += 1 if mark[0] == "/*" else -1
        if not depth:
            return start + mark.end()
    return -1


def written(parts: list[Part], place: Callable[[str], str]) -> str:
    """Return the statement with what `place` gives for each parameter."""
    return "".join(
        place(part.text[1:]) if part.kind == "parameter" else part.text for part in parts
    )


def uses(parts: list[Part], name: str) -> bool:
    """Tell whether the statement has this parameter."""
    return any(part.kind == "parameter" and part.text == f":{name}" for part in parts)
