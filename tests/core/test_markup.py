"""HTML of a line is escaped as Django escapes it, and in the language of who reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, override

from core.words import times
from core.words.icons import icon
from core.words.markup import escaped, markup
from core.words.states import Look

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


class Itself:
    def __html__(self) -> str:
        return "<hr>"

    def __str__(self) -> str:
        return "a rule"


@pytest.mark.parametrize(
    "value",
    [
        "<b> & \"x\" 'y'",
        SafeString("<b>"),
        gettext_lazy("Overview"),
        7,
        None,
        1.5,
        Itself(),
        Look("calm", "", "<"),
    ],
)
def test_a_value_is_escaped_as_django_escapes_it(value: Any):
    assert escaped(value) == conditional_escape(value)
    form = '<a title="{}">{}</a>'
    assert markup(form, value, value) == format_html(form, value, value)
    assert isinstance(markup(form, value, value), SafeString)


def test_a_picture_is_silent_beside_a_word_and_has_one_alone():
    assert 'aria-hidden="true"' in icon("phone")
    assert 'aria-label="&lt;b&gt;"' in icon("phone", label="<b>")
    assert "icon-l" in icon("phone", size="l")
    assert "icon-l" not in icon("phone")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (59, "just now"),
        (-59, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (-3600, "in 1 hour"),
        (2 * 86_400, "2 days ago"),
        (-45 * 86_400, "in 1 month"),
        (800 * 86_400, "2 years ago"),
    ],
)
def test_a_distance_is_one_unit_rounded_towards_now(seconds: int, words: str):
    assert times.ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_the_same_time_is_put_in_the_words_of_each_reader():
    found = []
    for language in ("en", "nl", "fr", "en"):
        with override(language):
            found.append((times.ago(NOW - timedelta(hours=2), NOW), times.exactly(NOW).split()[:3]))
    assert found[0] == found[3] == ("2 hours ago", ["5", "March", "2026"])
    assert len({words for words, _day in found}) == 3
    assert len({tuple(day) for _words, day in found}) == 3
