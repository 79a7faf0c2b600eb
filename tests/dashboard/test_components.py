"""The pieces that pages are made of: each is documented, shown in the styleguide,
and safe with what people type.
"""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.test.utils import instrumented_test_render
from django.utils import timezone, translation

from core.words import times
from core.words.states import LOOKS, look
from dashboard import charts
from dashboard.charts import Series
from dashboard.signs import Square
from dashboard.tables import Column, Empty, Table
from tests.dashboard.conftest import signed_in
from tests.support import people

HOUSE = Path(__file__).resolve().parent.parent.parent
COMPONENTS = sorted((HOUSE / "templates/components").glob("*.html"))
# The frame of every page rather than pieces of one; password_field and auth_form are
# the sign-in pages' own, and the logo is an organization's.
FRAME = {
    "logo",
    "organization_menu",
    "head",
    "sidebar",
    "user_menu",
    "language_menu",
    "theme_switch",
    "brand_mark",
    "toasts",
}
SIGN_IN = {"auth_form", "password_field", "form_errors"}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def render(source: str, **context: Any) -> str:
    request = RequestFactory().get("/list", {"ordering": "-name", "q": "a&b", "before": "x"})
    return Template("{% load ui tables filters charts %}" + source).render(
        Context({"request": request} | context)
    )


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_says_first_what_it_is_and_how_it_is_used(path: Path):
    first = path.read_text().splitlines()[0]
    assert re.fullmatch(r"\{# .{20,} #\}", first), first


@pytest.fixture
def styleguide(db: None, settings: Any) -> str:
    settings.DEMO = True
    return signed_in(people.person()).get("/styleguide").content.decode()


def test_the_styleguide_shows_every_component(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.DEMO = True
    monkeypatch.setattr(Template, "_render", instrumented_test_render)  # pieces are kept too
    answer = signed_in(people.person()).get("/styleguide")
    shown = {
        Path(template.name).stem
        for template in answer.templates
        if template.name.startswith("components/")
    }
    assert {path.stem for path in COMPONENTS} - shown - FRAME - SIGN_IN == set()


def test_every_state_is_shown_with_icon_and_word(styleguide: str):
    for state in LOOKS:
        shown = render("{% status state %}", state=state)
        assert f"tone-{look(state).tone}" in shown
        assert f"#{look(state).icon}" in shown
        assert str(look(state).word) in shown
        assert shown in styleguide


def test_the_styleguide_is_not_there_in_production(db: None, settings: Any):
    settings.DEMO = settings.DEBUG = False
    assert signed_in(people.person()).get("/styleguide").status_code == 404


def test_no_page_carries_a_style_attribute_or_a_script_of_its_own(styleguide: str):
    assert not re.search(
        r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|javascript:", styleguide
    )


def test_a_state_that_nobody_knows_is_never_green():
    assert look("brand_new").tone == "calm"
    assert look("brand_new").word == "Brand new"


@pytest.mark.parametrize(
    "source",
    [
        "{% button evil href=evil %}",
        "{% badge evil %}",
        "{% status evil %}",
        "{% stat evil evil hint=evil %}",
        "{% avatar evil %}",
        "{% toast evil %}",
        "{% callout title=evil %}x{% endcallout %}",
        "{% empty_state evil evil %}{% endempty_state %}",
        "{% modal evil evil %}x{% endmodal %}",
        "{% menu_item evil href=evil %}",
        "{% breadcrumb evil evil evil %}",
        "{% facts facts %}",
        "{% copyable evil id='a' label=evil %}",
        "{% chart_bar evil labels series %}",
        "{% chart_line evil labels series %}",
        "{% heatmap evil heat %}",
        "{% sparkline values evil %}",
        "{% progress 1 2 label=evil %}",
        "{% table table %}",
        "{% outcome evil %}",
        "{% person evil evil %}",
        "{% strip evil squares %}",
        "{% proof_bar at_vendor=1 present=1 checked_at=now vendor=evil present_href=evil %}",
        "{% callout title=evil remedy=evil href=evil %}x{% endcallout %}",
        "{% drawer evil evil %}{% enddrawer %}",
        "{% bulk_bar evil %}{% endbulk_bar %}",
    ],
)
def test_what_people_type_stays_text(source: str):
    evil = "\"><script>alert('x')</script>"
    context = {
        "evil": evil,
        "facts": [(evil, evil)],
        "labels": [evil],
        "series": [Series(evil, [1])],
        "values": [1, 2],
    }
    table = Table(
        evil, [Column("name", evil, lambda row: row, sort=True, css=evil)], [evil], Empty(evil)
    )
    more = {
        "heat": [(evil, [(evil, 1)])],
        "table": table,
        "squares": [Square(evil, href=evil)],
        "now": timezone.now(),
    }
    shown = render(source, **context, **more)
    assert "<script" not in shown


def test_a_busy_button_says_so_and_a_missing_attribute_is_left_out():
    assert 'aria-busy="true"' in render("{% button 'Test' busy=True %}")
    shown = render("{% button 'Test' hx_get='/x' disabled=True title=None %}")
    assert 'hx-get="/x" disabled>' in shown
    assert "title" not in shown


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=364), "12 months ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(hours=-2), "in 2 hours"),
    ],
)
def test_a_time_is_said_in_one_unit_that_never_claims_too_much(ago: timedelta, words: str):
    assert times.ago(NOON - ago, NOON) == words


