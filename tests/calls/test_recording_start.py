"""A call is recorded once, whoever asks: from the first one in, if its organization wants it."""

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from calls import recordings
from calls.models import Call, Recording
from calls.tasks import start_recording
from core.models import ApiCall
from crm import services
from sandbox.vendors import s3
from tests.calls.cast import fathom_call
from tests.calls.recorded import (
    START,
    advance,
    asked,
    call_with_somebody,
    come_in,
    made,
    open_incidents,
    the_recording,
)
from tests.calls.rooms import call_in
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def later(seconds: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=True)


def test_where_there_are_no_recorders_none_is_asked_for(
    vendors: Sandbox, world: World, settings: Any
) -> None:
    settings.LIVEKIT_EGRESS = False
    call = call_with_somebody(vendors, world)
    assert recordings.begin(call.pk) is True
    assert asked(vendors, START) == []
    assert not Recording.objects.exists()


def test_the_order_names_the_room_and_a_key_of_ours_and_carries_the_storage(
    vendors: Sandbox, world: World
) -> None:
    call = call_with_somebody(vendors, world)
    assert recordings.begin(call.pk) is True

    recording = the_recording()
    [order] = asked(vendors, START)
    key = f"recordings/{world.organization.pk}/{call.pk}/{recording.pk}.mp4"
    body = json.loads(order["body"])
    assert (body["room_name"], body["layout"]) == (call.room_name, "grid")
    [output] = body["file_outputs"]
    assert (output["filepath"], output["disable_manifest"]) == (key, True)
    assert output["s3"] == {
        "access_key": s3.ACCESS_KEY,
        "secret": s3.SECRET_KEY,
        "region": s3.REGION,
        "bucket": s3.BUCKET,
        "endpoint": vendors.url("s3"),
        "force_path_style": True,
    }
    assert (recording.bucket, recording.key, recording.state) == (s3.BUCKET, key, "starting")
    assert recording.egress_id.startswith("EG_")
    logged = ApiCall.objects.get(endpoint="/livekit" + START)
    assert (logged.organization_id, logged.success) == (world.organization.pk, True)


def test_whoever_asks_again_starts_nothing_more(vendors: Sandbox, world: World) -> None:
    call = call_with_somebody(vendors, world)
    for _ in range(3):
        assert recordings.begin(call.pk) is True
    advance(vendors, 10)
    recordings.sweep()
    assert len(asked(vendors, START)) == 1
    assert Recording.objects.count() == 1


def test_nothing_is_kept_of_a_start_before_the_room_is_open(vendors: Sandbox, world: World) -> None:
    call = call_in(world)
    assert recordings.begin(call.pk) is False
    assert not Recording.objects.exists()
    # LiveKit's 404 is expected, and no success.
    assert {row.success for row in ApiCall.objects.filter(endpoint="/livekit" + START)} == {None}
    assert open_incidents() == []
    come_in(vendors, call)
    assert recordings.begin(call.pk) is True
    assert the_recording().egress_id


def test_the_task_asks_again_while_the_room_is_not_open_and_then_leaves_it_to_the_timer(
    vendors: Sandbox, world: World
) -> None:
    call = call_in(world)
    start_recording.apply(args=[str(call.pk)])  # retries run at once when applied here
    assert len(asked(vendors, START)) == 5
    assert not Recording.objects.exists()


def test_the_timer_starts_what_no_webhook_asked_for(vendors: Sandbox, world: World) -> None:
    call = call_with_somebody(vendors, world)
    recordings.sweep()
    assert the_recording().call == call
    assert the_recording().egress_id


@pytest.mark.parametrize("why", ["turned off", "over", "of Fathom", "no LiveKit", "gone"])
def test_what_is_not_to_be_recorded_is_not(
    vendors: Sandbox, world: World, settings: Any, why: str
) -> None:
    call = call_with_somebody(vendors, world)
    if why == "turned off":
        services.change_settings(organization=world.organization, call_recording_enabled=False)
    elif why == "over":
        Call.objects.filter(pk=call.pk).update(status="COMPLETED")
    elif why == "of Fathom":
        call = fathom_call(world, status="ONGOING", ended_at=None)
        Call.objects.exclude(pk=call.pk).update(status="COMPLETED")
    elif why == "no LiveKit":
        settings.LIVEKIT_API_SECRET = ""
    else:
        Call.objects.all().delete()
    assert recordings.begin(call.pk) is True
    recordings.sweep()
    assert not Recording.objects.exists()
    assert asked(vendors, START) == []


