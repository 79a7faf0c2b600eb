"""All meetings of the account, newest first, and those that a request asks for.
What is made once is kept as bytes.
"""

import bisect
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.vendors.fathom import oddities
from sandbox.vendors.fathom.cast import RECORDERS, Customer, Recorder, customer, mixed, recorder
from sandbox.vendors.fathom.meetings import PARTS, compose, recording_id, stamp

# A Monday. Meetings are numbered from here, so that a later start has the same ones and a few more.
_FIRST_DAY: Final = datetime(2024, 1, 1, 8, tzinfo=UTC)
_BUSY_SECONDS: Final = 10 * 3600
Change = Mapping[str, Any]


@dataclass(slots=True)
class Entry:
    """One meeting: its number, its time, and what a test made of it since."""

    number: int
    created: int
    recorder: Recorder
    customer: Customer | None
    changes: dict[str, Any] = field(default_factory=dict)
    rendered: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return recording_id(self.number)

    @property
    def order(self) -> tuple[int, int]:
        return (-self.created, -self.number)


@dataclass(frozen=True)
class Wish:
    """The filters of a request, as a key of what was found for it before."""

    recorded_by: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    domains_type: str = "all"
    meeting_type: str = ""
    sees: str = ""

    def meets(self, entry: Entry) -> bool:
        if self.recorded_by and entry.recorder.email.lower() not in self.recorded_by:
            return False
        if self.teams and entry.recorder.team not in self.teams:
            return False
        if self.domains_type != "all" and (self.domains_type == "only_internal") != (
            entry.customer is None
        ):
            return False
        domains = {entry.recorder.domain.lower()} | (
            {entry.customer.domain} if entry.customer else set()
        )
        return not self.domains or bool(domains & self.domains)


