"""Two hundred calls, with every webhook lost and with all of them repeated and shuffled:
each is known as it was.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from calls.recordings.trouble import cause_of
from core.models import Incident
from tests.calls.script import EGRESS, Post, Scripted, Stage, begin_of_time, state
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
IN_FULL = [pytest.mark.prove, pytest.mark.timeout(1800)]
SIZES = [pytest.param(27, marks=pytest.mark.long(20)), pytest.param(200, marks=IN_FULL)]
# LiveKit is asked once a minute: what nobody told is known that exactly.
A_MINUTE = timedelta(seconds=75)
# Times in webhooks are whole seconds.
A_SECOND = timedelta(seconds=1)
# LiveKit shuts a room twenty seconds after the last one left. A recorder stays in until then:
# where nothing but a recording's end is known, the call's end may be that much late.
SHUTS = timedelta(seconds=22)


@pytest.fixture
def stage(calls_stand_ins: Sandbox) -> Iterator[Stage]:
    begins = begin_of_time()
    with time_machine.travel(begins, tick=False) as travel:
        yield Stage(calls_stand_ins, begins, travel)


def wrong(call: Scripted, found: dict[str, Any], slack: timedelta) -> list[str]:
    """What of this call is not as it was."""
    faults = list(_wrong_people(call, found["stays"], slack))
    recorded = EGRESS[call.egress] if call.stays else ""
    right = {
        "status": found["status"] == "COMPLETED",
        "started": _near(found["started"], call.started, A_SECOND),
        "ended": _near(
            found["ended"],
            call.ended,
            slack,
            late=SHUTS if slack > A_SECOND and recorded else A_SECOND,
        ),
        "seconds": _near_seconds(
            found["seconds"], call.seconds if call.stays else None, slack * (call.session + 1)
        ),
        "recording": found["recording"] == recorded,
    }
    true = f"{call.started} to {call.ended}, {call.seconds} s, {recorded}"
    faults += [
        f"{name}: {found[name]}, where it was {true}" for name, holds in right.items() if not holds
    ]
    return [f"{call.number} {call.shape} {call.egress} {fault}" for fault in faults]


def _wrong_people(call: Scripted, stays: list[Any], slack: timedelta) -> Iterator[str]:
    true = {stay.sid: stay for stay in call.stays}
    if sorted(true) != [sid for sid, *_ in stays]:
        yield f"stays {stays}, where there were {true}"
        return
    for sid, identity, joined, left, seconds in stays:
        stay = true[sid]
        took = (stay.left - stay.joined).total_seconds() if stay.left else None
        same = (
            identity == stay.identity
            and _near(joined, stay.joined, A_SECOND)
            and _near(left, stay.left, slack)
        )
        if not (same and _near_seconds(seconds, took, slack)):
            yield f"{sid} was in {joined} to {left}, {seconds} s, where it was {stay}"


def _near(
    found: datetime | None, true: datetime | None, slack: timedelta, late: timedelta = A_SECOND
) -> bool:
    """Not much earlier than it was, and hardly later."""
    if found is None or true is None:
        return found is true
    return -late <= true - found <= slack


def _near_seconds(found: int | None, true: float | None, slack: timedelta) -> bool:
    if found is None or true is None:
        return found is true
    return abs(true - found) <= slack.total_seconds() + 1


def check(stage: Stage, slack: timedelta) -> None:
    faults = [
        fault for call in stage.calls for fault in wrong(call, stage.looked[call.number], slack)
    ]
    assert faults == []
    # What comes later changes nothing any more.
    assert [call.number for call in stage.calls if state(call) != stage.looked[call.number]] == []
    named = {
        call_id
        for incident in Incident.objects.filter(cause=cause_of(stage.world.organization.pk))
        for call_id in incident.affected
    }
    failed = {
        str(call.appointment.call.pk) for call in stage.calls if EGRESS[call.egress] == "failed"
    }
    assert len(failed) > 2
    assert failed <= named


@pytest.mark.parametrize("count", SIZES)
def test_with_every_webhook_lost_each_call_is_known_within_five_minutes_of_its_end(
    count: int, stage: Stage
) -> None:
    stage.write(count, shortest=75)

    stage.play(lambda: None)

    check(stage, A_MINUTE)


@pytest.mark.parametrize("count", SIZES)
def test_with_all_webhooks_repeated_and_shuffled_each_call_is_known_exactly(
    count: int, stage: Stage
) -> None:
    stage.write(count, shortest=25)
    post = Post(stage, copies=3, latest=timedelta(minutes=3))

    stage.play(post.deliver)

    check(stage, A_SECOND)
    assert post.delivered > 3 * 5 * count
