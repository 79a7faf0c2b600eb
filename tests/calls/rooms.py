"""A LiveKit of made-up keys for these tests: its webhooks, signed as it signs them,
and rooms as it tells of them.
"""

import base64
import hashlib
import itertools
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from django.test import Client

from calls.models import Call
from calls.services.entering import call_of
from core import inbox
from core.models import InboundEvent
from crm.models import Appointment
from tests.support.world import World

KEY = "APIdevTestKey01"
SECRET = "made-up-livekit-secret-0123456789abcdef"
URL = "wss://video.example.com"
BASE = "https://video.example.com/twirp/livekit."
ADDRESSES = ("/webhooks/livekit", "/api/webhooks/livekit")
NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

_numbers = itertools.count(1)


@pytest.fixture
def livekit(settings: Any) -> None:
    """Calls can be held."""
    settings.LIVEKIT_API_URL, settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = (
        URL,
        KEY,
        SECRET,
    )


def authorization(body: bytes, secret: str = SECRET, **changes: Any) -> str:
    now = int(time.time())
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": KEY, "exp": now + 300, "nbf": now, "iat": now, "sha256": digest, **changes}
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None},
        secret,
        algorithm="HS256",
    )


def post(
    body: bytes, token: str | None = None, path: str = ADDRESSES[0], client: Client | None = None
) -> Any:
    headers = {
        "Authorization": authorization(body) if token is None else token,
        "User-Agent": "LiveKit",
    }
    sender = client or Client(raise_request_exception=False)
    return sender.post(path, body, content_type="application/webhook+json", headers=headers)


def deliver(payload: dict[str, Any]) -> None:
    """One webhook, taken and worked."""
    response = post(json.dumps(payload).encode())
    assert response.status_code == 200, response.content
    for event in InboundEvent.objects.filter(source="livekit", processing_status="pending"):
        inbox.work(event.id)
    failed = InboundEvent.objects.exclude(processing_error="")
    assert [event.processing_error for event in failed] == []


def event(
    name: str, call: Call, at: datetime, session: str = "RM_one", **more: Any
) -> dict[str, Any]:
    """As LiveKit writes it: camelCase, numbers of 64 bits as strings, and nothing that is zero."""
    return {
        "event": name,
        "room": {"sid": session, "name": call.room_name, "creationTime": str(unix(NINE))},
        "id": f"EV_{next(_numbers)}",
        "createdAt": str(unix(at)),
        **more,
    }


def joined(
    call: Call, who: str, sid: str, at: datetime, session: str = "RM_one", **more: Any
) -> dict[str, Any]:
    return event(
        "participant_joined",
        call,
        at,
        session,
        participant=stay(who, sid, at, state="ACTIVE", **more),
    )


def left(
    call: Call,
    who: str,
    sid: str,
    came: datetime,
    at: datetime,
    session: str = "RM_one",
    **more: Any,
) -> dict[str, Any]:
    return event(
        "participant_left",
        call,
        at,
        session,
        participant=stay(who, sid, came, state="DISCONNECTED", **more),
    )


def stay(who: str, sid: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "sid": sid,
        "identity": who,
        "joinedAt": str(unix(at)),
        "joinedAtMs": str(unix(at) * 1000),
        **more,
    }


def finished(call: Call, at: datetime, session: str = "RM_one") -> dict[str, Any]:
    return event("room_finished", call, at, session)


def unix(at: datetime) -> int:
    return int(at.timestamp())


def meeting(world: World, starts: datetime | None = None, **people: Any) -> Appointment:
    """Book a meeting whose door is open now, or at `starts`, in a zone where no night skips
    or repeats an hour.
    """
    people.setdefault("closer", world.members["CLOSER"])
    people.setdefault("team", world.team)
    people.setdefault("time_zone", "UTC")
    begins = starts or datetime.now(UTC) - timedelta(minutes=5)
    return world.book(begins, **people)


def call_in(world: World, starts: datetime | None = None) -> Call:
    return call_of(meeting(world, starts))
