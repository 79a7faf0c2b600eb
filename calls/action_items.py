"""The action items of a source as rows, on which people's ticks, assignments and days outlive
what a source says next.

A source sends its list whole each time and gives its items no id. So an item is known by its words,
and where those were changed a little, by its place in the list. What a person touched stays, even
where the source drops it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from calls.models.work import LONGEST_KEY, CallAction
from core.words.digits import is_number

MOST_ITEMS: Final = 500
LONGEST: Final = 2000
# Two wordings at one place are the same item from so much likeness on: 1 is the same text.
ALIKE: Final = 0.6
# What a person never touched may go with the source's next list.
UNTOUCHED: Final = Q(is_decided=False, assignee=None, due_on=None)
FROM_SOURCE: Final = ("ordinal", "text", "text_key", "nth", "who", "at", "url", "is_done")


@dataclass(frozen=True, slots=True)
class Item:
    """One item as its source tells it now."""

    ordinal: int
    text: str
    text_key: str
    nth: int
    who: str = ""
    at: float | None = None
    url: str = ""
    is_done: bool = False


@dataclass(slots=True)
class Plan:
    """What becomes of the rows of one call."""

    new: list[Item] = field(default_factory=list)
    kept: list[tuple[CallAction, Item]] = field(default_factory=list)
    dropped: list[CallAction] = field(default_factory=list)


def read(items: Iterable[Any]) -> list[Item]:
    """Return the items of a source's list, however it wrote them; what has no words is none."""
    found: list[Item] = []
    times: dict[str, int] = {}
    for item in items:
        facts = item
        if not isinstance(item, dict):
            facts = {"description": item}
        text = _text(facts.get("description") or facts.get("text"), LONGEST)
        if not text or len(found) >= MOST_ITEMS:
            continue
        key = key_of(text)
        nth = times.get(key, 0)
        times[key] = nth + 1
        is_done = facts.get("completed") is True
        found.append(
            Item(
                len(found),
                text,
                key,
                nth,
                _who(facts),
                _seconds(facts.get("at")),
                _address(facts),
                is_done,
            )
        )
    return found


def key_of(text: str) -> str:
    """Return what an item's words are compared by: without case,
    and without the spaces around them.
    """
    return " ".join(text.split()).lower()[:LONGEST_KEY]


def match(rows: Sequence[CallAction], items: Sequence[Item]) -> Plan:
    """Tell which row each item is: by its words, else by its place where
    the words are much alike.
    """
    plan = Plan()
    by_words = {(row.text_key, row.nth): row for row in rows}
    unknown = []
    for item in items:
        row = by_words.pop((item.text_key, item.nth), None)
        if row is None:
            unknown.append(item)
        else:
            plan.kept.append((row, item))
    by_place = {row.ordinal: row for row in by_words.values()}
    for item in unknown:
        row = by_place.get(item.ordinal)
        if row is not None and _alike(row.text, item.text):
            del by_place[item.ordinal]
            plan.kept.append((row, item))
        else:
            plan.new.append(item)
    known = {row.pk for row, _item in plan.kept}
    plan.dropped = [row for row in rows if row.pk not in known]
    return plan


def write(lists: Mapping[UUID, Sequence[Any]], *, changed: Collection[UUID]) -> None:
    """Bring the rows of these calls in line with their sources' lists;
    those in `changed` may have rows.

    Whoever asks has the calls locked, or made them.
    """
    known = {call_id: read(items) for call_id, items in lists.items()}
    rows: dict[UUID, list[CallAction]] = {}
    earlier = [call_id for call_id in changed if call_id in known]
    if earlier:
        for row in CallAction.objects.filter(call__in=earlier, from_source=True):
            rows.setdefault(row.call_id, []).append(row)
    new: list[CallAction] = []
    renewed: list[CallAction] = []
    dropped: list[UUID] = []
    for call_id, items in known.items():
        plan = match(rows.get(call_id, []), items)
        new += [_row(call_id, item) for item in plan.new]
        renewed += [row for row, item in plan.kept if _renew(row, item)]
        dropped += [row.pk for row in plan.dropped]
    if dropped:
        CallAction.objects.filter(UNTOUCHED, pk__in=dropped).delete()
    if renewed:
        _store(renewed)
    if new:
        CallAction.objects.bulk_create(new)


def _store(renewed: list[CallAction]) -> None:
    """Store what the source says anew; whether it is done only where no person has
    decided it by now.
    """
    CallAction.objects.bulk_update(renewed, [name for name in FROM_SOURCE if name != "is_done"])
    for is_done in (True, False):
        agreed = [row.pk for row in renewed if row.is_done is is_done]
        undecided = CallAction.objects.filter(pk__in=agreed, is_decided=False)
        if agreed:
            undecided.exclude(is_done=is_done).update(is_done=is_done)


def _renew(row: CallAction, item: Item) -> bool:
    """Put on the row what its source says; tell whether anything of it is new."""
    before = [getattr(row, name) for name in FROM_SOURCE]
    for name in FROM_SOURCE:
        if name != "is_done" or not row.is_decided:
            setattr(row, name, getattr(item, name))
    return before != [getattr(row, name) for name in FROM_SOURCE]


def _row(call_id: UUID, item: Item) -> CallAction:
    values = {name: getattr(item, name) for name in FROM_SOURCE}
    return CallAction(call_id=call_id, from_source=True, **values)


def _alike(before: str, now: str) -> bool:
    return SequenceMatcher(None, key_of(before), key_of(now), autojunk=False).ratio() >= ALIKE


def _who(facts: Mapping[str, Any]) -> str:
    who = facts.get("assignee")
    if isinstance(who, dict):
        who = who.get("name")
    return _text(who, 200)


def _address(facts: Mapping[str, Any]) -> str:
    """Return where the source plays this place of the call; a cut address would lead nowhere."""
    address = _text(facts.get("url"), LONGEST + 1)
    if len(address) > LONGEST or not address.startswith("https://"):
        return ""
    return address


def _text(value: Any, longest: int) -> str:
    if not value or isinstance(value, dict | list):
        return ""
    return str(value).replace("\x00", "").strip()[:longest]


def _seconds(value: Any) -> float | None:
    if is_number(value) and 0 <= value < 1e9:
        return float(value)
    return None
