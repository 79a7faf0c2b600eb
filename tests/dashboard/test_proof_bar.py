"""The proof bar: every part is seen, the sentence is whole, and nothing looks fine
that was not checked.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone

from dashboard.proofs import Proof, drawing, in_words


def proof(**values: Any) -> Proof:
    whole = {
        "at_vendor": 200,
        "present": 157,
        "left_out": 43,
        "missing": 0,
        "checked_at": timezone.now(),
    }
    return Proof(**whole | values)


def render(tag: str, **context: Any) -> str:
    return " ".join(
        Template("{% load ui %}" + tag).render(Context({"now": timezone.now(), **context})).split()
    )


def test_the_parts_fill_the_bar_in_their_shares():
    parts = proof().parts()
    assert [(part.name, part.x, part.width) for part in parts] == [
        ("present", 0, 78.5),
        ("left_out", 78.5, 21.5),
    ]


def test_one_of_a_million_is_seen():
    parts = proof(at_vendor=1_000_000, present=999_999, left_out=0, missing=1).parts()
    assert parts[-1].name == "missing"
    assert parts[-1].width > 1
    assert sum(part.width for part in parts) == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize(
    ("values", "tone", "word"),
    [
        ({}, "good", "Complete"),
        ({"checked_at": None}, "calm", "Not checked yet"),
        ({"missing": 1}, "bad", "Missing"),
        ({"is_whole": False}, "warn", "Not all checked yet"),
        ({"failing_since": timezone.now()}, "warn", "Checks fail"),
        ({"checked_at": timezone.now() - timedelta(days=9)}, "warn", "Old proof"),
    ],
)
def test_green_is_for_what_was_checked_and_is_whole(values: dict[str, Any], tone: str, word: str):
    look = proof(**values).look
    assert (look.tone, str(look.word)) == (tone, word)


def test_what_was_never_checked_shows_no_part_and_says_so():
    shown = render("{% proof_bar at_vendor=5 present=5 %}")
    assert "proof-unchecked" in shown
    assert "<rect" not in shown
    assert "Not checked yet" in shown
    assert "5 at" not in shown


def test_the_sentence_says_all_parts_and_leads_to_them():
    shown = render(
        "{% proof_bar at_vendor=1200 present=1150 left_out=43 missing=7 checked_at=now "
        "missing_href='/gap' %}"
    )
    for words in (
        "1,200 at Fathom",
        "1,150 in Koppel",
        "43 left out",
        '<a href="/gap">7 missing</a>',
        "checked <time",
    ):
        assert words in shown
    # The drawing leads there too, and is no second stop for the keyboard.
    assert '<a href="/gap" tabindex="-1"><rect' in shown


def test_an_old_proof_says_how_old_and_a_failing_check_since_when():
    shown = render(
        "{% proof_bar at_vendor=5 present=5 checked_at=old failing_since=now %}",
        old=timezone.now() - timedelta(days=3),
    )
    assert ">3 days ago</time>" in shown
    assert "checks failing since" in shown


def test_a_bar_that_stands_alone_says_what_it_shows():
    alone = proof()
    shown = drawing(alone, alone.parts(), label=in_words(alone, "Fathom"))
    assert 'role="img" aria-label="200 at Fathom · 157 in Koppel · 43 left out"' in shown
