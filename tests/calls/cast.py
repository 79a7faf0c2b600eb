"""Calls for these tests: one road in, as everywhere."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from calls import library
from calls.models import Call
from tests.support.world import World

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def fathom_call(world: World, **more: Any) -> Call:
    """Half an hour with the world's rep, recorded by Fathom."""
    data: dict[str, Any] = {
        "organization_id": world.organization.pk,
        "source": "fathom",
        "external_id": uuid.uuid4().hex,
        "rep_id": world.rep.pk,
        "title": f"Discovery {world.word}".strip(),
        "status": "COMPLETED",
        "started_at": NOON,
        "ended_at": NOON + timedelta(minutes=30),
        "url": "https://fathom.video/calls/1",
    }
    return library.store_call(**{**data, **more})[0]


def native_call(world: World, appointment: Any = None, **more: Any) -> Call:
    """The call of the world's meeting."""
    meeting = appointment or world.appointment
    data: dict[str, Any] = {
        "organization_id": world.organization.pk,
        "source": "native",
        "appointment_id": meeting.pk,
        "lead_id": meeting.lead_id,
        "title": meeting.title,
        "scheduled_start": meeting.starts_at,
        "scheduled_end": meeting.ends_at,
    }
    return library.store_call(**{**data, **more})[0]