class Archive:
    """`switched` are the vendor's switches, read as they are at each call. Not thread-safe:
    the vendor locks.
    """

    def __init__(self, seed: int, switched: dict[str, Any]) -> None:
        self.seed = seed
        self.switched = switched
        self.entries: dict[int, Entry] = {}
        self._order: list[tuple[int, int]] = []
        self._found: dict[Wish, list[tuple[int, int]]] = {}
        self._next = 0
        self._per_day = self._days_work()
        self._fill()

    # --- What there is ----------------------------------------------------------------------------
    def _days_work(self) -> int:
        """Return the meetings of a working day: ten, or as many as put them all into eight
        weeks.
        """
        return int(self.switched["per_day"]) or max(10, int(self.switched["meetings"]) // 40)

    def moment(self, number: int) -> int:
        """Return when the meeting of this number came into being: working hours, Monday to
        Friday.
        """
        number -= number % max(1, int(self.switched["equal_times"]))
        day, place = divmod(number, self._per_day)
        week, weekday = divmod(day, 5)
        spread = _BUSY_SECONDS * place // self._per_day + mixed("second", number) % (
            _BUSY_SECONDS // self._per_day + 1
        )
        return int((_FIRST_DAY + timedelta(days=7 * week + weekday, seconds=spread)).timestamp())

    def _fill(self) -> None:
        """Add the newest so many that lie in the past."""
        now = int(time.time())
        days = (datetime.fromtimestamp(now, UTC) - _FIRST_DAY).days
        following = (days // 7 * 5 + min(days % 7, 5) + 1) * self._per_day
        while self.moment(following - 1) > now:
            following -= 1
        self._next = following
        for number in range(max(0, following - int(self.switched["meetings"])), following):
            self._keep(self._entry(number))
        self._order.sort()

    def grow(self) -> list[Entry]:
        """Add those whose time has come since."""
        come = []
        while self.moment(self._next) <= time.time():
            come.append(self.add({}))
        return come

    def _entry(self, number: int) -> Entry:
        chosen = self.switched["recorders"]
        people = (
            tuple(Recorder(address.partition("@")[0], address, None) for address in chosen)
            or RECORDERS
        )
        return Entry(
            number, self.moment(number), recorder(people, self.seed, number),
            customer(self.seed, number)
        )  # fmt: skip

    def _keep(self, entry: Entry) -> None:
        self.entries[entry.id] = entry
        self._order.append(entry.order)

    def add(self, changes: Change, created: int | None = None) -> Entry:
        """Add a meeting.

        `created` is its time, which may lie before that of others; without it, its number says
        when.
        """
        entry = self._entry(self._next)
        self._next += 1
        if created is not None:
            entry.created = created
        if address := changes.get("recorded_by"):
            known = next((who for who in RECORDERS if who.email == address), None)
            entry.recorder = known or Recorder(str(address).partition("@")[0], str(address), None)
        entry.changes = {name: value for name, value in changes.items() if name != "recorded_by"}
        self.entries[entry.id] = entry
        bisect.insort(self._order, entry.order)
        self._found.clear()
        return entry

    def change(self, entry: Entry, changes: Change) -> None:
        entry.changes |= changes
        entry.rendered.clear()

    def remove(self, entry: Entry) -> None:
        del self.entries[entry.id]
        self._order.remove(entry.order)
        self._found.clear()

    def newest(self) -> Iterable[Entry]:
        return (self.entries[recording_id(-number)] for _created, number in self._order)

    # --- What a request asks for ------------------------------------------------------------------
    def find(
        self, wish: Wish, after: int | None, before: int | None, sees: Callable[[Entry], bool]
    ) -> range:
        """Return the places, in `rows(wish)`, of those between the two times."""
        rows = self._rows(wish, sees)
        both = 0 if self.switched["inclusive"] else 1
        first = 0 if before is None else bisect.bisect_left(rows, (both - before, -(10**12)))
        last = (
            len(rows) if after is None else bisect.bisect_left(rows, (1 - both - after, -(10**12)))
        )
        return range(first, max(first, last))

    def _rows(self, wish: Wish, sees: Callable[[Entry], bool]) -> list[tuple[int, int]]:
        if wish == Wish():
            return self._order
        if wish not in self._found:
            self._found[wish] = [
                entry.order
                for entry in self.newest()
                if sees(entry)
                and wish.meets(entry)
                and wish.meeting_type in {"", self.whole(entry)["meeting_type"]}
            ]
        return self._found[wish]

    def at(self, wish: Wish, places: Iterable[int], sees: Callable[[Entry], bool]) -> list[Entry]:
        rows = self._rows(wish, sees)
        return [self.entries[recording_id(-rows[place][1])] for place in places]

    # --- How it is told ---------------------------------------------------------------------------
    def whole(self, entry: Entry) -> Any:
        """Return the meeting with all its parts."""
        people = (entry.recorder, entry.customer)
        return (
            compose(self.seed, entry.number, entry.created, people, int(self.switched["size"]))
            | entry.changes
        )

    def render(self, entry: Entry, parts: tuple[str, ...]) -> bytes:
        """Write it as a list or a delivery gives it: with the parts asked for, and the oddities
        that are on.
        """
        if parts not in entry.rendered:
            meeting = self.whole(entry)
            for name in set(PARTS) - set(parts):
                if self.switched["unasked"] == "null":
                    meeting[name] = None
                else:
                    del meeting[name]
            shares = {kind: float(self.switched[kind]) for kind in oddities.KINDS}
            odd = oddities.apply(meeting, shares, self.seed, entry.number)
            entry.rendered[parts] = json.dumps(odd, ensure_ascii=False).encode()
        return entry.rendered[parts]

    def facts(self) -> list[dict[str, Any]]:
        """Return what a test compares with: every meeting's id, time and recorder, and the oddities
        that touch it.
        """
        return [
            {
                "recording_id": entry.id,
                "created_at": stamp(entry.created),
                "recorded_by": entry.recorder.email,
                "oddities": [
                    kind
                    for kind in oddities.KINDS
                    if oddities.touched(kind, float(self.switched[kind]), self.seed, entry.number)
                ],
            }
            for entry in self.newest()
        ]
