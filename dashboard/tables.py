"""A table, declared by its columns: heads, rows, count, pages, selection,
density and CSV follow from them.

A cell is written by a plain function and by no template, so that fifty rows cost as much
as a template did for a few.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.words.icons import icon
from core.words.markup import escaped, markup
from dashboard.paging import Page

R = TypeVar("R")
Words = str | Promise

DENSITIES: Final = ("comfortable", "compact")
DENSITY_COOKIE: Final = "koppel_density"
LOADING_ROWS: Final = 5
NOTHING: Final = "–"
# Without scripts nothing selects all: the box is hidden until they show it.
SELECT_ALL: Final = (
    '<td class="table-select"><label><input type="checkbox" data-select-all '
    'hidden aria-label="{}"></label></td>'
)


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column. `render` writes a cell: text, which is escaped, or HTML that is safe;
    nothing becomes a dash.
    """

    key: str
    label: Words
    render: Callable[[R], Any]
    sort: bool = False
    """Whether its head sorts by it: `?ordering=key`, and `?ordering=-key` when asked again."""
    numeric: bool = False
    names_row: bool = False
    """Whether this cell says which row it is, as a head of the row does."""
    hide_on_phone: bool = False
    css: str = ""
    text: Callable[[R], Any] | None = None
    """What stands in the CSV, where that is not the cell's own words."""

    @property
    def classes(self) -> str:
        marks = {
            "numeric": self.numeric,
            "table-title": self.names_row,
            "not-on-phone": self.hide_on_phone,
        }
        return " ".join(
            [name for name, is_set in marks.items() if is_set] + [self.css] * bool(self.css)
        )

    def writer(self) -> Callable[[R], str]:
        """Return what writes a row's cell: what is the same for every row is put together once."""
        tag, scope, css, name = "td", "", "", ""
        if self.names_row:
            tag, scope = "th", SafeString(' scope="row"')
        if self.classes:
            css = markup(' class="{}"', self.classes)
        if self.label and not self.names_row:
            name = markup(' data-label="{}"', self.label)
        opening, empty = (
            f"<{tag}{scope}{css}{name}>",
            f"<{tag}{scope}{css}{name} data-none>{NOTHING}</{tag}>",
        )
        closing, render = f"</{tag}>", self.render

        def write(row: R) -> str:
            shown = render(row)
            return empty if shown is None or shown == "" else f"{opening}{escaped(shown)}{closing}"

        return write

    def plain(self, row: R) -> str:
        """Return the cell as words alone."""
        shown = self.render(row) if self.text is None else self.text(row)
        if shown is None:
            return ""
        if isinstance(shown, SafeString):
            return unescape(strip_tags(shown)).strip()
        return str(shown)


@dataclass(frozen=True)
class Empty:
    """What stands in a table without rows: what would, why it is empty, and the one thing to do."""

    title: Words
    text: Words = ""
    icon: str = "inbox"
    action: Words = ""
    href: str = ""
    action_icon: str = ""


@dataclass(frozen=True)
class Failure:
    """What stands in a table whose rows cannot be read."""

    title: Words
    happened: Words
    kept: Words = ""
    todo: Words = ""
    action: Words = ""
    href: str = ""


@dataclass(frozen=True)
class Selection(Generic[R]):
    """A box in front of every row, sent as `name` with the form that is named;
    `label` says whose box it is.
    """

    name: str
    value: Callable[[R], str]
    label: Callable[[R], str]
    form: str
    may: Callable[[R], bool] = lambda _row: True

    def cell(self, row: R) -> SafeString:
        if not self.may(row):
            return SafeString('<td class="table-select"></td>')
        return markup(
            '<td class="table-select"><label><input type="checkbox" name="{}" value="{}" '
            'form="{}" aria-label="{}">'
            "</label></td>",
            self.name,
            self.value(row),
            self.form,
            self.label(row),
        )


