"""Which of our fields is which of the vendor's, and each value as both sides can keep it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm import addresses

NAME, EMAIL, PHONE, COMPANY = "name", "email", "phone", "company"
FIRST, LAST = "firstName", "lastName"
# What a person in Koppel has.
OURS: Final = (NAME, EMAIL, PHONE, COMPANY)
# Many vendors keep a name in two parts: together they are ours.
PARTS: Final = (FIRST, LAST)
LABELS: Final = {
    NAME: _("Name"),
    FIRST: _("First name"),
    LAST: _("Last name"),
    EMAIL: _("E-mail"),
    PHONE: _("Phone"),
    COMPANY: _("Company"),
}
LONGEST: Final = {
    NAME: 200,
    FIRST: 200,
    LAST: 200,
    EMAIL: addresses.MAX_LENGTH,
    PHONE: 40,
    COMPANY: 200,
}
PULL, PUSH, BOTH = "pull", "push", "both"
DIRECTIONS: Final = (PULL, PUSH, BOTH)
KEEP_OURS, KEEP_THEIRS, NEWEST, ASK = "ours", "theirs", "newest", "ask"
SIDES: Final = (KEEP_OURS, KEEP_THEIRS)
RULES: Final = (KEEP_OURS, KEEP_THEIRS, NEWEST, ASK)
# Control characters, half pairs, and what only says how wide a gap is.
_GAPS: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff]+")

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mapped:
    """One of our fields and the vendor's property; `rule` says who wins where both changed it."""

    ours: str
    theirs: str
    direction: str = BOTH
    rule: str = NEWEST

    def kept(self) -> dict[str, str]:
        """Return it for a JSON column."""
        return {
            "ours": self.ours,
            "theirs": self.theirs,
            "direction": self.direction,
            "rule": self.rule,
        }


@dataclass(frozen=True, slots=True)
class Fields:
    """All fields that are mapped, and what follows from that."""

    mapped: tuple[Mapped, ...]

    @classmethod
    def of(cls, kept: Iterable[Mapping[str, Any]]) -> "Fields":
        """Return what a JSON column keeps."""
        return cls(tuple(Mapped(**entry) for entry in kept))

    @classmethod
    def standard(cls, mapping: Mapping[str, str]) -> "Fields":
        """Return a provider's own mapping: a name in parts comes before one that is whole."""
        names = dict(mapping)
        if FIRST in names or LAST in names:
            names.pop(NAME, None)
        return cls(tuple(Mapped(ours, theirs) for ours, theirs in names.items()))

    @property
    def pulled(self) -> frozenset[str]:
        """Our fields that take what the vendor has."""
        return self._going(PULL)

    @property
    def pushed(self) -> frozenset[str]:
        """Our fields that the vendor gets."""
        return self._going(PUSH)

    @property
    def theirs(self) -> tuple[str, ...]:
        """The vendor's properties."""
        return tuple(entry.theirs for entry in self.mapped)

    def rule(self, name: str) -> str:
        """Return who wins where both sides changed this field of ours."""
        for entry in self.mapped:
            if whole(entry.ours) == name:
                return entry.rule
        return ASK

    def read(self, properties: Values) -> dict[str, str]:
        """Return a vendor's record by our names: what is missing there,
        or no such value, is missing.
        """
        found: dict[str, str] = {}
        for entry in self.mapped:
            if entry.theirs in properties:
                value = clean(entry.ours, properties[entry.theirs])
                if value is not None:
                    found[entry.ours] = value
        has_parts = FIRST in found or LAST in found
        if has_parts and NAME not in found:
            name = f"{found.get(FIRST, '')} {found.get(LAST, '')}".strip()
            found[NAME] = name[: LONGEST[NAME]].strip()
        return found

    def written(self, values: Values, known: Values) -> dict[str, str]:
        """Return values of ours by the vendor's names; `known`: what the vendor has,
        for the parts of a name.
        """
        found: dict[str, str] = {}
        parts = dict(values)
        if NAME in values:
            parts |= dict(zip(PARTS, in_parts(values[NAME], known), strict=True))
        for entry in self.mapped:
            if entry.direction != PULL and entry.ours in parts:
                found[entry.theirs] = parts[entry.ours]
        return found

    def _going(self, direction: str) -> frozenset[str]:
        return frozenset(
            whole(entry.ours) for entry in self.mapped if entry.direction in (direction, BOTH)
        )


def clean(name: str, value: Any) -> str | None:
    """Return a value as ours can keep it, '' for none; None for what is no such value.

    A name that is too long is cut. A phone number that were cut would be another.
    """
    if not isinstance(value, str):
        return None
    text = _GAPS.sub(" ", value).strip()
    if name == EMAIL:
        return _address(text)
    if len(text) > LONGEST[name]:
        if name == PHONE:
            return None
        return text[: LONGEST[name]].strip()
    return text


@lru_cache(maxsize=10_000)
def one_spelling(email: str) -> str:
    """Return what an address is found by; '' where there is none."""
    if not email:
        return ""
    try:
        return addresses.normalize(email)
    except ValidationError:
        return ""


def in_parts(name: str, known: Values) -> tuple[str, str]:
    """Return first and last name: where the vendor knows one of them, as it does;
    else the last word apart.

    A vendor that asks for a last name gets the only one that there is.
    """
    first, last = known.get(FIRST, ""), known.get(LAST, "")
    if last and name.endswith(f" {last}"):
        return name[: -len(last)].strip(), last
    if first and name.startswith(f"{first} "):
        return first, name[len(first) :].strip()
    before, _gap, after = name.rpartition(" ")
    return before, after


def _address(text: str) -> str | None:
    if not text or one_spelling(text):
        return text
    return None


def whole(name: str) -> str:
    """Return the field of ours that this is, or is a part of."""
    if name in PARTS:
        return NAME
    return name
