"""With every webhook lost, each recording still comes to its end:
LiveKit and the storage are asked for the truth.
"""

import urllib.error
import urllib.request
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from calls import recordings
from calls.livekit import server
from calls.models import Call, Recording
from core.models import ApiCall
from crm import events, services
from sandbox.vendors import s3
from tests.calls.recorded import (
    LIST,
    STOP,
    advance,
    ask_again,
    asked,
    call_with_somebody,
    everybody_leaves,
    objects,
    open_incidents,
    the_recording,
)  # fmt: skip
from tests.support.people import client_of
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def call(vendors: Sandbox, world: World) -> Call:
    """Being recorded."""
    call = call_with_somebody(vendors, world)
    recordings.begin(call.pk)
    return call


def later(**span: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**span), tick=True)


def states() -> tuple[str, str]:
    recording = the_recording()
    return recording.state, recording.reason


def test_from_start_to_a_file_that_the_storage_was_seen_to_hold(
    vendors: Sandbox, call: Call, world: World
) -> None:
    assert states() == ("starting", "")
    advance(vendors, 30)
    ask_again()
    assert states() == ("active", "")
    everybody_leaves(vendors, call)
    recordings.stop_recordings(call.pk)
    assert states() == ("processing", "")
    advance(vendors, 60)
    ask_again()

    recording = the_recording()
    assert (recording.state, recording.reason, recording.egress_status) == (
        "available",
        "",
        "EGRESS_COMPLETE",
    )
    assert recording.size_bytes == objects(vendors)[recording.key]
    assert recording.verified_at is not None
    assert recording.duration_seconds == 27
    assert open_incidents() == []
    shown = client_of(world.users["CEO"]).get(f"/api/calls/{call.pk}").json()["recording"]
    assert shown["state"] == "available"
    assert shown["url"].startswith(f"{vendors.url('s3')}/{s3.BUCKET}/{recording.key}?")
    assert [
        row.endpoint.partition("?")[0] for row in ApiCall.objects.filter(vendor="recordings")
    ] == [f"/s3/{s3.BUCKET}/{recording.key}"]


def test_a_link_plays_in_the_page_and_in_parts(vendors: Sandbox, call: Call) -> None:
    advance(vendors, 30)
    everybody_leaves(vendors, call)
    advance(vendors, 60)
    ask_again()

    link = recordings.link(the_recording())
    assert link is not None
    with urllib.request.urlopen(
        urllib.request.Request(link, headers={"Range": "bytes=0-99"})
    ) as answer:
        assert (answer.status, len(answer.read())) == (206, 100)
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    with later(minutes=16), pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link)


@pytest.mark.parametrize(
    ("plan", "state", "reason"),
    [
        ("fails", "failed", "failed"),
        ("aborts", "failed", "aborted"),
        ("limit", "available", "limit"),
        ("limit_without_file", "failed", "empty"),
    ],
)
def test_each_end_that_livekit_can_tell(
    vendors: Sandbox, world: World, plan: str, state: str, reason: str
) -> None:
    vendors.turn("livekit", egress=plan)
    call = call_with_somebody(vendors, world)
    recordings.begin(call.pk)
    advance(vendors, 120)
    ask_again()
    recording = Recording.objects.earliest(
        "created_at"
    )  # where it reached its limit, the next has begun
    assert (recording.state, recording.reason) == (state, reason)
    failed = [f"calls.recording_failed:{world.organization.pk}"] if state == "failed" else []
    assert open_incidents() == failed


@pytest.mark.parametrize("plan", ["never_starts", "never_ends"])
def test_what_is_stuck_is_late_within_five_minutes_of_the_end(
    vendors: Sandbox, world: World, plan: str
) -> None:
    vendors.turn("livekit", egress=plan)
    call = call_with_somebody(vendors, world)
    recordings.begin(call.pk)
    advance(vendors, 30)
    everybody_leaves(vendors, call, minutes_ago=3)
    ask_again()
    assert the_recording().state in ("starting", "processing")
    with later(minutes=1):
        ask_again()
    assert states() == ("failed", "late")
    assert open_incidents() == [f"calls.recording_failed:{world.organization.pk}"]


def test_what_came_late_is_shown_after_all_and_the_incident_is_over(
    vendors: Sandbox, call: Call
) -> None:
    advance(vendors, 30)
    everybody_leaves(vendors, call, minutes_ago=5)
    vendors.fault("livekit", "error", status=503)
    ask_again()
    assert states() == ("failed", "late")
    vendors.heal("livekit")
    advance(vendors, 60)
    recordings.sweep()  # not every minute
    assert states() == ("failed", "late")
    with later(minutes=11):
        recordings.sweep()
    assert states() == ("available", "")
    assert open_incidents() == []


