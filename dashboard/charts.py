"""Numbers to pictures: pure functions from values to the places that templates draw.

A drawing is 1000 wide and 100 high and is stretched to its place;
words stand around it as HTML and are not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise, zip_longest
from typing import Final

from django.utils.formats import date_format, number_format

WIDTH, HEIGHT = 1000, 100


# What is said of it, how much it is, for some "warn" or "bad", and where a press on it leads.
Square = (
    tuple[str, float | None] | tuple[str, float | None, str] | tuple[str, float | None, str, str]
)


@dataclass(frozen=True)
class Mark:
    """One value's place in the drawing, and what is said when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    text: str
    series: int = 1
    level: int = 0
    tone: str = ""
    href: str = ""


@dataclass(frozen=True)
class Drawing:
    scale: list[str]
    """What stands beside the drawing, from top to bottom."""
    labels: list[str]
    """What stands under it, from first to last: never more than five, so that they fit a phone."""
    grid: list[float]
    hits: list[Mark]
    marks: list[Mark]
    lines: list[str]
    """The `points` of one polyline per unbroken piece, with its series number in front:
    "1:0,50 10,40".
    """
    area: str


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[float | None]
    """None = nobody looked: a gap, never a zero."""
    is_before: bool = False
    """Whether it is the period before: drawn in a lighter tone,
    and not counted among the colours.
    """


def numbered(series: Sequence[Series]) -> list[tuple[int, Series]]:
    """Return each with the number of its colour; 0 is the lighter tone of the first."""
    number, found = 0, []
    for line in series:
        number += not line.is_before
        found.append((0 if line.is_before else number, line))
    return found


def ceiling(highest: float, *, whole: bool = False) -> float:
    """Return the round number at the top of a scale, with a round half:
    1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten.

    whole: for amounts of which there is no half, so that the half of the scale is whole too.
    """
    if highest <= 0:
        if whole:
            return 2
        return 1
    power = 10 ** math.floor(math.log10(highest))
    steps: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 8, 10)
    if whole and power <= 1:
        steps = (2, 4, 6, 8, 10)
    return next(step * power for step in steps if step * power >= highest)


def number(value: float) -> str:
    """Write a number short enough for an axis, exact enough for a reader,
    in the reader's way of writing.
    """
    digits = 1
    if value == int(value):
        digits = 0
    return number_format(value, digits, use_l10n=True, force_grouping=True)


def bars(
    labels: Sequence[str], series: Sequence[Series], unit: str = "", hrefs: Sequence[str] = ()
) -> Drawing:
    """Return one group of bars per label; `hrefs` lead from each to what is in it."""
    top = _top(series)
    group = WIDTH / max(len(labels), 1)
    width = group * 0.7 / max(len(series), 1)
    marks = [
        Mark(
            i * group + group * 0.15 + n * width,
            HEIGHT * (1 - value / top),
            width,
            HEIGHT * value / top,
            "",
            colour,
        )
        for n, (colour, line) in enumerate(numbered(series))
        for i, value in enumerate(line.values)
        if value is not None
    ]
    return _drawing(labels, series, top, marks=marks, lines=[], area="", unit=unit, hrefs=hrefs)


def lines(labels: Sequence[str], series: Sequence[Series], unit: str = "") -> Drawing:
    """Return one line per series; a missing value breaks it."""
    top = _top(series)
    group = WIDTH / max(len(labels), 1)
    pieces = [
        f"{colour}:{piece}"
        for colour, line in numbered(series)
        for piece in _pieces([(group * (i + 0.5), v) for i, v in enumerate(line.values)], top)
    ]
    area = ""
    if len(series) == 1 and len(pieces) == 1:
        points = pieces[0].removeprefix("1:")
        first, last = points.split(" ")[0].split(",")[0], points.split(" ")[-1].split(",")[0]
        area = f"{first},{HEIGHT} {points} {last},{HEIGHT}"
    return _drawing(labels, series, top, marks=[], lines=pieces, area=area, unit=unit)


