"""Calls that were recorded and are written down by the stand-in of OpenAI's API."""

from typing import Any

from django.utils import timezone

from calls import transcripts
from calls.models import CallParticipant, Recording, Transcription
from core import redis, runs
from core.models import Run
from crm import services
from sandbox.vendors import s3
from sandbox.vendors.s3 import DEMO_PREFIX
from tests.calls.cast import native_call
from tests.support.sandbox import Sandbox
from tests.support.world import World

HEAR, SUM_UP = "/v1/audio/transcriptions", "/v1/chat/completions"


def free_the_quota() -> None:
    """Tests ask more in a minute than one account may."""
    for key in redis.connection().scan_iter("koppel:quota:{openai:*"):
        redis.connection().delete(key)


def recorded(
    world: World | None = None, *, chosen: bool = True, people: int = 1, **more: Any
) -> Recording:
    """A call that was held and recorded, of an organization that chose to have it written down."""
    world = world or World()
    services.change_settings(organization=world.organization, call_transcription_enabled=chosen)
    call = native_call(world, world.book(), status="COMPLETED")
    for number in range(people):
        CallParticipant.objects.create(
            call=call, joined_at=timezone.now(), sid=f"PA_{number}", identity=f"p{number}"
        )
    CallParticipant.objects.create(
        call=call, kind="recorder", joined_at=timezone.now(), sid="PA_r", identity="EG_1"
    )
    facts = {
        "state": "available",
        "bucket": s3.BUCKET,
        "duration_seconds": 24,
        "size_bytes": 27_202,
        **more,
    }
    return Recording.objects.create(call=call, key=f"{DEMO_PREFIX}{call.pk}.mp4", **facts)


def write(recording: Recording) -> Run:
    """Begin it and work what was begun, as the queue does."""
    assert transcripts.begin(recording.pk)
    return worked()


def worked() -> Run:
    run = Run.objects.filter(kind=transcripts.KIND.key).latest("created_at")
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def row(recording: Recording) -> Transcription:
    return Transcription.objects.get(pk=recording.pk)


def asked(vendors: Sandbox, path: str = "") -> int:
    return len(vendors.journal("openai", path))
