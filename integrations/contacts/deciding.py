"""What is to become of one record of the vendor: a pure function of what it says,
what was last seen, and ours.

A link remembers, for each field, what each side had when they were last held against each other.
What differs from that was changed since; where both did, the field's rule has the word. So what a
push wrote and a pull sees again is no change, and what nobody touched is never written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from integrations.contacts.mapping import (
    ASK,
    EMAIL,
    KEEP_OURS,
    KEEP_THEIRS,
    NAME,
    NEWEST,
    OURS,
    PHONE,
    Fields,
    Values,
)

LONGEST_ID: Final = 200
# A vendor that cuts what it keeps leaves the beginning: of a short value that would be another.
SHORTEST_CUT: Final = 20
# Why a record is left out.
DELETED_THERE, DELETED_IN_KOPPEL = "deleted_there", "deleted_in_koppel"
DUPLICATE, NO_NAME, ODD_ID, HIDDEN = "duplicate", "no_name", "odd_id", "hidden"
ERASED: Final = "erased"
_DIGITS: Final = re.compile(r"\D+")
_NO_ID: Final = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Theirs:
    """A record as the vendor has it, by our names."""

    id: str
    values: Values
    changed_at: datetime | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Ours:
    """A person as Koppel has them. `is_taken`: another record of the vendor is theirs already."""

    values: Values
    changed_at: datetime | None = None
    is_taken: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What a link remembers; `changed_at` is the vendor's, of what was seen last.

    `awaits_echo`: we wrote, and have not seen what the vendor made of it;
    `replaced`: what it had before that.
    """

    ours: Values = field(default_factory=dict)
    theirs: Values = field(default_factory=dict)
    changed_at: datetime | None = None
    awaits_echo: bool = False
    is_gone: bool = False
    replaced: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Create:
    """There is nobody like that: they are added."""

    values: Values
    base: Known


