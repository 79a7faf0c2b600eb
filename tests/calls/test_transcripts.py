"""What was said in a native call: written down from its recording, once, and never at the cost
of anything else.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from calls import recordings, search, transcripts
from calls.models import Call, Recording, Transcript, Transcription
from calls.transcripts import service, writing
from core import runs
from core.http import quota
from core.models import Incident, Run
from crm import services
from sandbox.vendors import openai, s3
from sandbox.vendors.s3 import DEMO_PREFIX
from tests.calls.cast import NOON
from tests.calls.transcribed import (
    HEAR,
    SUM_UP,
    asked,
    free_the_quota,
    recorded,
    row,
    worked,
    write,
)
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db


def test_a_recording_is_written_down_summed_up_and_found(endpoint: Sandbox) -> None:
    recording = recorded()

    run = write(recording)

    call = Call.objects.get()
    assert (run.state, run.outcomes, run.organization_id) == (
        "succeeded",
        {"written": 1},
        call.organization_id,
    )
    assert (run.evidence["sent_to"], run.evidence["segments"]) == ("127.0.0.1", 4)
    transcript = Transcript.objects.get(call=call)
    assert transcript.segments[1] == {
        "speaker": "", "at": 4.2, "text": openai.TALK[1][2],
    }  # fmt: skip
    assert transcript.text.startswith("Thank you for your time today.")
    assert call.language == "en"
    assert call.summary.startswith("**What it was about**")
    assert list(search.matching(Call.objects.all(), "warehouse")) == [call]
    assert (row(recording).state, row(recording).attempts) == ("done", 1)
    assert call.title
    assert Call.objects.count() == 1


def test_the_file_goes_out_as_it_is_and_the_key_stays_out_of_the_log(endpoint: Sandbox) -> None:
    write(recorded())

    [sent] = endpoint.journal("openai", HEAR)
    assert sent["headers"]["authorization"] == f"Bearer {openai.API_KEY}"
    for part in (
        'name="model"\r\n\r\nwhisper-1',
        "verbose_json",
        'filename="',
        "Content-Type: video/mp4",
        "ftyp",
    ):
        assert part in sent["body"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT vendor, api_key_used, api_call_logs::text FROM api_call_logs "
            "WHERE vendor = 'openai'"
        )
        rows = cursor.fetchall()
    assert [(vendor, used) for vendor, used, _whole in rows] == [
        ("openai", openai.API_KEY[-8:])
    ] * 2
    assert all(openai.API_KEY not in whole for _vendor, _used, whole in rows)


@pytest.mark.parametrize(
    "not_so",
    [
        {"chosen": False}, {"people": 0}, {"state": "expired"}, {"state": "active"},
        {"duration_seconds": 0}, {"deleted_at": NOON},
    ],
    ids=str,
)  # fmt: skip
def test_nothing_else_is_sent_anywhere(endpoint: Sandbox, not_so: dict[str, Any]) -> None:
    recording = recorded(**not_so)
    assert not transcripts.begin(recording.pk)
    assert transcripts.sweep() == 0
    assert (asked(endpoint), Run.objects.count(), Transcription.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "OPENAI_BASE_URL"])
def test_without_a_key_or_an_address_nothing_begins(
    endpoint: Sandbox, settings: Any, name: str
) -> None:
    recording = recorded()
    setattr(settings, name, "")
    assert not transcripts.begin(recording.pk)
    assert (transcripts.sweep(), Run.objects.count()) == (0, 0)


def test_the_timer_finds_what_no_message_came_for_and_nothing_old(endpoint: Sandbox) -> None:
    world = World()
    new, old = recorded(world), recorded(world)
    Recording.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=3))
    assert transcripts.sweep() == 1
    assert Transcription.objects.get().pk == new.pk


def test_a_recording_that_becomes_playable_is_begun(
    endpoint: Sandbox, django_capture_on_commit_callbacks: Any
) -> None:
    recording = recorded(state="processing")
    with django_capture_on_commit_callbacks() as later:
        recordings.states.raise_to(recording, Recording.State.AVAILABLE)
    assert [call.args for call in later] == [("calls.transcribe_recording", str(recording.pk))]


def test_it_is_written_down_once_whoever_asks(endpoint: Sandbox) -> None:
    recording = recorded()
    write(recording)
    assert not transcripts.begin(recording.pk)
    again = Run.objects.create(kind=transcripts.KIND.key, subject_id=recording.pk)
    runs.execute(again.pk)
    again.refresh_from_db()
    assert (again.state, again.outcomes) == ("succeeded", {"nothing_to_do": 1})
    assert (asked(endpoint, HEAR), asked(endpoint, SUM_UP)) == (1, 1)


def test_an_endpoint_that_is_away_is_asked_again_later_and_at_most_five_times(
    endpoint: Sandbox,
) -> None:
    recording = recorded()
    endpoint.fault("openai", "error", status=503)
    run = write(recording)
    assert (run.state, run.outcomes) == ("incomplete", {"tried_again_later": 1})
    assert "cannot be reached" in run.why
    now = row(recording)
    assert (now.state, now.reason) == ("incomplete", "away")
    assert now.due_at is not None
    assert transcripts.sweep() == 0, "not before its time"
    for attempt in range(2, writing.PAUSES.attempts + 1):
        assert transcripts.sweep(timezone.now() + timedelta(hours=3)) == 1
        worked()
        assert row(recording).attempts == attempt
    now = row(recording)
    assert (now.state, now.reason, asked(endpoint, HEAR)) == (
        "failed",
        "away",
        writing.PAUSES.attempts,
    )
    assert transcripts.sweep(timezone.now() + timedelta(days=1)) == 0
    incident = Incident.objects.get(closed_at=None)
    assert incident.cause == f"calls.transcription_failed:{recording.call.organization_id}"
    assert not Transcript.objects.exists()


def test_our_own_quota_is_waited_for_and_no_attempt(endpoint: Sandbox) -> None:
    recording = recorded()
    quota.Account(service.VENDOR, "installation", service.QUOTAS).drain({"summaries": 0}, 600)
    run = write(recording)
    assert (run.state, run.waits_until is not None, row(recording).state) == (
        "queued",
        True,
        "waiting",
    )
    assert (row(recording).attempts, asked(endpoint)) == (0, 0)
    free_the_quota()
    Run.objects.update(waits_until=None)
    assert (worked().state, row(recording).attempts) == ("succeeded", 1)


def test_an_attempt_that_works_mends_it_and_closes_the_incident(endpoint: Sandbox) -> None:
    world = World()
    endpoint.fault("openai", "error", status=400, times=1)
    assert write(recorded(world)).outcomes == {"failed": 1}
    assert Incident.objects.filter(closed_at=None).count() == 1
    assert write(recorded(world)).outcomes == {"written": 1}
    assert not Incident.objects.filter(closed_at=None).exists()


def test_words_that_were_paid_for_are_kept_when_the_summary_fails(endpoint: Sandbox) -> None:
    recording = recorded()
    endpoint.fault("openai", "error", status=500, path=SUM_UP, times=1)
    assert write(recording).state == "incomplete"
    assert Transcript.objects.get().text.startswith("Thank you")
    assert (row(recording).reason, Call.objects.get().summary) == ("summary", "")
    assert transcripts.sweep(timezone.now() + timedelta(hours=3)) == 1
    assert worked().state == "succeeded"
    assert Call.objects.get().summary != ""
    assert (asked(endpoint, HEAR), asked(endpoint, SUM_UP)) == (1, 2)


def test_no_summary_where_the_installation_wants_none(endpoint: Sandbox, settings: Any) -> None:
    settings.OPENAI_SUMMARY_MODEL = ""
    assert write(recorded()).state == "succeeded"
    assert (asked(endpoint, HEAR), asked(endpoint, SUM_UP)) == (1, 0)


def test_silence_is_said_to_be_silence(endpoint: Sandbox) -> None:
    recording = recorded()
    endpoint.turn("openai", speech=False)
    assert write(recording).outcomes == {"silent": 1}
    assert (row(recording).state, row(recording).reason) == ("done", "silent")
    assert asked(endpoint, SUM_UP) == 0


def test_a_recording_deleted_in_between_ends_in_words(endpoint: Sandbox) -> None:
    recording = recorded()
    transcripts.begin(recording.pk)
    Recording.objects.filter(pk=recording.pk).update(state="expired", deleted_at=timezone.now())
    run = worked()
    assert (run.state, run.why) == (
        "incomplete",
        "The recording was deleted before it could be written down.",
    )
    assert (row(recording).state, row(recording).reason, asked(endpoint)) == (
        "failed",
        "no_recording",
        0,
    )
    assert not Incident.objects.exists()


def test_a_file_that_the_storage_lost_ends_in_words(endpoint: Sandbox) -> None:
    recording = recorded()
    Recording.objects.filter(pk=recording.pk).update(key="lost.mp4")
    assert write(recording).outcomes == {"failed": 1}
    assert row(recording).reason == "no_recording"


def test_a_call_deleted_in_between_ends_its_run(endpoint: Sandbox) -> None:
    recording = recorded()
    transcripts.begin(recording.pk)
    Call.objects.all().delete()
    run = worked()
    assert (run.state, run.outcomes, asked(endpoint)) == ("succeeded", {"nothing_to_do": 1}, 0)


def test_what_was_turned_off_in_between_is_not_sent(endpoint: Sandbox) -> None:
    world = World()
    begun, waiting = recorded(world), recorded(world)
    transcripts.begin(begun.pk)
    Transcription.objects.create(recording=waiting)
    services.change_settings(organization=world.organization, call_transcription_enabled=False)
    worked()
    transcripts.sweep()
    assert {
        (transcription.state, transcription.reason) for transcription in Transcription.objects.all()
    } == {("failed", "turned_off")}
    assert asked(endpoint) == 0


def test_a_recording_whose_workers_all_died_fails_with_its_reason(endpoint: Sandbox) -> None:
    recording = recorded()
    transcripts.begin(recording.pk)
    long_ago = timezone.now() - timedelta(hours=1)
    Transcription.objects.update(
        state="working", attempts=writing.PAUSES.attempts, tried_at=long_ago
    )
    run = worked()
    assert (run.state, run.outcomes, asked(endpoint)) == ("incomplete", {"failed": 1}, 0)
    assert (row(recording).state, row(recording).reason) == ("failed", "broke_off")
    assert Incident.objects.filter(closed_at=None).count() == 1


def test_a_row_that_another_holds_is_left_to_it(endpoint: Sandbox) -> None:
    recording = recorded()
    transcripts.begin(recording.pk)
    Transcription.objects.update(state="working", attempts=1, tried_at=timezone.now())
    assert worked().outcomes == {"nothing_to_do": 1}
    assert (row(recording).state, row(recording).attempts, asked(endpoint)) == ("working", 1, 0)


def test_without_a_key_nothing_is_left_waiting(endpoint: Sandbox, settings: Any) -> None:
    Transcription.objects.create(recording=recorded())
    settings.OPENAI_API_KEY = ""
    assert transcripts.sweep() == 0
    assert (Transcription.objects.get().state, Transcription.objects.get().reason) == (
        "failed",
        "turned_off",
    )


def test_a_late_attempt_keeps_nothing(endpoint: Sandbox) -> None:
    recording = recorded()
    transcripts.begin(recording.pk)
    run = Run.objects.get()
    late = Transcription.objects.get()
    Transcription.objects.update(
        state="working", attempts=1, tried_at=timezone.now() - timedelta(hours=1)
    )
    runs.execute(run.pk)
    late.attempts, late.heard_at = 1, timezone.now()
    late.segments = [{"speaker": "", "at": 0, "text": "of the late one"}]
    with pytest.raises(writing.Lost):
        writing._keep_words(late)
    assert "late" not in Transcript.objects.get().text


def test_several_recordings_of_one_call_are_one_transcript(endpoint: Sandbox) -> None:
    world, noon = World(), timezone.now()
    first = recorded(world, started_at=noon)
    second = Recording.objects.create(
        call=first.call, state="available", bucket=s3.BUCKET, key=f"{DEMO_PREFIX}2.mp4",
        started_at=noon + timedelta(seconds=100),
    )  # fmt: skip
    write(second)
    write(first)
    transcript = Transcript.objects.get()
    assert [part["at"] for part in transcript.segments] == [
        0,
        4.2,
        9.8,
        15.5,
        100,
        104.2,
        109.8,
        115.5,
    ]


@pytest.mark.django_db(transaction=True)
def test_ten_that_ask_at_once_pay_once(endpoint: Sandbox) -> None:
    recording = recorded()
    barrier = threading.Barrier(10)

    def ask(_number: int) -> None:
        try:
            barrier.wait()
            transcripts.begin(recording.pk)
            for run_id in Run.objects.values_list("pk", flat=True):
                runs.execute(run_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(ask, range(10)))
    assert (asked(endpoint, HEAR), asked(endpoint, SUM_UP)) == (1, 1)
    assert (Transcript.objects.count(), row(recording).state, row(recording).attempts) == (
        1,
        "done",
        1,
    )
