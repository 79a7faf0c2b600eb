"""Where LiveKit's webhooks were lost, a call is as long as its recording says,
and no longer than it can have been.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from calls import reconcile, recordings, tasks
from calls.models import Call, CallParticipant
from tests.calls import test_reconcile
from tests.calls.recorded import egress, file, made
from tests.calls.rooms import NINE, deliver, joined, left, livekit, unix  # noqa: F401
from tests.calls.test_reconcile import Server, state

# The same LiveKit, and the same call.
call, server, world = test_reconcile.call, test_reconcile.server, test_reconcile.world
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("livekit")]


def seconds(count: int) -> datetime:
    return NINE + timedelta(seconds=count)


def ada_was_last_seen_after_24_seconds(call: Call, server: Server) -> None:
    server.open(call, "ada:PA_1")
    reconcile.sweep(seconds(24))
    server.close(call)
    reconcile.sweep(seconds(84))


def recorded_until(call: Call, ended: datetime, jobs: Any, **more: Any) -> None:
    """The one webhook that came through: its recording is over."""
    recording = made(call, state="active")
    times = {"startedAt": f"{unix(NINE)}000000000", "endedAt": f"{unix(ended)}000000000"}
    fields = {**times, "roomId": "RM_one", "error": "", **more}
    with jobs() as queued:
        recordings.apply(egress(recording, "COMPLETE", **fields, **file(recording)))
    assert "calls.settle" in str(queued)


def test_where_webhooks_were_lost_the_recording_says_how_long_a_call_was(
    call: Call, server: Server, django_capture_on_commit_callbacks: Any
) -> None:
    server.open(call, "ada:PA_1", "grace:PA_2", "EG_1:PA_r")
    reconcile.sweep(seconds(24))
    server.close(call)
    reconcile.sweep(seconds(84))
    assert state(call) == ("COMPLETED", NINE, seconds(24), 24)

    recorded_until(call, seconds(82), django_capture_on_commit_callbacks)
    tasks.settle(str(call.pk))

    assert state(call) == ("COMPLETED", NINE, seconds(82), 82)
    # Which of them was in for so long is not proven.
    assert set(CallParticipant.objects.values_list("total_seconds", flat=True)) == {24}


def test_the_next_look_finds_the_end_where_its_job_was_lost(
    call: Call, server: Server, django_capture_on_commit_callbacks: Any
) -> None:
    server.open(call, "ada:PA_1")
    reconcile.sweep(seconds(24))
    server.close(call)
    recorded_until(call, seconds(82), django_capture_on_commit_callbacks)

    reconcile.sweep(seconds(84))

    assert state(call) == ("COMPLETED", NINE, seconds(82), 82)


def test_nobody_was_in_after_the_look_that_did_not_find_them(
    call: Call, server: Server, django_capture_on_commit_callbacks: Any
) -> None:
    server.open(call, "ada:PA_1", "EG_1:PA_r")
    reconcile.sweep(seconds(24))
    server.open(call, "EG_1:PA_r")
    reconcile.sweep(seconds(84))

    # A recorder that did not notice, and was stopped.
    recorded_until(call, seconds(300), django_capture_on_commit_callbacks)
    tasks.settle(str(call.pk))

    assert state(call) == ("COMPLETED", NINE, seconds(84), 84)


def test_a_recorder_that_stayed_longer_than_the_last_one_told_to_have_left_changes_nothing(
    call: Call, server: Server, django_capture_on_commit_callbacks: Any
) -> None:
    deliver(joined(call, "ada", "PA_1", NINE))
    deliver(left(call, "ada", "PA_1", NINE, seconds(81)))

    recorded_until(call, seconds(86), django_capture_on_commit_callbacks)
    tasks.settle(str(call.pk))

    assert state(call) == ("COMPLETED", NINE, seconds(81), 81)


def test_the_leaving_of_a_recorder_is_a_sign_of_life_too(call: Call, server: Server) -> None:
    server.open(call, "ada:PA_1", "EG_1:PA_r")
    reconcile.sweep(seconds(24))
    server.close(call)
    reconcile.sweep(seconds(84))

    deliver(left(call, "EG_1", "PA_r", NINE, seconds(80), kind="EGRESS"))

    assert state(call) == ("COMPLETED", NINE, seconds(80), 80)


def test_a_recording_of_another_session_says_nothing_of_this_one(
    call: Call, server: Server, django_capture_on_commit_callbacks: Any
) -> None:
    ada_was_last_seen_after_24_seconds(call, server)

    recorded_until(call, seconds(82), django_capture_on_commit_callbacks, roomId="RM_two")
    tasks.settle(str(call.pk))

    assert state(call) == ("COMPLETED", NINE, seconds(24), 24)


def test_a_recording_that_never_began_says_nothing(
    call: Call, server: Server, django_capture_on_commit_callbacks: Any
) -> None:
    ada_was_last_seen_after_24_seconds(call, server)
    recording = made(call, state="starting")

    with django_capture_on_commit_callbacks():
        fields = {"startedAt": "0", "endedAt": f"{unix(seconds(82))}000000000", "roomId": "RM_one"}
        recordings.apply(egress(recording, "ABORTED", **fields))
    tasks.settle(str(call.pk))

    assert state(call) == ("COMPLETED", NINE, seconds(24), 24)