@pytest.mark.parametrize("address", ["http://10.0.0.7:9000", "http://storage.example.com", "none"])
def test_without_a_storage_that_may_be_called_no_key_leaves_the_house_and_the_host_is_told(
    vendors: Sandbox, world: World, settings: Any, address: str
) -> None:
    if address == "none":
        settings.RECORDINGS_S3_BUCKET = ""
    else:
        settings.RECORDINGS_S3_ENDPOINT = address
    call = call_with_somebody(vendors, world)
    assert recordings.begin(call.pk) is True
    with later(3600):
        recordings.begin(call.pk)
    recording = the_recording()
    assert (recording.state, recording.reason) == ("failed", "no_storage")
    assert asked(vendors, START) == []
    assert open_incidents() == [f"calls.recording_failed:{world.organization.pk}"]


def test_no_recorder_free_is_tried_again_after_looking_whether_one_came_after_all(
    vendors: Sandbox, world: World
) -> None:
    call = call_with_somebody(vendors, world)
    vendors.act("livekit", "plan", room=call.room_name, egress=["no_worker"])
    assert recordings.begin(call.pk) is False
    assert (the_recording().state, the_recording().egress_id) == ("starting", "")
    assert recordings.begin(call.pk) is True  # somebody has it: nothing is sent
    assert len(asked(vendors, START)) == 1
    with later(46):
        assert recordings.begin(call.pk) is True
    assert the_recording().egress_id
    assert len(asked(vendors, START)) == 2


def test_what_does_not_begin_within_four_minutes_has_failed(vendors: Sandbox, world: World) -> None:
    call = call_with_somebody(vendors, world)
    vendors.turn("livekit", egress="no_worker")
    recordings.begin(call.pk)
    with later(241):
        recordings.sweep()
    assert (the_recording().state, the_recording().reason) == ("failed", "not_started")


def test_a_refusal_fails_at_once_and_is_tried_three_times_with_a_pause(
    vendors: Sandbox, world: World
) -> None:
    call = call_with_somebody(vendors, world)
    vendors.fault("livekit", "forbidden", path=START)
    recordings.begin(call.pk)
    recordings.begin(call.pk)
    assert (the_recording().state, the_recording().reason) == ("failed", "refused")
    for minute in range(1, 8):
        with later(65 * minute):
            recordings.begin(call.pk)
    assert Recording.objects.filter(state="failed").count() == 3
    assert len(asked(vendors, START)) == 3


def test_what_broke_off_is_recorded_anew_while_the_call_goes_on(
    vendors: Sandbox, world: World
) -> None:
    call = call_with_somebody(vendors, world)
    made(call, state="failed", reason="failed")
    assert recordings.begin(call.pk) is True
    assert Recording.objects.count() == 1
    with later(61):
        recordings.sweep()
    assert [recording.state for recording in call.recordings.all()] == ["starting", "failed"]


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_start_one_recorder(vendors: Sandbox) -> None:
    call = call_with_somebody(vendors, World())
    start = threading.Barrier(20)
    answers: list[bool] = []

    def ask() -> None:
        start.wait()
        try:
            answers.append(recordings.begin(call.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 20
    assert len(asked(vendors, START)) == 1
    assert the_recording().egress_id.startswith("EG_")


@pytest.mark.django_db(transaction=True)
def test_two_who_find_a_claim_left_behind_start_one_recorder(vendors: Sandbox) -> None:
    call = call_with_somebody(vendors, World())
    made(call, egress_id="", checked_at=timezone.now() - timedelta(minutes=1))
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        try:
            recordings.begin(call.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    with transaction.atomic():
        # All have read it as it was before the first may change it.
        Recording.objects.select_for_update().get()
        for thread in threads:
            thread.start()
        time.sleep(1)
    for thread in threads:
        thread.join()
    assert len(asked(vendors, START)) == 1
    assert Recording.objects.count() == 1
