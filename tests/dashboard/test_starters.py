"""What started a call is written in words."""

import pytest

from dashboard.workspaces import starters


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("command", "A command in the terminal"),
        ("clock", "The timetable"),
        ("something_new", "something_new"),
        ("", "–"),
    ],
)
def test_a_name_is_written_in_words(name: str, words: str):
    assert starters.in_words(name) == words
