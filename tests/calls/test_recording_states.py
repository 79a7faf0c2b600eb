"""What LiveKit says of a recording, in any order and as often as it likes,
ends in the same state.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from calls import recordings
from calls.livekit import Egress
from calls.models import Call, Recording
from calls.recordings import states
from core.models import Incident
from tests.calls.recorded import egress, file, made, open_incidents
from tests.calls.rooms import call_in
from tests.support.people import client_of
from tests.support.world import World

START = {"startedAt": "1767225600000000000"}
END = {**START, "endedAt": "1767225661000000000"}
# How it ends: LiveKit's status, whether there is a file, the state, the reason.
ENDS = [
    ("COMPLETE", 1000, "available", ""),
    ("COMPLETE", 0, "failed", "empty"),
    ("COMPLETE", None, "failed", "empty"),
    ("LIMIT_REACHED", 1000, "available", "limit"),
    ("LIMIT_REACHED", None, "failed", "empty"),
    ("FAILED", None, "failed", "failed"),
    ("FAILED", 1000, "available", "broke_off"),
    ("ABORTED", None, "failed", "aborted"),
]


def life_of(recording: Recording, status: str, size: int | None) -> list[Egress]:
    """Everything that is told of it, from the acceptance to the end."""
    last = {
        **END,
        **(file(recording, size) if size is not None else {}),
        "error": "why" if size is None else "",
    }
    return [
        egress(recording, ""),
        egress(recording, "ACTIVE", **START),
        egress(recording, "ACTIVE", **START),
        egress(recording, "ENDING", **START),
        egress(recording, status, **last),
    ]


def evidence(recording: Recording) -> dict[str, Any]:
    recording.refresh_from_db()
    return {
        "state": recording.state,
        "reason": recording.reason,
        "status": recording.egress_status,
        "size": recording.size_bytes,
        "seconds": recording.duration_seconds,
        "started": recording.started_at,
        "ended": recording.ended_at,
    }


class InAnyOrder(TestCase):
    """Without a storage to look at, LiveKit's word is all there is."""

    @settings(max_examples=60, deadline=None)
    @given(end=st.sampled_from(ENDS), data=st.data())
    def test_every_order_and_repetition_ends_the_same(self, end: Any, data: st.DataObject) -> None:
        status, size, state, reason = end
        world = World()
        recording = made(call_in(world))
        deliveries = life_of(recording, status, size)
        order = data.draw(
            st.permutations(
                [*deliveries, *data.draw(st.lists(st.sampled_from(deliveries), max_size=4))]
            )
        )
        highest = 0
        for delivery in order:
            recordings.apply(delivery)
            recording.refresh_from_db()
            assert states.RANK[recording.state] >= highest
            highest = states.RANK[recording.state]
        assert evidence(recording) == {
            "state": state,
            "reason": reason,
            "status": f"EGRESS_{status}",
            "size": size,
            "seconds": 61 if size is not None else None,
            "started": datetime(2026, 1, 1, tzinfo=UTC),
            "ended": datetime(2026, 1, 1, 0, 1, 1, tzinfo=UTC),
        }
        cause = [f"calls.recording_failed:{world.organization.pk}"] if state == "failed" else []
        assert open_incidents() == cause


pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def call(world: World) -> Call:
    return call_in(world)


@pytest.mark.parametrize(
    ("status", "state"),
    [("", "starting"), ("ACTIVE", "active"), ("ENDING", "processing"), ("DREAMING", "starting")],
)
def test_the_states_before_the_end(call: Call, status: str, state: str) -> None:
    recording = made(call)
    assert recordings.apply(egress(recording, status)).state == state


def test_a_recorder_whose_id_was_never_stored_is_known_by_the_key_that_it_writes(
    call: Call,
) -> None:
    recording = made(call, egress_id="")
    recordings.apply(egress(recording, "ACTIVE"))
    recording.refresh_from_db()
    assert (recording.egress_id, recording.state) == ("EG_one", "active")


