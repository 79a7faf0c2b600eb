"""The period that a page looks at: whole days of the reader, the same names on every page."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from dashboard import periods

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.mark.parametrize(
    ("key", "first", "last", "before"),
    [
        ("today", date(2026, 3, 15), date(2026, 3, 15), (date(2026, 3, 14), date(2026, 3, 14))),
        ("7", date(2026, 3, 9), date(2026, 3, 15), (date(2026, 3, 2), date(2026, 3, 8))),
        ("30", date(2026, 2, 14), date(2026, 3, 15), (date(2026, 1, 15), date(2026, 2, 13))),
        ("90", date(2025, 12, 16), date(2026, 3, 15), (date(2025, 9, 17), date(2025, 12, 15))),
        ("this-month", date(2026, 3, 1), date(2026, 3, 15), (date(2026, 2, 1), date(2026, 2, 15))),
        ("last-month", date(2026, 2, 1), date(2026, 2, 28), (date(2026, 1, 1), date(2026, 1, 31))),
    ],
)
def test_a_period_has_its_days_and_the_one_before_it(
    key: str, first: date, last: date, before: tuple[date, date]
):
    period = periods.asked({"period": key})
    assert (period.first, period.last) == (first, last)
    assert (period.before().first, period.before().last) == before


def test_days_are_those_of_the_reader():
    with time_machine.travel(datetime(2026, 3, 15, 23, 30, tzinfo=UTC)):
        for zone, day in (
            ("Europe/Amsterdam", date(2026, 3, 16)),
            ("America/New_York", date(2026, 3, 15)),
        ):
            with timezone.override(zone):
                period = periods.asked({"period": "today"})
                assert period.first == day
                assert timezone.localtime(period.since).isoformat()[:16] == f"{day}T00:00"


@pytest.mark.parametrize(
    ("former", "key"), [("week", "7"), ("month", "30"), ("quarter", "90"), ("year", "year")]
)
def test_an_address_that_somebody_kept_still_means_the_same(former: str, key: str):
    assert periods.asked({"period": former}).key == key


def test_days_may_be_chosen_freely():
    period = periods.asked({"since": "2026-03-02", "until": "2026-03-04"})
    assert (period.is_custom, period.first, period.last, period.days) == (
        True,
        date(2026, 3, 2),
        date(2026, 3, 4),
        3,
    )
    assert period.name == "2 March 2026 – 4 March 2026"
    open_end = periods.asked({"since": "2026-03-02"})
    assert (open_end.first, open_end.until) == (date(2026, 3, 2), None)
    closed = periods.asked({"until": "2026-03-04"}, "30")
    assert (closed.first, closed.last) == (date(2026, 2, 3), date(2026, 3, 4))


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"period": "x"},
        {"since": "x"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"period": "custom"},
        {"since": "2026-99-99"},
    ],
)
def test_what_is_no_period_is_the_usual_one(query: dict[str, str]):
    assert periods.asked(query).is_any
    assert periods.asked(query, "30").key == "30"


def test_a_last_day_before_the_first_is_said_and_leaves_the_end_open():
    period = periods.asked({"since": "2026-03-04", "until": "2026-03-02"})
    assert (period.first, period.last) == (date(2026, 3, 4), None)
    assert "before" in period.error


def test_the_picker_keeps_the_filters_and_marks_the_period():
    request = RequestFactory().get(
        "/calls", {"outcome": "won", "period": "7", "before": "x", "since": "2026-01-01"}
    )
    context = Context({"request": request, "period": periods.asked(request.GET)})
    shown = Template("{% load filters %}{% period_picker period any_time=True %}").render(context)
    assert 'href="?outcome=won&amp;period=30"' in shown
    assert 'href="?outcome=won"' in shown
    assert 'href="?outcome=won&amp;period=7" aria-current="true"' in shown
    assert '<input type="hidden" name="outcome" value="won">' in shown
    assert 'name="before"' not in shown
