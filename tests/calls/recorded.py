"""Calls that are recorded, on the stand-ins of LiveKit and the storage;
their time passes when a test says so.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from calls import recordings
from calls.livekit import Egress, server
from calls.models import Call, Recording
from calls.recordings import states
from core.models import Incident
from sandbox.vendors import s3
from sandbox.vendors.livekit import API_KEY, API_SECRET
from tests.calls.rooms import call_in
from tests.support.sandbox import Sandbox
from tests.support.world import World

START = "/twirp/livekit.Egress/StartRoomCompositeEgress"
STOP = "/twirp/livekit.Egress/StopEgress"
LIST = "/twirp/livekit.Egress/ListEgress"


def environment(sandbox: Sandbox) -> dict[str, str]:
    """What an installation sets that uses both stand-ins."""
    return {
        "LIVEKIT_API_URL": sandbox.url("livekit"),
        "LIVEKIT_API_KEY": API_KEY,
        "LIVEKIT_API_SECRET": API_SECRET,
        "RECORDINGS_S3_BUCKET": s3.BUCKET,
        "RECORDINGS_S3_ENDPOINT": sandbox.url("s3"),
        "RECORDINGS_S3_REGION": s3.REGION,
        "RECORDINGS_S3_ACCESS_KEY": s3.ACCESS_KEY,
        "RECORDINGS_S3_SECRET_KEY": s3.SECRET_KEY,
    }


def call_with_somebody(vendors: Sandbox, world: World) -> Call:
    """A call with one person in it."""
    call = call_in(world)
    come_in(vendors, call)
    return call


def come_in(vendors: Sandbox, call: Call, who: str = "ann") -> None:
    vendors.act("livekit", "join", room=call.room_name, identity=who)
    Call.objects.filter(pk=call.pk).update(
        status="ONGOING", started_at=datetime.now(UTC) - timedelta(minutes=2)
    )


def everybody_leaves(vendors: Sandbox, call: Call, minutes_ago: float = 0) -> None:
    vendors.act("livekit", "leave", room=call.room_name, identity="ann")
    ended = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    Call.objects.filter(pk=call.pk).update(
        status="COMPLETED", started_at=ended - timedelta(minutes=10), ended_at=ended
    )


def advance(vendors: Sandbox, seconds: float) -> None:
    vendors.act("livekit", "advance", seconds=seconds)


def ask_again() -> None:
    """The next round of the timer, whenever the last one was."""
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    Recording.objects.update(checked_at=long_ago)
    recordings.sweep()


def asked(vendors: Sandbox, path: str) -> list[dict[str, Any]]:
    return vendors.journal("livekit", path)


def objects(vendors: Sandbox) -> dict[str, int]:
    found: dict[str, int] = vendors.act("s3", "objects")[s3.BUCKET]
    return found


def the_recording() -> Recording:
    return Recording.objects.get()


def available(vendors: Sandbox, world: World) -> Recording:
    """Recorded from start to end, its file seen in the storage."""
    call = call_with_somebody(vendors, world)
    recordings.begin(call.pk)
    advance(vendors, 60)
    everybody_leaves(vendors, call)
    advance(vendors, 60)
    recording = Recording.objects.get(call=call)
    recordings.apply(server().list_egress(egress_id=recording.egress_id)[0])
    recordings.settle(recording.pk)
    recording.refresh_from_db()
    assert recording.state == "available"
    return recording


def made(call: Call, **values: Any) -> Recording:
    """A row as `begin` leaves it."""
    recording = Recording(call=call, bucket=s3.BUCKET, **{"egress_id": "EG_one", **values})
    recording.key = states.key_for(recording.pk, call.pk, call.organization_id)
    recording.save()
    return recording


def egress(recording: Recording, status: str = "", **more: Any) -> Egress:
    """What a webhook says of it."""
    info = {
        "egressId": "EG_one",
        "roomComposite": {"fileOutputs": [{"filepath": recording.key}]},
        **more,
    }
    return Egress.read({**info, **({"status": f"EGRESS_{status}"} if status else {})})


def file(recording: Recording, size: int = 1000) -> dict[str, Any]:
    return {
        "fileResults": [
            {
                "filename": recording.key,
                "size": str(size),
                "duration": "61499999999",
                "startedAt": "1767225600000000000",
                "endedAt": "1767225661000000000",
            }
        ]
    }


def open_incidents() -> list[str]:
    return list(Incident.objects.filter(closed_at=None).values_list("cause", flat=True))