def test_where_livekit_knows_nothing_any_more_the_storage_decides(
    vendors: Sandbox, call: Call
) -> None:
    advance(vendors, 30)
    everybody_leaves(vendors, call)
    advance(vendors, 25 * 3600)
    ask_again()
    assert states() == (
        "starting",
        "",
    )  # one that has just begun may not have come round to LiveKit
    with later(minutes=2):
        ask_again()
    recording = the_recording()
    assert (recording.state, recording.reason) == ("available", "unconfirmed")
    assert recording.size_bytes == objects(vendors)[recording.key]


def test_where_nobody_knows_anything_it_is_lost(vendors: Sandbox, call: Call) -> None:
    Recording.objects.update(egress_id="EG_unheard_of")
    with later(minutes=2):
        ask_again()
    assert states() == ("failed", "lost")


def test_a_file_that_is_not_where_livekit_put_it_has_not_arrived(
    vendors: Sandbox, call: Call
) -> None:
    advance(vendors, 30)
    everybody_leaves(vendors, call)
    advance(vendors, 60)
    vendors.act("s3", "forget", bucket=s3.BUCKET, key=the_recording().key)
    ask_again()
    assert states() == ("failed", "missing")


def test_a_storage_that_does_not_answer_is_waited_for_and_then_livekits_word_counts(
    vendors: Sandbox, call: Call
) -> None:
    advance(vendors, 30)
    everybody_leaves(vendors, call)
    advance(vendors, 60)
    vendors.fault("s3", "error", status=503)
    ask_again()
    assert states() == ("processing", "")
    with later(minutes=6):
        ask_again()
    recording = the_recording()
    assert (recording.state, recording.verified_at) == ("available", None)
    assert recording.size_bytes


def test_a_key_that_may_only_write_takes_livekits_word(vendors: Sandbox, call: Call) -> None:
    advance(vendors, 30)
    everybody_leaves(vendors, call)
    advance(vendors, 60)
    vendors.fault("s3", "forbidden")
    ask_again()
    assert (the_recording().state, the_recording().verified_at) == ("available", None)


def test_turned_off_during_a_call_it_stops_and_what_there_is_stays(
    vendors: Sandbox, call: Call, world: World, django_capture_on_commit_callbacks: Any
) -> None:
    advance(vendors, 30)
    ask_again()
    services.change_settings(organization=world.organization, call_recording_enabled=False)
    recordings.stop_recordings(call.pk)
    advance(vendors, 10)
    ask_again()
    assert states() == ("available", "turned_off")
    [recorder] = server().list_egress(room_name=call.room_name)
    assert recorder.is_over
    shown = client_of(world.users["CEO"]).get(f"/api/calls/{call.pk}").json()["recording"]
    assert shown["reason"].startswith("Recording was turned off during the call.")


def test_the_timer_stops_it_too(vendors: Sandbox, call: Call, world: World) -> None:
    advance(vendors, 30)
    services.change_settings(organization=world.organization, call_recording_enabled=False)
    ask_again()
    assert len(asked(vendors, STOP)) == 1
    assert the_recording().state == "processing"


def test_choosing_anew_is_told_to_the_calls_that_are_held(
    vendors: Sandbox, call: Call, world: World, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as queued:
        services.change_settings(organization=world.organization, call_recording_enabled=False)
        events.tell(events.settings_changed, organization_id=world.organization.pk)
    orders = [
        job.args
        for job in queued
        if isinstance(job, partial) and str(job.args[0]).startswith("calls.")
    ]
    assert orders == [("calls.end_recording", str(call.pk))]


def test_stopping_twice_and_what_is_over_is_no_fault(vendors: Sandbox, call: Call) -> None:
    advance(vendors, 30)
    everybody_leaves(vendors, call)
    for _ in range(2):
        recordings.stop_recordings(call.pk)
    advance(vendors, 60)
    recordings.stop_recordings(call.pk)
    ask_again()
    assert states() == ("available", "")


def test_a_livekit_that_does_not_answer_is_asked_once_and_not_once_for_each(
    vendors: Sandbox, call: Call, world: World
) -> None:
    for _ in range(3):
        recordings.begin(call_with_somebody(vendors, world).pk)
    vendors.forget()
    vendors.fault("livekit", "error", status=503)
    ask_again()
    assert len(asked(vendors, LIST)) <= 3  # one call, with its own repetitions
    assert set(Recording.objects.values_list("state", flat=True)) == {"starting"}


def test_a_call_that_goes_while_it_is_asked_about_stops_nothing(
    vendors: Sandbox, call: Call
) -> None:
    recording = the_recording()
    Recording.objects.all().delete()
    with pytest.raises(Recording.DoesNotExist):
        recordings.check(recording)
    assert recordings.sweep() == 0
