"""A worker that is killed while it starts a recording leaves neither two recorders nor
a recording stuck for ever.
"""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from calls import recordings
from calls.livekit import server
from calls.models import Call, Recording
from tests.calls.recorded import (
    START,
    advance,
    asked,
    call_with_somebody,
    environment,
    the_recording,
)
from tests.support.house import wait_for
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import sys, uuid, django
django.setup()
from calls import recordings
print("ready", flush=True)
recordings.begin(uuid.UUID(sys.argv[1]))
"""


def database_url() -> str:
    own = connection.settings_dict
    return f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"


def begin_and_be_killed(vendors: Sandbox, call: Call) -> None:
    """Another process claims the recording and asks LiveKit, which takes its time;
    then it is no more.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN, str(call.pk)],
        cwd=ROOT,
        env={
            **os.environ,
            **environment(vendors),
            "DATABASE_URL": database_url(),
            "KOPPEL_ALLOW_PRIVATE_HOSTS": vendors.host,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    deadline = time.monotonic() + 20
    while not Recording.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(1)  # long enough for the request to be on its way
    assert (the_recording().state, the_recording().egress_id) == ("starting", "")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def later(seconds: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=True)


def recorders(call: Call) -> list[str]:
    return [egress.egress_id for egress in server().list_egress(room_name=call.room_name)]


def test_between_claim_and_request_the_next_who_asks_starts_it(vendors: Sandbox) -> None:
    call = call_with_somebody(vendors, World())
    vendors.fault("livekit", "latency", path=START, seconds=3, times=1)
    vendors.fault("livekit", "error", path=START, status=502, times=1)  # it never came to LiveKit
    begin_and_be_killed(vendors, call)
    time.sleep(3)
    assert recorders(call) == []

    recordings.begin(call.pk)  # it is not known yet that nobody works on it
    assert recorders(call) == []
    with later(50):
        recordings.sweep()
    assert recorders(call) == [the_recording().egress_id]


def test_between_request_and_answer_the_recorder_is_found_and_kept(vendors: Sandbox) -> None:
    call = call_with_somebody(vendors, World())
    vendors.fault("livekit", "latency", path=START, seconds=3, times=1)
    begin_and_be_killed(vendors, call)
    assert wait_for(lambda: bool(recorders(call)), 20)
    [started] = recorders(call)
    assert the_recording().egress_id == ""

    with later(50):
        recordings.sweep()
        recordings.begin(call.pk)
    assert the_recording().egress_id == started
    assert recorders(call) == [started]
    assert len(asked(vendors, START)) == 1
    advance(vendors, 10)
    with later(100):
        recordings.sweep()
    assert the_recording().state == "active"


def test_after_a_call_that_ended_meanwhile_the_recording_ends_too(vendors: Sandbox) -> None:
    call = call_with_somebody(vendors, World())
    vendors.fault("livekit", "latency", path=START, seconds=3, times=1)
    vendors.fault("livekit", "error", path=START, status=502, times=1)
    begin_and_be_killed(vendors, call)
    time.sleep(3)
    Call.objects.update(status="COMPLETED", ended_at=timezone.now())
    with later(50):
        recordings.sweep()
    assert (the_recording().state, the_recording().reason) == ("failed", "call_over")
    assert recorders(call) == []
