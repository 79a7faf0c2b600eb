"""A recording that is larger than the endpoint takes: its sound, in pieces."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from django.utils import timezone

from calls import transcripts
from calls.models import Recording, Transcript
from calls.recordings import storage
from calls.transcripts import hearing, service, sound
from sandbox.vendors import s3
from sandbox.vendors.s3 import RECORDING
from tests.calls.transcribed import HEAR, asked, recorded, row, worked, write
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db


def large(recording: Recording) -> bytes:
    """Ten seconds of picture and sound, put where the recording lies."""
    content = (
        Path(__file__).parents[1] / "fixtures" / "calls" / "recording-with-sound.mp4"
    ).read_bytes()
    address = storage._address("put_object", {"Bucket": s3.BUCKET, "Key": recording.key}, 60)
    urlopen(Request(address, content, method="PUT"))
    Recording.objects.filter(pk=recording.pk).update(size_bytes=len(content))
    recording.refresh_from_db()
    return content


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that takes 9,000 bytes and a window of 4,000:
    an hour and its hundreds of MB, made small.
    """
    monkeypatch.setattr(service, "_MEGABYTE", 9_000)
    monkeypatch.setattr(hearing, "_ROOM", 0)
    monkeypatch.setattr(sound, "WINDOW", 4_000)


@pytest.mark.usefixtures("small_steps")
def test_the_sound_of_a_larger_file_is_sent_in_pieces(endpoint: Sandbox, settings: Any) -> None:
    settings.OPENAI_UPLOAD_MB = 1
    recording = recorded()
    content = large(recording)

    run = write(recording)

    assert (run.state, run.evidence["files"]) == ("succeeded", 5)
    sent = endpoint.journal("openai", HEAR)
    assert ["Content-Type: audio/mp4" in request["body"] for request in sent] == [True] * 5
    assert max(int(request["headers"]["content-length"]) for request in sent) < 9_500
    assert sum(run.counts[name] for name in ["bytes"]) < len(content)
    segments = Transcript.objects.get().segments
    assert [part["at"] for part in segments[::4]] == [0, 2.24, 4.61, 6.91, 9.22]
    ranges = [
        request["headers"]["range"]
        for request in endpoint.journal("s3")
        if request["method"] == "GET"
    ]
    assert len(ranges) > 10


@pytest.mark.usefixtures("small_steps")
def test_pieces_that_were_paid_for_are_not_sent_again(endpoint: Sandbox, settings: Any) -> None:
    settings.OPENAI_UPLOAD_MB = 1
    recording = recorded()
    large(recording)
    endpoint.fault("openai", "error", status=500, path=HEAR, after=2, times=1)
    assert write(recording).outcomes == {"tried_again_later": 1}
    assert (row(recording).files_heard, Transcript.objects.count()) == (2, 0)
    assert transcripts.sweep(timezone.now() + timedelta(hours=1)) == 1
    assert worked().outcomes == {"written": 1}
    assert asked(endpoint, HEAR) == 5 + 1
    assert len(Transcript.objects.get().segments) == 5 * 4


def reader(content: bytes) -> sound.Read:
    return lambda start, end: content[start:end]


def test_every_sample_of_the_sound_is_in_one_piece() -> None:
    content = (
        Path(__file__).parents[1] / "fixtures" / "calls" / "recording-with-sound.mp4"
    ).read_bytes()
    read = reader(content)
    whole = sound.track(read, len(content))
    again: list[bytes] = []
    for piece in sound.pieces(whole, 9_000):
        file = sound.cut_out(whole, piece, read)
        assert len(file) <= 9_000
        cut = sound.track(reader(file), len(file))
        again += [file[at : at + size] for at, size in zip(cut.offsets, cut.sizes, strict=True)]
    assert again == [
        content[at : at + size] for at, size in zip(whole.offsets, whole.sizes, strict=True)
    ]
    assert (len(again), whole.scale, sum(whole.lasts)) == (158, 16_000, 161_024)


@pytest.mark.parametrize("damage", ["cut", "zero", "ones", "empty", "silent"])
def test_a_damaged_file_has_no_sound(damage: str) -> None:
    content = (
        Path(__file__).parents[1] / "fixtures" / "calls" / "recording-with-sound.mp4"
    ).read_bytes()
    at = content.index(b"stsz")
    broken = {
        "cut": content[: len(content) // 2],
        "zero": content[:at] + b"stsz" + bytes(12) + content[at + 16 :],
        "ones": content[: content.rindex(b"stsz") + 4]
        + b"\xff" * (len(content) - content.rindex(b"stsz") - 4),
        "empty": b"",
        "silent": RECORDING.read_bytes(),
    }[damage]
    if damage == "zero":
        broken = broken.replace(b"soun", b"none")
    with pytest.raises(sound.NoSound):
        sound.track(reader(broken), len(broken))


def test_a_larger_file_without_sound_is_not_sent(
    endpoint: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_MEGABYTE", 9_000)
    monkeypatch.setattr(hearing, "_ROOM", 0)
    settings.OPENAI_UPLOAD_MB = 1
    recording = recorded()
    assert write(recording).outcomes == {"failed": 1}
    assert (row(recording).state, row(recording).reason, asked(endpoint)) == (
        "failed",
        "too_large",
        0,
    )
