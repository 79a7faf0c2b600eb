"""What a person is known by, and the patterns that find it:
in SQL, in JSON, in a vendor's answer, in a link.

An address is found in every spelling that was met, and not as a part of a longer one. A name is
looked for where it is long enough to be nobody else's, and its bearer alone in their organization
has it: whoever gathers it sees to that. A number is found in the ways that `numbers` knows.
"""

import json
import re
import unicodedata
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final
from urllib.parse import quote, quote_plus

import idna

from core.privacy import numbers
from core.secrets import crypto

MARK: Final = "[erased]"
SHORTEST_NAME: Final = 5
# Before it nothing that could belong to it, unless that is the end of an escape
# of JSON or of a link.
_BEFORE: Final = r"(?:(?<![\w.%+-])|(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f]{2}))"
_AFTER: Final = r"(?![\w-])"
# What is the same in every alphabet, case and spelling of a word.
_PIECE: Final = re.compile("[A-Za-z0-9]{3,}")
# A longer domain is another's address.
_NO_MORE: Final = r"(?!\.\w)"
# Whatever stands after a plus reaches the same mailbox.
_TAG: Final = r"(?:(?:\+|%2[Bb])[\w.%+-]{1,64})?"
_SPECIAL: Final = re.compile(r"([^\w\s])")
# Whatever stands between two names; a space of its own kind is none to the database.
_SPACES: Final = "[\\s\u00a0]{1,9}"


@dataclass(slots=True)
class Person:
    """Who is looked for: their address in its one spelling, what else was found,
    and the rows that are theirs.
    """

    address: str
    spellings: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    # Rows that are about them, by table: ids as text.
    rows: dict[str, set[str]] = field(default_factory=dict)

    def is_named(self, name: str) -> None:
        """Add a name of theirs, with accents and without, unless it is too short to be told
        from a word.
        """
        name = " ".join(unicodedata.normalize("NFC", name).split())
        is_telling = " " in name or len(name) >= 8
        if len(name) >= SHORTEST_NAME and is_telling:
            self.names |= {name, _plain(name)}

    def is_called(self, phone: str) -> None:
        """Add a number of theirs."""
        if numbers.is_long_enough(phone):
            self.phones.add(phone.strip())

    def has(self, table: str, *ids: Any) -> None:
        """Add rows that are theirs."""
        self.rows.setdefault(table, set()).update(str(each) for each in ids)

    def of(self, table: str) -> list[Any]:
        """Return the ids of their rows in a table."""
        return sorted(self.rows.get(table, ()))

    def words(self) -> list[str]:
        """Return everything that they are known by, in each way that it is written."""
        found = {
            form
            for name in {written for name in self.names for written in _forms(name)}
            for form in (name, quote(name), quote_plus(name), escape(name))
        }
        for spelling in map(_mailbox, {self.address, *self.spellings, *_unicode(self.address)}):
            found |= {
                spelling,
                quote(spelling),
                quote_plus(spelling),
                spelling.replace("@", "%40"),
                escape(spelling),
            }
        for phone in self.phones:
            found |= {phone, quote_plus(phone), quote(phone), *numbers.forms(phone)}
        found |= {json.dumps(word, ensure_ascii=False)[1:-1] for word in found}
        found |= {json.dumps(word)[1:-1] for word in found}
        return sorted(found, key=lambda word: (-len(word), word))

    def mailboxes(self) -> str:
        """Return a pattern that whole addresses of theirs match, and nothing longer."""
        return "|".join(
            sorted(_pattern(_mailbox(each)) for each in {self.address, *self.spellings})
        )

    def loose(self) -> str:
        """Return a pattern that is quick, and finds more than the exact one."""
        spaced = [numbers.pattern(each) for phone in self.phones for each in numbers.forms(phone)]
        return "|".join([*dict.fromkeys(map(_pattern, self.words())), *sorted(set(spaced))])

    def fragments(self) -> list[str]:
        """Return pieces in lower case of which a text that names them has at least one;
        none where that cannot be said.

        They are quick to look for: a table is read by them, and the pattern is asked
        of what is left.
        """
        found = set()
        for word in self.words():
            pieces = _PIECE.findall(re.split("@|%40", word)[0]) or _PIECE.findall(word)
            if not pieces:
                return []
            found.add(max(pieces, key=len).lower())
        return sorted(each for each in found if not any(other in each for other in found - {each}))

    def exact(self) -> str:
        """Return the pattern whose matches are the person;
        the same for PostgreSQL and for Python.
        """
        return f"{_BEFORE}(?:{self.loose()}){_AFTER}"

    def is_in(self, text: str) -> bool:
        """Tell whether a text names them."""
        return re.search(self.exact(), text, re.IGNORECASE) is not None

    def written(self) -> str:
        """Write down what is known, for an attempt that goes on where another died."""
        rows = {table: sorted(ids) for table, ids in self.rows.items()}
        known = [
            self.address,
            sorted(self.spellings),
            sorted(self.names),
            sorted(self.phones),
            rows,
        ]
        return json.dumps(known)


def read(text: str) -> Person:
    """Return the person who was written down."""
    address, spellings, names, phones, rows = json.loads(text)
    return Person(
        address,
        set(spellings),
        set(names),
        set(phones),
        {table: set(ids) for table, ids in rows.items()},
    )


def hash_of(address: str, scope: object) -> str:
    """Return what stands for an address: nobody guesses it without our key,
    and each organization has its own.
    """
    return crypto.mac("privacy/address", f"{scope or ''}:{address}".encode())


def _mailbox(spelling: str) -> str:
    name, _at, domain = spelling.rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}"


def _pattern(word: str) -> str:
    """Return the pattern of a word; of an address with anything after a plus."""
    escaped = _SPECIAL.sub(r"\\\1", word)
    for at in (r"\@", r"\%40"):
        before, found, after = escaped.partition(at)
        if found:
            return f"{before}{_TAG}{found}{after}{_NO_MORE}"
    return escaped.replace(" ", _SPACES)


def _forms(name: str) -> set[str]:
    """Return a name as letters with their accents, and as letters and accents."""
    return {name, unicodedata.normalize("NFD", name)}


def _plain(name: str) -> str:
    """Return a name without accents, as people type it."""
    apart = unicodedata.normalize("NFD", name)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _unicode(address: str) -> set[str]:
    """Return the address with its domain as people read it."""
    name, _at, domain = address.rpartition("@")
    try:
        return {f"{name}@{idna.decode(domain)}"}
    except (idna.IDNAError, UnicodeError):
        return set()
