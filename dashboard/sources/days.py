"""The ledger as a map: a row per rep, a square per day; what is not here is marked,
with its reasons in words.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Case, Min, Q, QuerySet, Sum, When
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import User
from core.words.digits import are_digits
from crm.models import SalesRep
from dashboard import charts, proofs
from dashboard.navigation import Shell
from dashboard.queries import within
from dashboard.sources import records
from fathom_sync import access, accounts
from fathom_sync.ledger import listing
from fathom_sync.models import FathomMeeting, LedgerDay

SPANS: Final = {"28": gettext_lazy("4 weeks"), "84": gettext_lazy("12 weeks")}
# So that a page stays light: of a longer span fewer reps, in smaller squares.
REPS_A_PAGE: Final = {"28": 10, "84": 4}
SQUARES: Final = {"28": 22, "84": 14}
GAPS_SHOWN: Final = 50
LONGEST_START: Final = 7
UNLISTED: Final = ("gone", "earlier_key")
LEFT_OUT: Final = "left_out"
EVERYBODY: Final = gettext_lazy("All together")
LONGEST_NAME: Final = 22
NOBODY: Final = gettext_lazy("Not assigned")


@dataclass
class Cell:
    """One rep's day."""

    at_vendor: int = 0
    in_koppel: int = 0
    missing: int = 0
    gone: int = 0
    earlier_key: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    checked_at: datetime | None = None

    def add(self, day: LedgerDay, *, once: bool) -> None:
        """Add them; `once`: without the meetings that another organization's day counts too."""
        self.at_vendor += day.at_vendor
        self.in_koppel += day.here
        self.missing += day.missing
        self.gone += day.gone
        self.earlier_key += day.earlier_key
        self.checked_at = min(filter(None, (self.checked_at, day.checked_at)), default=None)
        for found in (day.skipped, day.errors):
            self.reasons.update(found)
        if once:
            self._take_away(Counter(day.doubled))

    def _take_away(self, doubled: Counter[str]) -> None:
        self.gone -= doubled.pop("gone", 0)
        self.earlier_key -= doubled.pop("earlier_key", 0)
        self.at_vendor -= doubled.total()
        self.in_koppel -= doubled.pop("here", 0)
        self.missing -= doubled.pop("missing", 0)
        self.reasons -= doubled

    @property
    def tone(self) -> str:
        """Return how bad it is. bad: a gap that is still open;
        warn: something is left out, for a reason.
        """
        if self.missing:
            return "bad"
        if self.reasons.total():
            return "warn"
        return ""

    def in_words(self, day: date) -> str:
        parts = [
            _("%(number)d at Fathom") % {"number": self.at_vendor},
            _("%(number)d in Koppel") % {"number": self.in_koppel},
        ]
        parts += [f"{number} × {reason(name)}" for name, number in self.reasons.most_common()]
        if self.missing:
            parts.append(_("%(number)d missing") % {"number": self.missing})
        if self.gone:
            parts.append(_("%(number)d not listed there any more") % {"number": self.gone})
        if self.earlier_key:
            parts.append(
                _("%(number)d listed by an earlier key, not checked by this one")
                % {"number": self.earlier_key}
            )
        return f"{date_format(day, 'j N')}: {', '.join(parts)}"


@dataclass(frozen=True)
class Row:
    """One rep over the whole span."""

    rep_id: UUID | None
    name: str
    cells: dict[date, Cell]
    is_all: bool = False

    def href(self, day: date) -> str:
        """Return where the records of that day are listed."""
        query = {"day": day.isoformat()}
        if not self.is_all:
            query["rep"] = str(self.rep_id or records.NOBODYS)
        return f"{reverse('dashboard:source_fathom_records')}?{urlencode(query)}"

    @cached_property
    def sums(self) -> Cell:
        whole = Cell()
        for cell in self.cells.values():
            whole.at_vendor += cell.at_vendor
            whole.in_koppel += cell.in_koppel
            whole.missing += cell.missing
            whole.gone += cell.gone
            whole.earlier_key += cell.earlier_key
            whole.reasons.update(cell.reasons)
        return whole

    @property
    def checked_at(self) -> datetime | None:
        """When the day was checked that was checked longest ago."""
        return min(
            (cell.checked_at for cell in self.cells.values() if cell.checked_at), default=None
        )

    @property
    def reasons(self) -> list[tuple[str, int]]:
        return [(reason(name), number) for name, number in self.sums.reasons.most_common()]


def address(day: LedgerDay) -> str:
    """Return where the records of one rep's day are listed."""
    return Row(day.rep_id, "", {}).href(day.day)


def reason(name: str) -> str:
    """Return why, in the reader's language."""
    if name == LEFT_OUT:
        return str(proofs.WORDS[LEFT_OUT])
    return str(FathomMeeting.REASONS.get(name, name))