@dataclass(frozen=True)
class Table(Generic[R]):
    """Rows of the same thing. `caption` says what they are to whoever cannot see
    the heading above.
    """

    caption: Words
    columns: Sequence[Column[R]]
    rows: Sequence[R]
    empty: Empty
    count: Words = ""
    """How many there are, in words; exact or "about"."""
    page: Page[Any] | None = None
    pages: Words = ""
    """What the pages are of, as the name of their navigation."""
    ordering: str = ""
    """By which column the rows are sorted, with a `-` for the other way."""
    selection: Selection[R] | None = None
    csv: str = ""
    """Where the rows are sent as CSV; '' where nobody may take them along."""
    has_density: bool = False
    is_loading: bool = False
    failure: Failure | None = None
    is_tall: bool = False

    @property
    def width(self) -> int:
        return len(self.columns) + bool(self.selection)

    @property
    def has_bar(self) -> bool:
        """Whether something stands over the rows; over none there is nothing to do."""
        return bool(self.count or self.csv or self.has_density)

    def body(self) -> SafeString:
        """Write the rows."""
        writers = [column.writer() for column in self.columns]
        select = self.selection.cell if self.selection else lambda _row: ""
        lines = (
            f"<tr>{select(row)}{''.join([write(row) for write in writers])}</tr>"
            for row in self.rows
        )
        return SafeString("\n".join(lines))

    def heads(self, request: HttpRequest) -> SafeString:
        """Write what stands over each column, with the address that sorts by it."""
        heads = [_head(column, self.ordering, request) for column in self.columns]
        if self.selection:
            heads.insert(0, markup(SELECT_ALL, _("Select all rows")))
        return SafeString("".join(heads))

    def csv_header(self) -> list[str]:
        return [str(column.label) for column in self.columns if column.label]

    def csv_rows(self, rows: Iterable[R]) -> Iterator[list[str]]:
        """Write rows as lines of a CSV: all of them, whatever page is open."""
        columns = [column for column in self.columns if column.label]
        return ([column.plain(row) for column in columns] for row in rows)


def in_language(language: str | None, lines: Iterator[list[str]]) -> Iterator[list[str]]:
    """Write lines in the language of who asked, also after the answer has begun."""
    with override(language):
        yield from lines


def _head(column: Column[Any], ordering: str, request: HttpRequest) -> SafeString:
    css = ""
    if column.classes:
        css = markup(' class="{}"', column.classes)
    # What has no name is no head: the empty corner over a column of buttons.
    if not column.label:
        return markup("<td{}></td>", css)
    if not column.sort:
        return markup('<th scope="col"{}>{}</th>', css, column.label)
    direction = {column.key: "ascending", f"-{column.key}": "descending"}.get(ordering, "")
    sorted_by = ""
    if direction:
        sorted_by = markup(' aria-sort="{}"', direction)
    following = column.key
    if direction == "ascending":
        following = f"-{column.key}"
    return markup(
        '<th scope="col"{}{}><a class="table-sort" href="{}">{}{}</a></th>',
        css,
        sorted_by,
        with_query(request, ordering=following),
        column.label,
        icon(
            {"ascending": "arrow-up", "descending": "arrow-down"}.get(direction, "chevrons-up-down")
        ),
    )


def ordering_of(request_ordering: str, allowed: Iterable[str], default: str) -> str:
    """Return the order that an address asks for, where a column offers it;
    the usual one for anything else.
    """
    if request_ordering.removeprefix("-") in set(allowed):
        return request_ordering
    return default


def density_of(request: HttpRequest) -> str:
    """Return how close rows stand in this browser."""
    chosen = request.COOKIES.get(DENSITY_COOKIE, "")
    if chosen in DENSITIES:
        return chosen
    return DENSITIES[0]


def with_query(request: HttpRequest, **changes: str | None) -> str:
    """Return this page's query with some of it changed; a change of order starts again
    at the first page.
    """
    query = request.GET.copy()
    if "ordering" in changes:
        changes |= {"before": None, "after": None}
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"


def link(href: str, words: Any, *, drawer: str = "") -> SafeString:
    """Write the link that makes its whole row pressable; with a `drawer` its page
    is shown at the side.
    """
    side = ""
    if drawer:
        side = markup(' data-drawer="{}"', drawer)
    return markup('<a class="row-link" href="{}"{}>{}</a>', href, side, words)


def addresses(name: str) -> Callable[[UUID], str]:
    """Return what writes the address of a row's page by its id;
    the pattern is looked up once for all rows.
    """
    nobody = UUID(int=0)
    before, _nobody, behind = reverse(name, args=[nobody]).partition(str(nobody))
    return lambda key: f"{before}{key}{behind}"


def lines_of(items: Iterable[Any]) -> SafeString:
    """Write several things of one cell, a line each."""
    written = format_html_join("", "<li>{}</li>", ((item,) for item in items))
    if not written:
        return SafeString("")
    return markup('<ul class="cell-lines">{}</ul>', written)


def number_in_words(
    number: int, *, noun: Callable[[int], str], about: bool = False, more: bool = False
) -> str:
    """Say how many there are: exactly, at least, or about.
    `noun` says a number with what it is a number of.
    """
    if about:
        return _("About %(things)s") % {"things": noun(number)}
    if more:
        return _("More than %(things)s") % {"things": noun(number)}
    return noun(number)
