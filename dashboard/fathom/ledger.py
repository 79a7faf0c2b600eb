"""The ledger as a map: a row per rep, a square per day; what is not here is marked, with its reasons in words."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import User
from dashboard.fathom import proof
from dashboard.navigation import Shell
from dashboard.queries import within
from fathom_sync import accounts, sight
from fathom_sync.ledger import listing
from fathom_sync.models import FathomMeeting, LedgerDay

SPANS: Final = {"28": gettext_lazy("4 weeks"), "84": gettext_lazy("12 weeks")}
MOST_REPS: Final = 100
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
        """`once`: without the meetings that another organization's day counts too."""
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
        """Return how bad it is. bad: a gap that is still open; warn: something is left out, for a reason."""
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
                _("%(number)d listed by an earlier key, not checked by this one") % {"number": self.earlier_key}
            )
        return f"{date_format(day, 'j N')}: {', '.join(parts)}"


@dataclass(frozen=True)
class Row:
    """One rep over the whole span."""

    rep_id: UUID | None
    name: str
    cells: dict[date, Cell]

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
        return min((cell.checked_at for cell in self.cells.values() if cell.checked_at), default=None)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        return [(reason(name), number) for name, number in self.sums.reasons.most_common()]


def reason(name: str) -> str:
    """Why, in the reader's language."""
    return str(FathomMeeting.REASONS.get(name, name))


def page(user: User, shell: Shell, span: str) -> dict[str, Any]:
    """Return the map, and the same as a table."""
    chosen = "28"
    if span in SPANS:
        chosen = span
    # The ledger's days are those of UTC; in the reader's zone the next one may have begun, of which nothing is known.
    last = timezone.now().astimezone(UTC).date()
    days = [last - timedelta(days=ago) for ago in reversed(range(int(chosen)))]
    found = within(sight.ledger_for(user), shell.scope).filter(day__gte=days[0], day__lte=last)
    rows = _rows(found, once=shell.scope is None)
    serving = accounts.serving(shell.scope)
    walked = listing.walked_days(serving, days[0], last)
    return {
        "spans": [(key, word, key == chosen) for key, word in SPANS.items()],
        "rows": rows[:MOST_REPS],
        "more": len(rows) > MOST_REPS,
        "heat": [
            (Truncator(row.name).chars(LONGEST_NAME), [_square(row, day, walked) for day in days])
            for row in rows[:MOST_REPS]
        ],
        "is_whole": len(walked) == len(days),
        "first": days[0],
        "last": last,
        "evidence": proof.evidence(user, shell, serving),
    }


def _rows(found: QuerySet[LedgerDay], *, once: bool) -> list[Row]:
    """Whoever recorded most first; what is nobody's last."""
    cells: dict[UUID | None, dict[date, Cell]] = defaultdict(lambda: defaultdict(Cell))
    names: dict[UUID | None, str] = {None: str(NOBODY)}
    for day in found.select_related("rep").iterator(chunk_size=2000):
        cells[day.rep_id][day.day].add(day, once=once)
        if day.rep is not None:
            names[day.rep_id] = day.rep.name
    rows = [Row(rep_id, names.get(rep_id, "–"), by_day) for rep_id, by_day in cells.items()]
    return sorted(rows, key=lambda row: (row.rep_id is None, -row.sums.at_vendor, row.name))


def _square(row: Row, day: date, walked: set[date]) -> tuple[str, float | None, str]:
    cell = row.cells.get(day)
    if cell is None:
        words = _("%(day)s: not checked yet")
        if day in walked:
            words = _("%(day)s: nothing")
        return words % {"day": date_format(day, "j N")}, None, ""
    return cell.in_words(day), cell.at_vendor, cell.tone
