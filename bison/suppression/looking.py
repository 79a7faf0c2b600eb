"""What a workspace has of some values just now: what it blocks, and whose leads it has.

The vendor keeps its list of blocked addresses and the status of leads not in step,
so both are read.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from bison import lists
from bison.client import PAGE, VENDOR, Odd
from bison.counting import count
from bison.session import Session
from bison.suppression.values import Kind, Value, hashed, spelled, spellings
from crm.addresses import domain_of

BLACKLISTS: Final = {
    Kind.ADDRESS: ("/blacklisted-emails", "email"),
    Kind.DOMAIN: ("/blacklisted-domains", "domain"),
}
UNSUBSCRIBED: Final = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead of the workspace. `created_at` is as the vendor writes it."""

    id: int
    email: str
    status: str
    created_at: str

    @property
    def is_unsubscribed(self) -> bool:
        return self.status == UNSUBSCRIBED


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read. `blocked`: the vendor's numbers of each value that it lists as blocked."""

    blocked: Mapping[Value, list[int]]
    leads: Mapping[Value, list[Lead]]
    all_leads: int
    listed_numbers: frozenset[int] = field(default=frozenset(), repr=False)


def look(session: Session, values: Collection[Value]) -> Seen:
    """Read what the workspace has of these values."""
    wanted = frozenset(values)
    blocked: dict[Value, list[int]] = {}
    numbers: set[int] = set()
    for kind in sorted({value.kind for value in values}):
        path, field_name = BLACKLISTS[Kind(kind)]
        for number, text in lists.gathered(session, path, partial(_blocked, name=field_name)):
            numbers.add(number)
            for value in {Value(text, kind), hashed(Value(text, kind))} & wanted:
                blocked.setdefault(value, []).append(number)
    all_leads = count(session, "/leads")
    leads: dict[Value, list[Lead]] = {}
    for lead in _leads(session, wanted, all_leads):
        for value in values_of(lead) & wanted:
            leads.setdefault(value, []).append(lead)
    return Seen(blocked, leads, all_leads, frozenset(numbers))


def _leads(session: Session, wanted: frozenset[Value], all_leads: int) -> Iterable[Lead]:
    """Give each lead once that may be of these values: by a search for each, or all,
    whichever asks less.

    Nobody can search for an address that was erased: its lead is seen where all are read.
    """
    known = sorted(value for value in wanted if not value.is_erased)
    terms = [spelling for value in known for spelling in spellings(value)]
    searches: list[dict[str, str]] = [{"search": term} for term in terms]
    if len(terms) > -(-all_leads // PAGE):
        searches = [{}]
    found: dict[int, Lead] = {}
    for params in searches:
        found.update((lead.id, lead) for lead in lists.gathered(session, "/leads", _lead, params))
    return found.values()


def _blocked(row: Any, *, name: str) -> tuple[int, str]:
    number = _number(row)
    return number, spelled(row.get(name))


def _lead(row: Any) -> Lead:
    number = _number(row)
    status = str(row.get("status") or "").casefold()
    return Lead(number, spelled(row.get("email")), status, str(row.get("created_at") or ""))


def values_of(lead: Lead) -> set[Value]:
    """Return the values that this lead falls under."""
    address = Value(lead.email, Kind.ADDRESS)
    return {address, hashed(address), Value(domain_of(lead.email), Kind.DOMAIN)}


def _number(row: Any) -> int:
    """Return the vendor's number of a row; Odd for what is no row."""
    number = row.get("id") if isinstance(row, Mapping) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise Odd(VENDOR)
    return number