def spark(values: Sequence[float | None]) -> list[str]:
    """Return the polylines of a word-sized chart, from the lowest to the highest value."""
    known = [value for value in values if value is not None]
    if not known:
        return []
    low, span = min(known), max(known) - min(known) or 1
    step = WIDTH / max(len(values) - 1, 1)
    return _pieces(
        [(i * step, None if v is None else (v - low) / span) for i, v in enumerate(values)], 1
    )


@dataclass(frozen=True)
class Heat:
    gutter: int
    width: int
    height: int
    cells: list[Mark]
    rows: list[tuple[int, str]]
    weeks: list[tuple[int, str]]


# What the name of a week takes.
WEEK_NAME: Final = 48


def heat(
    rows: Sequence[tuple[str, Sequence[Square]]],
    gutter: int = 40,
    first: date | None = None,
    size: int = 14,
) -> Heat:
    """Draw a row of squares per name, in five strengths of the highest value;
    nothing measured is the palest.

    Where the squares are days, `first` is that of the first: each Monday is named above them.
    """
    gap = 3
    top = 0
    if first:
        top = 18
    highest = (
        max((cell[1] for _, cells in rows for cell in cells if cell[1] is not None), default=0) or 1
    )
    marks = [
        Mark(
            i * (size + gap),
            top + r * (size + gap),
            size,
            size,
            text,
            level=_level(value, highest),
            tone=next(iter(more), ""),
            href=next(iter(more[1:]), ""),
        )
        for r, (_, cells) in enumerate(rows)
        for i, (text, value, *more) in enumerate(cells)
    ]
    across = max((len(cells) for _, cells in rows), default=0)
    names = [
        (top + r * (size + gap) + size - 3 - (size - 14) // 3, name)
        for r, (name, _) in enumerate(rows)
    ]
    days = []
    if first:
        days = [(i * (size + gap), first + timedelta(days=i)) for i in range(across)]
    weeks = [(x, date_format(day, "j N")) for x, day in days if day.weekday() == 0]
    # The last name may reach beyond the last square.
    width = max([across * (size + gap), *(x + WEEK_NAME for x, _name in weeks)])
    return Heat(gutter, width, top + len(rows) * (size + gap), marks, names, weeks)


def _level(value: float | None, highest: float) -> int:
    if not value:
        return 0
    return max(1, math.ceil(4 * value / highest))


def _top(series: Sequence[Series]) -> float:
    values = [value for line in series for value in line.values if value is not None]
    return ceiling(max(values, default=0), whole=all(value == int(value) for value in values))


def _pieces(points: list[tuple[float, float | None]], top: float) -> list[str]:
    pieces: list[list[str]] = [[]]
    for x, value in points:
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{x:.1f},{HEIGHT * (1 - value / top):.1f}")
    return [" ".join(piece) for piece in pieces if piece]


def _drawing(
    labels: Sequence[str],
    series: Sequence[Series],
    top: float,
    *,
    marks: list[Mark],
    lines: list[str],
    area: str,
    unit: str,
    hrefs: Sequence[str] = (),
) -> Drawing:
    group = WIDTH / max(len(labels), 1)
    hits = [
        Mark(i * group, 0, group, HEIGHT, _spoken(label, series, i, unit), href=href)
        for i, (label, href) in enumerate(zip_longest(labels, hrefs, fillvalue=""))
    ]
    scale = [number(top) + unit, number(top / 2) + unit, "0" + unit]
    return Drawing(scale, _thinned(labels), [0, HEIGHT / 2, HEIGHT], hits, marks, lines, area)


def _spoken(label: str, series: Sequence[Series], at: int, unit: str) -> str:
    sentences = []
    for line in series:
        value = line.values[at]
        text = "–"
        if value is not None:
            text = number(value) + unit
        if len(series) > 1:
            text = f"{line.name} {text}"
        sentences.append(text)
    return f"{label}: {', '.join(sentences)}"


def _thinned(labels: Sequence[str]) -> list[str]:
    if len(labels) <= 5:
        return list(labels)
    steps = [round(i * (len(labels) - 1) / 3) for i in range(4)]
    if all(a < b for a, b in pairwise(steps)):
        return [labels[i] for i in steps]
    return list(labels)
