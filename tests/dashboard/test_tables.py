"""Tables as they are declared: heads that sort, cells, pages, selection, density,
and what stands in empty ones.
"""

import re
from typing import Any

import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.html import format_html

from dashboard.paging import Page
from dashboard.tables import (
    Column,
    Empty,
    Failure,
    Selection,
    Table,
    lines_of,
    link,
    number_in_words,
)
from tests.dashboard.conftest import signed_in
from tests.support import people

EMPTY = Empty("No keys yet", "A key opens a door.", "key-round", "Add a key", "/keys/new")


def columns() -> list[Column[dict[str, Any]]]:
    return [
        Column(
            "name",
            "Name",
            lambda row: link(f"/{row['name']}", row["name"]),
            sort=True,
            names_row=True,
        ),
        Column("count", "Count", lambda row: row.get("count"), numeric=True, hide_on_phone=True),
        Column("menu", "", lambda row: format_html("<i>{}</i>", row["name"])),
    ]


def table(*rows: dict[str, Any], **more: Any) -> Table[dict[str, Any]]:
    return Table("Keys", columns(), rows, EMPTY, **more)


def asked(query: dict[str, str] | None = None, **cookies: str) -> HttpRequest:
    request = RequestFactory().get("/list", query or {})
    request.COOKIES.update(cookies)
    return request


def render(shown: Table[Any], request: HttpRequest | None = None) -> str:
    context = Context({"request": request or asked(), "shown": shown, "csrf_token": "t"})
    return " ".join(Template("{% load tables %}{% table shown %}").render(context).split())


def test_a_row_is_its_cells_with_their_names_for_the_phone():
    shown = render(table({"name": "a<b", "count": 3}))
    assert (
        '<th scope="row" class="table-title"><a class="row-link" href="/a&lt;b">a&lt;b</a></th>'
        in shown
    )
    assert '<td class="numeric not-on-phone" data-label="Count">3</td>' in shown
    assert "<td><i>a&lt;b</i></td>" in shown


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_cell_of_nothing_is_a_dash_and_left_out_on_a_phone(nothing: Any):
    shown = render(table({"name": "a", "count": nothing}))
    assert '<td class="numeric not-on-phone" data-label="Count" data-none>–</td>' in shown


def test_nought_is_not_nothing():
    assert 'data-label="Count">0</td>' in render(table({"name": "a", "count": 0}))


def test_a_head_sorts_the_other_way_when_asked_again_and_keeps_the_filter():
    request = asked({"ordering": "name", "q": "a&b", "before": "x"})
    shown = render(table({"name": "a"}, ordering="name"), request)
    assert 'aria-sort="ascending"' in shown
    assert (
        'href="?ordering=-name&amp;q=a%26b"' in shown
        or 'href="?q=a%26b&amp;ordering=-name"' in shown
    )
    shown = render(table({"name": "a"}, ordering="-name"), request)
    assert 'aria-sort="descending"' in shown
    assert "ordering=name" in shown
    assert render(table({"name": "a"}), request).count("aria-sort") == 0


def test_only_the_columns_that_sort_have_a_link():
    shown = render(table({"name": "a"}))
    assert shown.count('class="table-sort"') == 1


def test_a_table_without_rows_says_what_would_stand_in_it_and_what_to_do():
    shown = render(table())
    assert "No keys yet" in shown
    assert 'href="/keys/new"' in shown
    assert 'colspan="3"' in shown
    assert "table-bar" not in render(table(has_density=True, csv="/export"))


def test_a_table_on_its_way_claims_no_emptiness():
    shown = render(table(is_loading=True))
    assert 'aria-busy="true"' in shown
    assert "Loading…" in shown
    assert "No keys yet" not in shown


def test_a_table_that_cannot_be_read_says_what_was_kept():
    failure = Failure(
        "It cannot be read", "The vendor is silent.", "All is kept.", "Wait.", "Try now", "/again"
    )
    shown = render(table({"name": "a"}, failure=failure))
    for words in ('role="alert"', "The vendor is silent.", "All is kept.", 'href="/again"'):
        assert words in shown
    assert "row-link" not in shown


def test_rows_are_selected_for_a_form_that_stands_elsewhere():
    selection = Selection(
        "key",
        lambda row: row["name"],
        lambda row: f"Key {row['name']}",
        "bulk",
        may=lambda row: row["name"] != "b",
    )
    shown = render(table({"name": "a"}, {"name": "b"}, selection=selection))
    assert 'name="key" value="a" form="bulk" aria-label="Key a"' in shown
    assert 'value="b"' not in shown
    assert shown.count('class="table-select"') == 3
    assert 'colspan="4"' in render(table(selection=selection))


def test_pages_lead_on_in_the_order_of_the_rows():
    page = Page([], "newer-one", "older-one")
    newest = render(table({"name": "a"}, page=page, pages="Pages", ordering="-name"))
    assert newest.index("after=newer-one") < newest.index("before=older-one")
    oldest = render(table({"name": "a"}, page=page, pages="Pages", ordering="name"))
    assert oldest.index("before=older-one") < oldest.index("after=newer-one")


def test_how_close_rows_stand_is_kept_in_this_browser(db: None):
    client = signed_in(people.person())
    answer = client.post(
        "/preferences/density", {"density": "compact", "next": "/runs?state=failed"}
    )
    assert answer["Location"] == "/runs?state=failed"
    assert answer.cookies["koppel_density"].value == "compact"
    assert client.post("/preferences/density", {"density": "neon"}).status_code == 400
    assert (
        client.post("/preferences/density", {"density": "compact", "next": "//evil"})["Location"]
        == "/"
    )
    many = table({"name": "a"}, has_density=True)
    assert "table-compact" in render(many, asked(koppel_density="compact"))
    assert "table-comfortable" in render(many, asked(koppel_density="neon"))
    assert "table-comfortable" in render(many)


def test_the_csv_has_the_words_of_the_cells_and_no_buttons():
    shown = table()
    assert shown.csv_header() == ["Name", "Count"]
    assert list(shown.csv_rows([{"name": "a&b", "count": None}])) == [["a&b", ""]]


def test_lines_of_nothing_are_nothing():
    assert lines_of([]) == ""
    assert lines_of(["a<b"]) == '<ul class="cell-lines"><li>a&lt;b</li></ul>'


@pytest.mark.parametrize(
    ("how", "words"),
    [({}, "7 keys"), ({"more": True}, "More than 7 keys"), ({"about": True}, "About 7 keys")],
)
def test_a_number_says_how_exact_it_is(how: dict[str, bool], words: str):
    assert number_in_words(7, noun=lambda number: f"{number} keys", **how) == words


def test_no_cell_is_written_by_a_template(monkeypatch: pytest.MonkeyPatch):
    rows = [{"name": str(number), "count": number} for number in range(50)]
    of_fifty, of_none = [], []
    for found, shown in ((of_fifty, table(*rows)), (of_none, table(rows[0]))):
        render_template = Template._render

        def counted(
            self: Any, context: Any, found: list[Any] = found, write: Any = render_template
        ) -> Any:
            found.append(self.name)
            return write(self, context)

        with monkeypatch.context() as patch:
            patch.setattr(Template, "_render", counted)
            assert re.search(r"<tbody>", render(shown))
    assert len(of_fifty) == len(of_none)
