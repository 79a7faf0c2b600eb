"""What the endpoint answers may be broken or hostile: an error of that call
alone, and never more.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from calls import transcripts
from calls.models import Call, Transcript
from tests.calls.transcribed import recorded, row, worked, write
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db


DEEP: Any = []
for _ in range(300):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        7,
        "text",
        {"text": None},
        {"text": 7},
        {"segments": 7, "text": []},
        {"segments": {}},
        [DEEP],
    ],
    ids=repr,
)
def test_an_answer_that_is_none_is_an_error_of_that_call_alone(
    endpoint: Sandbox, answer: Any
) -> None:
    recording = recorded()
    endpoint.turn("openai", hears=b"null".decode() if answer is None else answer)
    run = write(recording)
    assert (run.state, row(recording).reason) == ("incomplete", "unreadable")
    assert not Transcript.objects.exists()


@pytest.mark.parametrize(
    ("kind", "options"), [("html", {}), ("malformed", {}), ("empty", {}), ("cut", {})]
)
def test_a_broken_wire_is_an_error_of_that_call_alone(
    endpoint: Sandbox, kind: str, options: dict[str, Any]
) -> None:
    recording = recorded()
    endpoint.fault("openai", kind, times=1, **options)
    assert write(recording).state == "incomplete"
    assert row(recording).state == "incomplete"
    assert transcripts.sweep(timezone.now() + timedelta(hours=1)) == 1
    assert worked().outcomes == {"written": 1}


def test_odd_segments_are_made_fit_to_keep(endpoint: Sandbox) -> None:
    odd = [
        {"start": 9, "text": "  last\x00\x07\x1b[31m\u202e  "},
        {"start": -5, "text": "first"},
        {"start": "3", "text": "no time"},
        {"start": True, "text": None},
        {"start": 1e308, "text": "far"},
        {"text": ["no", "text"]},
        None, 7, "x", {"start": 2, "text": "y" * 9_000},
    ]  # fmt: skip
    endpoint.turn("openai", hears={"segments": odd, "language": "x" * 99, "text": "unused"})
    assert write(recorded()).state == "succeeded"
    transcript = Transcript.objects.get()
    assert [(part["at"], part["text"][:8], len(part["text"])) for part in transcript.segments] == [
        (0, "first", 5), (0, "no time", 7), (2, "yyyyyyyy", 5_000), (9, "last[31m", 8),
        (2**31 - 1, "far", 3),
    ]  # fmt: skip
    assert Call.objects.get().language == ""


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"choices": []},
        {"choices": [None]},
        {"choices": [{"message": {"content": None}}]},
        {"choices": {"0": 1}},
    ],
    ids=repr,
)
def test_a_summary_that_is_none_leaves_the_words(endpoint: Sandbox, answer: Any) -> None:
    recording = recorded()
    endpoint.turn("openai", says=answer)
    assert write(recording).state == "incomplete"
    assert (row(recording).reason, Transcript.objects.count()) == ("summary", 1)


def test_a_summary_has_an_end(endpoint: Sandbox) -> None:
    endpoint.turn("openai", says={"choices": [{"message": {"content": "\x00a" * 100_000}}]})
    write(recorded())
    assert len(Call.objects.get().summary) == 20_000
