"""Charts: drawn on the server as SVG, with the same numbers as a table under them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import slugify

from dashboard import charts
from dashboard.charts import Series

register = template.Library()

Words = Any  # a str, or a lazy translation of one


def _render(name: str, **context: Any) -> SafeString:
    return SafeString(render_to_string(f"components/{name}.html", context).strip())


@register.simple_tag
def chart_bar(
    title: Words, labels: Sequence[str], series: Sequence[Series], unit: str = "", hrefs: Sequence[str] = ()
) -> SafeString:
    """Amounts beside each other, one group of bars per label, at most three series.

    `hrefs`: one for each label, which leads to what is in its bar; '' where nothing is.
    """
    return _chart(charts.bars(labels, series, unit, hrefs), title, labels, series)


@register.simple_tag
def chart_line(title: Words, labels: Sequence[str], series: Sequence[Series], unit: str = "") -> SafeString:
    """How something went over time, at most three series. What was not measured is a gap."""
    return _chart(charts.lines(labels, series, unit), title, labels, series)


@register.simple_tag
def ranking(title: Words, rows: Sequence[tuple[str, int] | tuple[str, int, str]], unit: Words) -> SafeString:
    """Names with an amount each, the most first, at most about ten; a bar shows each one's share of the first.

    A third word in a row is the address of what was counted.
    """
    most = max((row[1] for row in rows), default=0) or 1
    drawn = [(row[0], charts.number(row[1]), round(100 * row[1] / most, 1), "".join(row[2:])) for row in rows]
    return _render("ranking", title=title, rows=drawn, unit=unit, id=f"ranking-{slugify(title)}")


@register.simple_tag
def sparkline(values: Sequence[float | None], label: Words) -> SafeString:
    """A chart of a word's size; `label` says what it shows ("12 to 31 in 7 days")."""
    return _render("sparkline", lines=charts.spark(values), label=label)


@register.simple_tag
def heatmap(
    title: Words,
    rows: Sequence[tuple[str, Sequence[charts.Square]]],
    gutter: int = 40,
    first: date | None = None,
    size: int = 14,
    drawer: str = "",
) -> SafeString:
    """Many small amounts at once: rows of (text, value), a square each, the text said on hover.

    A third word in a square, "warn" or "bad", marks it; a fourth is where a press on it leads, in the `drawer`
    that is named. `gutter`: how wide the names are. With a `first` day the squares are days, with their weeks
    named, and the last of them is in sight.
    """
    return _render("heatmap", title=title, heat=charts.heat(rows, gutter, first, size), rows=rows, drawer=drawer)


def _chart(drawing: charts.Drawing, title: Words, labels: Sequence[str], series: Sequence[Series]) -> SafeString:
    lines = [(int(line[0]), line[2:]) for line in drawing.lines]
    rows = [(label, *(_number(line.values[i]) for line in series)) for i, label in enumerate(labels)]
    return _render(
        "chart",
        drawing=drawing,
        title=title,
        series=charts.numbered(series),
        lines=lines,
        rows=[(row, hit.href) for row, hit in zip(rows, drawing.hits, strict=True)],
        bars=_bars(drawing.marks),
    )


def _bars(marks: Sequence[charts.Mark]) -> list[dict[str, str | int]]:
    """The bars in percent of the drawing: what is not stretched with it keeps its round corners."""
    places = {"x": charts.WIDTH, "width": charts.WIDTH, "y": charts.HEIGHT, "height": charts.HEIGHT}
    return [
        {"series": mark.series, **{name: f"{100 * getattr(mark, name) / of:.2f}" for name, of in places.items()}}
        for mark in marks
    ]


def _number(value: float | None) -> str | None:
    if value is None:
        return None
    return charts.number(value)