def test_a_second_recorder_of_the_same_key_changes_nothing(call: Call) -> None:
    recording = made(call, egress_id="EG_first", state="active")
    assert recordings.apply(egress(recording, "FAILED")) is None
    recording.refresh_from_db()
    assert (recording.egress_id, recording.state) == ("EG_first", "active")


def test_an_end_without_an_id_is_never_taken_for_a_recording_that_waits_for_one(call: Call) -> None:
    recording = made(call, egress_id="")
    payload = {
        "roomName": call.room_name,
        "status": "EGRESS_FAILED",
        "error": "no response from servers",
    }
    assert recordings.apply(Egress.read(payload)) is None
    assert recordings.apply(Egress.read({})) is None
    assert (
        recordings.apply(
            Egress.read({"fileResults": [{"filename": "recordings/../../etc/passwd"}]})
        )
        is None
    )
    recording.refresh_from_db()
    assert (recording.state, recording.egress_id) == ("starting", "")
    assert not Incident.objects.exists()


def test_an_end_without_an_id_that_names_the_key_is_the_recordings_own(call: Call) -> None:
    recording = made(call, egress_id="")
    recordings.apply(egress(recording, "FAILED", egressId=""))
    recording.refresh_from_db()
    assert (recording.state, recording.reason) == ("failed", "failed")


def test_what_is_final_stays(call: Call) -> None:
    for state in ("available", "expired"):
        recording = made(call, egress_id="EG_one", state=state)
        before = Recording.objects.values("state", "reason").get(pk=recording.pk)
        for status in ("", "ACTIVE", "ENDING", "FAILED", "ABORTED"):
            recordings.apply(egress(recording, status))
        assert Recording.objects.values("state", "reason").get(pk=recording.pk) == before
        recording.delete()


def test_a_failure_opens_one_incident_for_the_organization_and_the_next_good_one_closes_it(
    call: Call, world: World
) -> None:
    first = made(call)
    recordings.apply(egress(first, "FAILED"))
    recordings.apply(egress(first, "FAILED"))
    second = made(call_in(world), egress_id="EG_two")
    recordings.apply(egress(second, "ABORTED", egressId="EG_two"))
    incident = Incident.objects.get()
    assert incident.cause == f"calls.recording_failed:{world.organization.pk}"
    assert (incident.organization_id, incident.closed_at, incident.times_seen) == (
        world.organization.pk,
        None,
        2,
    )
    assert incident.affected == [str(call.pk), str(second.call_id)]

    third = made(call, egress_id="EG_three")
    recordings.apply(egress(third, "COMPLETE", egressId="EG_three", **file(third)))
    assert open_incidents() == []


def test_the_host_reads_why_in_their_own_language(call: Call, world: World) -> None:
    recordings.apply(egress(made(call), "FAILED", error="pipeline crashed: s3://secret"))
    client = client_of(world.users["CEO"])
    shown = client.get(f"/api/calls/{call.pk}").json()["recording"]
    assert shown == {
        "state": "failed",
        "reason": "The recording broke off, and nothing of it could be kept.",
    }
    assert "reason" in client.get("/api/calls").json()["results"][0]["recording"]


def test_what_is_under_way_is_shown_before_what_can_be_played_and_that_before_the_rest(
    call: Call,
) -> None:
    old = made(call, egress_id="EG_1", state="available")
    failed = made(call, egress_id="EG_2", state="failed")
    assert recordings.shown(call.recordings.all()) == old
    running = made(call, egress_id="EG_3", state="active")
    assert recordings.shown(call.recordings.all()) == running
    assert recordings.shown([failed]) == failed
    assert recordings.shown([]) is None


def test_numbers_beyond_every_column_are_cut_to_what_fits(call: Call) -> None:
    recording = made(call)
    beyond = {
        "filename": recording.key,
        "size": "9999999999999999999",
        "duration": "9999999999999999999",
    }

    recordings.apply(egress(recording, "COMPLETE", **END, fileResults=[beyond]))

    found = evidence(recording)
    assert (found["state"], found["size"], found["seconds"]) == ("available", 2**63 - 1, 2**31 - 1)
