"""LiveKit's tokens: a JWT under our API secret that says who may do what, for minutes.

A token cannot be taken back, and as long as it lives it can open a room anew that was closed. So
each is short: a person's is good for entering once (LiveKit itself renews it while they are in),
this server's for one call. An installation may give people longer (LIVEKIT_TOKEN_SECONDS), where
their way into a room is a slow one.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import jwt
from django.conf import settings

from core.masking import Secret

# LIVEKIT_TOKEN_SECONDS stays within these bounds; six hours are LiveKit's own default.
SHORTEST_JOIN, LONGEST_JOIN = 30, 6 * 3600
CALL_SECONDS: Final = 60
CAMERA, MICROPHONE = "camera", "microphone"
SCREEN, SCREEN_SOUND = "screen_share", "screen_share_audio"
_FOR_CLIENTS: Final = {"http": "ws", "https": "wss"}
_FOR_SERVERS: Final = {"ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class Grants:
    """What somebody may do in the one room that they enter. What is not granted is denied
    in so many words: LiveKit takes a missing right to publish for a right.
    """

    publish: bool = True
    subscribe: bool = True
    data: bool = True
    sources: tuple[str, ...] = (CAMERA, MICROPHONE, SCREEN, SCREEN_SOUND)

    def video(self, room: str) -> dict[str, Any]:
        return {
            "roomJoin": True,
            "room": room,
            "canPublish": self.publish,
            "canSubscribe": self.subscribe,
            "canPublishData": self.data,
            "canPublishSources": list(self.sources) if self.publish else [],
            "canUpdateOwnMetadata": False,
            "roomAdmin": False,
            "roomCreate": False,
            "roomList": False,
            "roomRecord": False,
            "hidden": False,
            "recorder": False,
        }


def configured() -> bool:
    """Tell whether there is a LiveKit server for calls."""
    return all([settings.LIVEKIT_API_URL, settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET])


def can_record() -> bool:
    """Tell whether there is a LiveKit server, and recorders (an egress service) beside it."""
    if not configured():
        return False
    return bool(settings.LIVEKIT_EGRESS)


def has_media() -> bool:
    """Tell whether its rooms have picture and sound.

    The stand-in of a trial has none; its address alone has that path.
    """
    if not settings.DEMO:
        return True
    return urlsplit(settings.LIVEKIT_API_URL).path != "/livekit"


def api_key() -> str:
    return str(settings.LIVEKIT_API_KEY)


def api_secret() -> Secret:
    return Secret(settings.LIVEKIT_API_SECRET)


def client_url() -> str:
    """Return where browsers connect: ws:// or wss://."""
    return _address(_FOR_CLIENTS)


def server_url() -> str:
    """Return where this server asks: http:// or https://."""
    return _address(_FOR_SERVERS)


def join_token(*, identity: str, name: str, room: str, grants: Grants, metadata: str = "") -> str:
    """Let one person on one device into one room, for as long as `join_seconds` says."""
    person = {"sub": identity, "name": name, "kind": "standard"}
    if metadata:
        person["metadata"] = metadata
    return _signed({**person, "video": grants.video(room)}, join_seconds())


def join_seconds() -> int:
    """Return how long a person's token lets them in.

    The installation sets it, within bounds (calls.checks says so).
    """
    return int(min(max(settings.LIVEKIT_TOKEN_SECONDS, SHORTEST_JOIN), LONGEST_JOIN))


def call_token(grants: Mapping[str, Any]) -> Secret:
    """Let this server make one call: with the grants that the method asks for, and no others."""
    denied = {"canPublish": False, "canSubscribe": False, "canPublishData": False}
    return Secret(_signed({"video": {**denied, **grants}}, CALL_SECONDS))


def _signed(claims: Mapping[str, Any], seconds: int) -> str:
    now = int(time.time())
    made = {"iss": api_key(), "nbf": now, "iat": now, "exp": now + seconds, **claims}
    return jwt.encode(made, api_secret().reveal(), algorithm="HS256")


def _address(schemes: Mapping[str, str]) -> str:
    parts = urlsplit(settings.LIVEKIT_API_URL)
    return urlunsplit(parts._replace(scheme=schemes.get(parts.scheme, parts.scheme))).rstrip("/")