@dataclass(frozen=True, slots=True)
class Update:
    """These fields of ours take the vendor's values."""

    values: Values
    base: Known


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing of ours changes; `base` is what is remembered from now on."""

    base: Known


@dataclass(frozen=True, slots=True)
class Conflict:
    """Of these fields a person has to say which stays; `values`: the others that are taken."""

    fields: Mapping[str, tuple[str, str]]
    values: Values
    base: Known


@dataclass(frozen=True, slots=True)
class Skip:
    """The record is left out on purpose."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """The record cannot be taken as it is."""

    reason: str


Decision = Create | Update | Unchanged | Conflict | Skip | Fail


def decide(theirs: Theirs, known: Known | None, ours: Ours | None, fields: Fields) -> Decision:
    """Decide on one record. `known`: what a link to it remembers, None where there is no link."""
    if not is_id(theirs.id):
        return Fail(ODD_ID)
    if theirs.is_deleted:
        return Skip(DELETED_THERE)
    if ours is not None and ours.is_taken:
        return Skip(DUPLICATE)
    if ours is not None and known is not None and _is_from_before(theirs, known):
        return Unchanged(known)
    if ours is not None:
        return _compared(theirs, known or Known(), ours, fields)
    if known is not None and not known.is_gone:
        # They were linked, and somebody deleted them in Koppel:
        # they do not come back by themselves.
        return Skip(DELETED_IN_KOPPEL)
    return _created(theirs, fields)


def is_id(text: str) -> bool:
    """Tell whether a record can be found again by this."""
    return 0 < len(text.strip()) <= len(text) <= LONGEST_ID and not _NO_ID.search(text)


def _is_from_before(theirs: Theirs, known: Known) -> bool:
    """Tell whether a vendor's list shows the record as it was before we wrote to it:
    its index is late.

    What was neither before nor then was edited there, also where the vendor's time
    of a change stands still.
    """
    if not known.awaits_echo or theirs.changed_at is None or known.changed_at is None:
        return False
    if any(_is_new(name, theirs.values[name], known) for name in OURS if name in theirs.values):
        return False
    return theirs.changed_at <= known.changed_at


def _is_new(name: str, seen: str, known: Known) -> bool:
    return (
        seen != known.replaced.get(name, "")
        and name in known.theirs
        and _changed_there(name, seen, known)
    )


def _created(theirs: Theirs, fields: Fields) -> Decision:
    values = {
        name: theirs.values[name]
        for name in OURS
        if name in fields.pulled and name in theirs.values
    }
    values[NAME] = values.get(NAME) or values.get(EMAIL, "")
    if not values[NAME]:
        return Fail(NO_NAME)
    return Create(values, Known(values, dict(theirs.values), theirs.changed_at))


def _compared(theirs: Theirs, known: Known, ours: Ours, fields: Fields) -> Decision:
    """Go through the fields one by one."""
    base_ours, base_theirs = dict(known.ours), {**known.theirs, **_parts(theirs.values)}
    taken: dict[str, str] = {}
    asked: dict[str, tuple[str, str]] = {}
    for name in OURS:
        if name not in theirs.values:
            continue
        present, seen = ours.values[name], theirs.values[name]
        verdict = _verdict(name, theirs, known, ours, fields)
        if verdict == ASK:
            asked[name] = (present, seen)
            continue
        base_theirs[name] = seen
        if verdict == KEEP_THEIRS:
            taken[name] = seen
            base_ours[name] = seen
        elif present == seen:
            base_ours[name] = present
        elif not seen and name not in known.theirs:
            # What this property never had there is to be sent.
            base_ours.pop(name, None)
    base = Known(base_ours, base_theirs, theirs.changed_at)
    if asked:
        return Conflict(asked, taken, base)
    if taken:
        return Update(taken, base)
    return Unchanged(base)


def _verdict(name: str, theirs: Theirs, known: Known, ours: Ours, fields: Fields) -> str:
    """Return whose value of a field stays: KEEP_OURS, KEEP_THEIRS, or ASK."""
    present, seen = ours.values[name], theirs.values[name]
    is_pulled = name in fields.pulled
    if present == seen or not is_pulled or not _changed_there(name, seen, known):
        return KEEP_OURS
    stays = name in (NAME, EMAIL) or name not in known.theirs
    if not seen and stays:
        # Nobody is without a name; and what the vendor never had takes nothing away.
        return KEEP_OURS
    changed_in_koppel = name not in known.ours or present != known.ours[name]
    was_never_ours = not present and name not in known.ours
    if was_never_ours or not changed_in_koppel:
        return KEEP_THEIRS
    rule = fields.rule(name)
    if rule == NEWEST:
        return _newer(theirs.changed_at, ours.changed_at)
    return rule


def _changed_there(name: str, seen: str, known: Known) -> bool:
    if name not in known.theirs:
        return True
    before = known.theirs[name]
    if seen == before:
        return False
    if not known.awaits_echo:
        return True
    # A vendor that has what it had before did not take what was written: nobody there changed it.
    # Else two services that each spell a value their own way would have it go to and fro for ever.
    return seen != known.replaced.get(name) and not is_spelling_of(name, seen, before)


def is_spelling_of(name: str, seen: str, written: str) -> bool:
    """Tell whether a vendor made this of what was written: other gaps, another case,
    its end cut off.
    """
    if name == PHONE:
        return _DIGITS.sub("", seen) == _DIGITS.sub("", written) != ""
    seen, written = seen.casefold(), written.casefold()
    if seen == written:
        return True
    return len(seen) >= SHORTEST_CUT and written.startswith(seen)


def _newer(at_vendor: datetime | None, in_koppel: datetime | None) -> str:
    """Return whose value is the newer one; ASK where nobody can know."""
    if at_vendor is None or in_koppel is None or at_vendor == in_koppel:
        return ASK
    if at_vendor > in_koppel:
        return KEEP_THEIRS
    return KEEP_OURS


def _parts(values: Values) -> dict[str, str]:
    return {name: value for name, value in values.items() if name not in OURS}
