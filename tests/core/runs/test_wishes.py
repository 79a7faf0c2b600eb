"""Wishes that are alike, and wishes that only look alike: every start comes to an end."""

import threading
from typing import Any

import pytest
from django.db import connections

from core import runs

pytestmark = pytest.mark.django_db(transaction=True)


def kind(**values: Any) -> runs.Kind:
    return runs.Kind("probe.wishes", "Wishes", work="tests.core.runs.test_wishes.kind", **values)


def started(wish: Any, **values: Any) -> list[runs.Started]:
    found: list[runs.Started] = []

    def start() -> None:
        found.append(runs.start(kind(**values), wish=wish))
        connections.close_all()

    thread = threading.Thread(target=start, daemon=True)
    thread.start()
    thread.join(5)
    return found


@pytest.mark.parametrize(
    ("first", "second", "is_new"),
    [
        ({"ids": (1, 2)}, {"ids": (1, 2)}, False),
        ({"a": 1}, {"a": "1"}, True),
        ({"a": "x"}, {"b": "x"}, True),
        ({"a": "x:y"}, {"a": "x", "b": "y"}, True),
    ],
)
def test_a_start_ends_whatever_is_under_way(first, second, is_new):
    assert started(first)[0].is_new
    answers = started(second)
    assert [answer.is_new for answer in answers] == [is_new]


def test_a_wish_that_its_own_kind_does_not_cover_joins_the_same_wish():
    assert started({"a": 1}, covers=lambda _under_way, _wish: False)[0].is_new
    assert [each.is_new for each in started({"a": 1}, covers=lambda _under_way, _wish: False)] == [
        False
    ]


def test_a_long_wish_is_started():
    assert started({"a": "x" * 190})[0].is_new
