"""What the times of a transcript tell, by hand-counted conversations."""

import pytest

from calls.insights import Monologue, Talk, insights, questions_in


def spoken(*rows: tuple[str, float, str]) -> list[dict[str, object]]:
    return [{"speaker": speaker, "at": at, "text": text} for speaker, at, text in rows]


def words(count: int) -> str:
    return " ".join(["word"] * count)


def test_each_speaks_until_the_next_one_begins():
    found = insights(
        spoken(("Ada", 0, words(60)), ("Bo", 30, words(60)), ("Ada", 40, words(60))), 60
    )
    assert found is not None
    assert found.talk == (Talk("Ada", 50, 0.833, 0), Talk("Bo", 10, 0.167, 0))
    assert found.longest == Monologue("Ada", 0, 30)


def test_silence_is_nobodys_speech():
    """Two words do not take the ten minutes until somebody says the next ones."""
    found = insights(spoken(("Ada", 0, "Hello there"), ("Bo", 600, words(10))), 900)
    assert found is not None
    assert [(talk.speaker, talk.seconds) for talk in found.talk] == [("Bo", 8), ("Ada", 2)]


def test_a_monologue_goes_on_over_lines_of_the_same_person():
    found = insights(
        spoken(
            ("Bo", 0, words(20)), ("Ada", 5, words(20)), ("Ada", 15, words(20)), ("Bo", 25, "No")
        ),
        30,
    )
    assert found is not None
    assert found.longest == Monologue("Ada", 5, 20)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Why? Because. Really?!", 2),
        ("What??", 1),
        ("¿Qué?", 1),
        ("本当？", 1),
        ("ماذا؟", 1),
        ("a;b", 0),
    ],
)
def test_questions_are_counted_by_their_marks(text: str, count: int):
    assert questions_in(text) == count


@pytest.mark.parametrize(
    "segments", [[], spoken(("Ada", 0, "Hi"), ("Bo", 0, "Hi")), [{"text": None, "at": "x"}]]
)
def test_without_times_there_is_nothing_to_tell(segments: list[dict[str, object]]):
    assert insights(segments, 600) is None


def test_without_speakers_only_questions_are_told():
    found = insights(spoken(("", 0, "Who?"), ("", 9, "You.")), 20)
    assert found is not None
    assert (found.talk, found.longest, found.questions) == ((), None, 1)


def test_lines_out_of_order_and_past_the_end_do_no_harm():
    found = insights(spoken(("Ada", 50, words(9)), ("Bo", 10, words(9)), ("Ada", 70, "Bye")), 60)
    assert found is not None
    assert sum(talk.share for talk in found.talk) == pytest.approx(1, abs=0.01)
    assert all(talk.seconds >= 0 for talk in found.talk)