def page(user: User, shell: Shell, query: QueryDict) -> dict[str, Any]:
    """Return the map, a page of reps at a time, the same as a table,
    and the days on which something is missing.
    """
    chosen = query.get("days", "")
    if chosen not in SPANS:
        chosen = next(iter(SPANS))
    # The ledger's days are those of UTC; in the reader's zone the next one may have begun,
    # of which nothing is known.
    last = timezone.now().astimezone(UTC).date()
    days = [last - timedelta(days=ago) for ago in reversed(range(int(chosen)))]
    found = within(access.ledger_for(user), shell.scope).filter(day__gte=days[0], day__lte=last)
    size, start = REPS_A_PAGE[chosen], _start(query)
    ids = _reps(found, start, size + 1)
    shown = _rows(found, ids[:size], once=shell.scope is None)
    walked = listing.walked_days(accounts.serving(shell.scope), days[0], last)
    drawn = [(row, 1.0) for row in shown]
    if start == 0 and len(ids) > 1:
        everybody = _everybody(found, once=shell.scope is None)
        # Its squares are as strong as those of a rep: the days are compared,
        # and not the sum with its parts.
        drawn.insert(0, (everybody, _most(shown) / max(_most([everybody]), 1)))
    return {
        "spans": [(key, word, key == chosen) for key, word in SPANS.items()],
        "rows": shown,
        "before": f"?days={chosen}&start={max(start - size, 0)}" if start else "",
        "behind": f"?days={chosen}&start={start + size}" if len(ids) > size else "",
        "heat": [
            (
                Truncator(row.name).chars(LONGEST_NAME),
                [_square(row, day, walked, scale) for day in days],
            )
            for row, scale in drawn
        ],
        "square": SQUARES[chosen],
        "gaps": list(
            found.filter(missing__gt=0).select_related("rep").order_by("-day", "pk")[:GAPS_SHOWN]
        ),
        "is_whole": len(walked) == len(days),
        "first": days[0],
        "last": last,
    }


def _start(query: QueryDict) -> int:
    """Return how many reps come before those that are asked for;
    none for what is no such number.
    """
    entered = query.get("start", "")
    if are_digits(entered, LONGEST_START - 1):
        return int(entered)
    return 0


def _reps(found: QuerySet[LedgerDay], start: int, count: int) -> list[UUID | None]:
    """Return whoever recorded most first; what is nobody's last."""
    sums = found.order_by().values("rep_id").annotate(total=Sum("at_vendor"))
    nobody_last = Case(When(rep_id=None, then=1), default=0)
    ordered = sums.order_by(nobody_last, "-total", "rep_id")
    return [row["rep_id"] for row in ordered[start : start + count]]


def _rows(found: QuerySet[LedgerDay], ids: Sequence[UUID | None], *, once: bool) -> list[Row]:
    """Return the rows of these reps, in their order."""
    wanted = Q(rep_id__in=[rep_id for rep_id in ids if rep_id])
    if None in ids:
        wanted |= Q(rep_id=None)
    cells: dict[UUID | None, dict[date, Cell]] = defaultdict(lambda: defaultdict(Cell))
    for day in found.filter(wanted).iterator(chunk_size=2000):
        cells[day.rep_id][day.day].add(day, once=once)
    names: dict[UUID | None, str] = dict(
        SalesRep.objects.filter(pk__in=[rep_id for rep_id in ids if rep_id]).values_list(
            "pk", "name"
        )
    )
    names[None] = str(NOBODY)
    return [Row(rep_id, names.get(rep_id, "–"), cells[rep_id]) for rep_id in ids]


def _everybody(found: QuerySet[LedgerDay], *, once: bool) -> Row:
    """Return all reps in one row: its squares say how many, and not why."""
    cells: dict[date, Cell] = {}
    sums = (
        found.order_by()
        .values("day")
        .annotate(
            listed=Sum("at_vendor"),
            present=Sum("here"),
            lost=Sum("missing"),
            oldest=Min("checked_at"),
        )
    )
    for row in sums:
        cell = Cell(row["listed"], row["present"], row["lost"], checked_at=row["oldest"])
        cells[row["day"]] = cell
    if once:
        for day, doubled in (
            found.exclude(doubled={}).values_list("day", "doubled").iterator(chunk_size=2000)
        ):
            cells[day].at_vendor -= sum(
                number for name, number in doubled.items() if name not in UNLISTED
            )
            cells[day].in_koppel -= doubled.get("here", 0)
            cells[day].missing -= doubled.get("missing", 0)
    for cell in cells.values():
        left_out = cell.at_vendor - cell.in_koppel - cell.missing
        if left_out:
            cell.reasons[LEFT_OUT] = left_out
    return Row(None, str(EVERYBODY), cells, is_all=True)


def _most(rows: Sequence[Row]) -> int:
    """Return how many calls the fullest day of these rows has."""
    return max((cell.at_vendor for row in rows for cell in row.cells.values()), default=0)


def _square(row: Row, day: date, walked: set[date], scale: float) -> charts.Square:
    cell = row.cells.get(day)
    if cell is None:
        words = _("%(day)s: not checked yet")
        if day in walked:
            words = _("%(day)s: nothing")
        return words % {"day": date_format(day, "j N")}, None, ""
    return cell.in_words(day), cell.at_vendor * scale, cell.tone, row.href(day)
