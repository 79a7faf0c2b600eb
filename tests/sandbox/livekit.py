"""How the tests speak to the stand-in of LiveKit."""

import json
from typing import Any

from livekit import api

from sandbox.vendors import s3
from sandbox.vendors.livekit import API_KEY, API_SECRET
from tests.support import web
from tests.support.sandbox import Sandbox
from tests.support.web import Answer

ROOM = "org_1_apt_2"
ALL = api.VideoGrants(
    room_create=True, room_list=True, room_record=True, room_admin=True, room=ROOM
)


def token(grants: api.VideoGrants = ALL, secret: str = API_SECRET, key: str = API_KEY) -> str:
    return api.AccessToken(key, secret).with_grants(grants).to_jwt()


def ask(
    sandbox: Sandbox, method: str, body: Any = None, authorization: str | None = None
) -> Answer:
    headers = {"Authorization": f"Bearer {token()}" if authorization is None else authorization}
    return post(
        sandbox,
        method,
        json.dumps(body or {}).encode(),
        {name: value for name, value in headers.items() if value},
    )


def post(sandbox: Sandbox, method: str, body: bytes, headers: dict[str, str]) -> Answer:
    headers = {"Content-Type": "application/json"} | headers
    return web.ask("POST", sandbox.url("livekit", f"/twirp/livekit.{method}"), body, headers)


def recording(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    storage = {
        "access_key": s3.ACCESS_KEY, "secret": s3.SECRET_KEY, "region": s3.REGION,
        "bucket": s3.BUCKET, "endpoint": sandbox.url("s3"), "force_path_style": True,
    }  # fmt: skip
    output = {"file_type": "MP4", "filepath": "rec/{room_name}", "s3": storage}
    return {"room_name": ROOM, "layout": "grid", "file_outputs": [output], **more}


def join(sandbox: Sandbox, identity: str = "ann", **more: Any) -> dict[str, Any]:
    stay: dict[str, Any] = sandbox.act("livekit", "join", room=ROOM, identity=identity, **more)
    return stay


def advance(sandbox: Sandbox, seconds: float) -> None:
    sandbox.act("livekit", "advance", seconds=seconds)


def all_events(sandbox: Sandbox) -> list[tuple[str, dict[str, Any]]]:
    """Every event so far, checked by the vendor's own receiver."""
    receiver = api.WebhookReceiver(api.TokenVerifier(API_KEY, API_SECRET))
    found = []
    for event in sandbox.act("livekit", "events"):
        assert receiver.receive(event["body"], event["authorization"]).id == event["id"]
        found.append((event["event"], json.loads(event["body"])))
    return found
