"""Small signs, and how a figure changed: what each says, also to whoever does
not see its colour.
"""

from typing import Any

import pytest
from django.utils.translation import override

from dashboard import deltas, signs
from dashboard.signs import Square


@pytest.mark.parametrize(
    ("now", "before", "better", "sign", "tone"),
    [
        (12, 10, "more", "+20 %", "good"),
        (8, 10, "more", "−20 %", "bad"),
        (12, 10, "less", "+20 %", "bad"),
        (8, 10, "less", "−20 %", "good"),
        (12, 10, "", "+20 %", "calm"),
        (10, 10, "more", "±0 %", "calm"),
    ],
)
def test_a_change_is_good_or_bad_by_what_is_better(
    now: float, before: float, better: str, sign: str, tone: str
):
    found = deltas.change(now, before, than="the week before", better=better)
    assert found
    assert (found.sign, found.tone) == (sign, tone)
    assert "the week before" in found.words


@pytest.mark.parametrize(("now", "before"), [(None, 3), (3, None), (3, 0)])
def test_without_something_to_compare_with_there_is_no_change(now: Any, before: Any):
    assert deltas.change(now, before, than="the week before") is None


def test_an_outcome_that_somebody_wrote_is_shown_as_it_is_and_cut_where_it_is_long():
    assert "tone-good" in signs.outcome("WON")
    assert "Thinks about it" in signs.outcome("Thinks about it")
    assert signs.outcome("x" * 100).count("x") < 60
    assert signs.outcome("") == ""


def test_a_person_keeps_their_tint():
    assert signs.avatar("Ada Lovelace") == signs.avatar("ada lovelace".title())
    assert {
        signs.avatar(name)[: signs.avatar(name).index('"', 20)]
        for name in ("Ada", "Grace", "Alan", "Barbara")
    }


def test_a_picture_alone_has_its_word():
    assert 'aria-label="Recorded"' in signs.mark("recording.available")


def test_a_strip_is_a_list_that_can_be_read():
    shown = signs.strip(
        "Runs", [Square("07:00: 1 failed", "bad", "/runs?state=failed"), Square("08:00: no run")]
    )
    assert 'aria-label="Runs"' in shown
    assert (
        '<a href="/runs?state=failed"><span class="visually-hidden">07:00: 1 failed</span></a>'
        in shown
    )
    assert shown.count("<li") == 2


def test_a_sign_speaks_the_language_of_who_reads_it():
    found = []
    for language in ("en", "nl", "fr", "en"):
        with override(language):
            found.append(
                (signs.mark("recording.available"), signs.status("failed"), signs.outcome("won"))
            )
    assert found[0] == found[3]
    assert all(len(set(written)) == 3 for written in zip(*found, strict=True))


def test_words_of_its_own_stand_in_place_of_a_states():
    assert "Failed" in signs.status("failed")
    assert "Twice" in signs.status("failed", "Twice")
    assert "Twice" not in signs.status("failed")
    assert signs.status("running") != signs.status("running", quiet=True)