def test_times_speak_the_readers_language():
    with translation.override("nl"):
        assert times.ago(NOON - timedelta(minutes=9), NOON) == "9 minuten geleden"
    with translation.override("fr"):
        assert times.ago(NOON - timedelta(minutes=9), NOON) == "il y a 9 minutes"


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 1), (1, 1), (1.5, 2), (28, 30), (530, 600), (99999, 100000)]
)
def test_a_scale_ends_at_the_next_round_number(highest: float, top: float):
    assert charts.ceiling(highest) == top


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 2), (1, 2), (3, 4), (5, 6), (9, 10), (11, 20), (28, 30), (41, 50)]
)
def test_a_scale_of_whole_amounts_has_a_whole_half(highest: float, top: float):
    assert charts.ceiling(highest, whole=True) == top
    assert top / 2 == int(top / 2)


def test_an_axis_writes_numbers_as_the_reader_does():
    shown = {}
    for language in ("en", "fr", "nl"):
        with translation.override(language):
            shown[language] = charts.number(12500)
    assert shown == {"en": "12,500", "fr": "12\xa0500", "nl": "12.500"}


def test_bars_stand_on_the_ground_and_reach_their_share():
    drawing = charts.bars(["a", "b"], [Series("n", [6, None])])
    assert [(bar.x, bar.y, bar.width, bar.height) for bar in drawing.marks] == [(75, 0, 350, 100)]
    assert [hit.text for hit in drawing.hits] == ["a: 6", "b: –"]


def test_a_line_breaks_where_nobody_looked():
    drawing = charts.lines(["a", "b", "c", "d"], [Series("n", [1, None, 2, 2])])
    assert drawing.lines == ["1:125.0,50.0", "1:625.0,0.0 875.0,0.0"]
    assert drawing.area == ""


@pytest.mark.parametrize("values", [[], [None], [0, 0, 0], [5]])
def test_a_chart_of_nothing_is_drawn_without_complaint(values: list[Any]):
    labels = [str(i) for i in range(len(values))]
    assert "<svg" in render(
        "{% chart_line 't' labels series %}", labels=labels, series=[Series("n", values)]
    )
    assert "<svg" in render("{% sparkline values 't' %}", values=values)


def test_no_page_shows_more_than_five_words_under_a_chart():
    for count in range(40):
        labels = charts.bars(
            [str(i) for i in range(count)], [Series("n", list(range(count)))]
        ).labels
        assert len(labels) <= 5
        assert not labels or (labels[0], labels[-1]) == ("0", str(count - 1))


def test_a_figure_is_written_the_same_in_a_drawing_in_every_language(client: Client):
    with translation.override("fr"):
        shown = render(
            "{% chart_bar 't' labels series %}",
            labels=["a", "b", "c"],
            series=[Series("n", [1, 2, 3])],
        )
    assert not re.search(r'(x|y|width|height)="[^"]*,', shown)


@pytest.mark.parametrize(
    ("language", "months"),
    [
        ("nl", ["mrt", "apr", "mei", "jun", "aug", "okt"]),
        ("fr", ["mars", "avr.", "mai", "juin", "août", "oct."]),
        ("en", ["March", "April", "May", "June", "Aug.", "Oct."]),
    ],
)
def test_months_in_charts_have_their_names_in_the_readers_language(
    language: str, months: list[str]
):
    with translation.override(language):
        mondays = [
            date(2026, month, day)
            for month, day in ((3, 2), (4, 6), (5, 4), (6, 1), (8, 3), (10, 5))
        ]
        shown = [
            charts.heat([("Chloe", [("", 1)])], first=monday).weeks[0][1] for monday in mondays
        ]
    assert [words.split()[1] for words in shown] == months
