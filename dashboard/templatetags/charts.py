"""Charts: drawn on the server as SVG, with the same numbers as a table under them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.text import slugify

from core.words.markup import markup
from dashboard import charts
from dashboard.charts import Series

register = template.Library()

Words = Any  # a str, or a lazy translation of one


def _render(name: str, **context: Any) -> SafeString:
    return SafeString(render_to_string(f"components/{name}.html", context).strip())


@register.simple_tag
def chart_bar(
    title: Words,
    labels: Sequence[str],
    series: Sequence[Series],
    unit: str = "",
    hrefs: Sequence[str] = (),
) -> SafeString:
    """Draw amounts beside each other, one group of bars per label, at most three series.

    `hrefs`: one for each label, which leads to what is in its bar; '' where nothing is.
    """
    return _chart(charts.bars(labels, series, unit, hrefs), title, labels, series)


@register.simple_tag
def chart_line(
    title: Words, labels: Sequence[str], series: Sequence[Series], unit: str = ""
) -> SafeString:
    """Draw how something went over time, at most three series. What was not measured is a gap."""
    return _chart(charts.lines(labels, series, unit), title, labels, series)


@register.simple_tag
def ranking(
    title: Words, rows: Sequence[tuple[str, int] | tuple[str, int, str]], unit: Words
) -> SafeString:
    """Draw names with an amount each, the most first, at most about ten;
    a bar shows each one's share of the first.

    A third word in a row is the address of what was counted.
    """
    most = max((row[1] for row in rows), default=0) or 1
    drawn = [
        (row[0], charts.number(row[1]), round(100 * row[1] / most, 1), "".join(row[2:]))
        for row in rows
    ]
    return _render("ranking", title=title, rows=drawn, unit=unit, id=f"ranking-{slugify(title)}")


@register.simple_tag
def sparkline(values: Sequence[float | None], label: Words) -> SafeString:
    """Draw a chart of a word's size; `label` says what it shows ("12 to 31 in 7 days")."""
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
    """Draw many small amounts at once: rows of (text, value), a square each,
    the text said on hover.

    A third word in a square, "warn" or "bad", marks it; a fourth is where a press on it leads, in
    the `drawer` that is named. `gutter`: how wide the names are. With a `first` day the squares are
    days, with their weeks named, and the last of them is in sight.
    """
    heat = charts.heat(rows, gutter, first, size)
    side = markup(' data-drawer="{}"', drawer) if drawer else ""
    squares = SafeString("".join(_square(cell, side) for cell in heat.cells))
    return _render("heatmap", title=title, heat=heat, squares=squares, lines=_lines(rows, side))


def _square(cell: charts.Mark, side: str) -> SafeString:
    """Draw one square; its line of the table has the same link for the keyboard."""
    tone = f" heat-{cell.tone}" if cell.tone else ""
    drawn = markup(
        '<rect class="heat heat-{}{}" x="{}" y="{}" width="{}" '
        'height="{}" rx="3"><title>{}</title></rect>',
        *(cell.level, tone, cell.x, cell.y, cell.width, cell.height, cell.text),
    )
    if not cell.href:
        return drawn
    return markup('<a href="{}" tabindex="-1"{}>{}</a>', cell.href, side, drawn)


def _lines(rows: Sequence[tuple[str, Sequence[charts.Square]]], side: str) -> SafeString:
    """Write the squares as lines of a table: those that somebody looked at."""
    return SafeString(
        "".join(
            markup('<tr><th scope="row">{}</th><td>{}</td></tr>', name, _said(square, side))
            for name, squares in rows
            for square in squares
            if square[1] is not None
        )
    )


def _said(square: charts.Square, side: str) -> str:
    text = square[0]
    href = next(iter(square[3:]), "")
    if not href:
        return text
    return markup('<a href="{}"{}>{}</a>', href, side, text)


def _chart(
    drawing: charts.Drawing, title: Words, labels: Sequence[str], series: Sequence[Series]
) -> SafeString:
    lines = [(int(line[0]), line[2:]) for line in drawing.lines]
    return _render(
        "chart",
        drawing=drawing,
        title=title,
        series=charts.numbered(series),
        lines=lines,
        rows=_rows(labels, series, drawing.hits),
        bars=_bars(drawing.marks),
        hits=_hits(drawing.hits),
    )


def _bars(marks: Sequence[charts.Mark]) -> SafeString:
    """Write the bars in percent of the drawing: what is not stretched with it keeps
    its round corners.
    """
    return SafeString(
        "\n".join(
            (
                f'<rect class="chart-bar chart-series-{mark.series}" rx="3"'
                f' x="{100 * mark.x / charts.WIDTH:.2f}%" y="{100 * mark.y / charts.HEIGHT:.2f}%" '
                f'width="{100 * mark.width / charts.WIDTH:.2f}%" '
                f'height="{100 * mark.height / charts.HEIGHT:.2f}%"></rect>'
            )
            for mark in marks
        )
    )


def _hits(hits: Sequence[charts.Mark]) -> SafeString:
    """Write what is pointed at: all of a label's height, which leads to what is in its bar."""
    return SafeString("\n".join(_hit(hit) for hit in hits))


def _hit(hit: charts.Mark) -> str:
    place = f'<rect class="chart-hit" x="{hit.x:g}" y="0" width="{hit.width:g}" height="100">'
    drawn = f"{place}<title>{escape(hit.text)}</title></rect>"
    if not hit.href:
        return drawn
    return f'<a href="{escape(hit.href)}" tabindex="-1">{drawn}</a>'


def _rows(
    labels: Sequence[str], series: Sequence[Series], hits: Sequence[charts.Mark]
) -> SafeString:
    """Write the same numbers as rows of a table."""
    written = []
    for i, (label, hit) in enumerate(zip(labels, hits, strict=True)):
        name = escape(label)
        if hit.href:
            name = SafeString(f'<a href="{escape(hit.href)}">{name}</a>')
        cells = "".join(f'<td class="numeric">{_number(line.values[i])}</td>' for line in series)
        written.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    return SafeString("\n".join(written))


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return charts.number(value)
