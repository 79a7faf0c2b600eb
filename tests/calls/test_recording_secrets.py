"""The storage's keys go to LiveKit in the order to record, and stand nowhere else:
stored, queued, logged or shown.
"""

import secrets
from typing import Any

import pytest
from django.test import Client

from calls import recordings
from calls.models import Recording
from core.models import ApiCall
from tests.calls.recorded import call_with_somebody, made
from tests.support import canaries
from tests.support.people import person
from tests.support.raw_server import serving
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def reflect(caller: Any, request: bytes) -> None:
    """A server that refuses, and says back all that it was told, as bad proxies do."""
    if request.startswith(b"HEAD"):
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        return
    body = b'{"code": "invalid_argument", "msg": "%s"}' % request.replace(b"\r\n", b" ").replace(
        b'"', b"'"
    )
    caller.sendall(
        b"HTTP/1.1 400 No\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % len(body)
        + body
    )


@pytest.fixture
def planted(vendors: Sandbox, settings: Any) -> dict[str, str]:
    settings.RECORDINGS_S3_ACCESS_KEY = secrets.token_hex(20)
    settings.RECORDINGS_S3_SECRET_KEY = secrets.token_hex(20)
    settings.LIVEKIT_API_SECRET = secrets.token_hex(20)
    return {
        "access key": settings.RECORDINGS_S3_ACCESS_KEY,
        "secret key": settings.RECORDINGS_S3_SECRET_KEY,
        "LiveKit's secret": settings.LIVEKIT_API_SECRET,
    }


def test_they_are_found_nowhere_in_clear(
    vendors: Sandbox, planted: dict[str, str], settings: Any
) -> None:
    world = World()
    call = call_with_somebody(vendors, world)
    with canaries.Logs() as logs, serving(reflect) as server:
        settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, server.host]
        settings.LIVEKIT_API_URL = settings.RECORDINGS_S3_ENDPOINT = server.url
        recordings.begin(call.pk)  # refused, with everything said back
        available = made(
            call,
            egress_id="EG_2",
            state="processing",
            egress_status="EGRESS_COMPLETE",
            size_bytes=5,
        )
        recordings.settle(available.pk)
        Recording.objects.filter(pk=available.pk).update(
            ended_at="2020-01-01T00:00:00Z", checked_at=None
        )
        recordings.expire()  # refused in the same way
        link = recordings.link(Recording(call=call, state="available", key="a.mp4", bucket="b"))
        sent = b"".join(server.requests)
    assert planted["secret key"].encode() in sent, "it was not sent, so nothing is proved"
    assert sent.count(planted["access key"].encode()) >= 3
    assert ApiCall.objects.filter(vendor="livekit", success=False).exists()
    deleted = ApiCall.objects.get(vendor="recordings", method="DELETE")
    assert (deleted.success, "X-Amz-Credential" in deleted.error_message) == (False, True)
    assert link is not None
    planted["signature of a link"] = link.rpartition("X-Amz-Signature=")[2]

    staff = person(is_staff=True, is_superuser=True)
    browser = Client()
    browser.force_login(staff, backend="core.signin.Backend")
    pages = canaries.fetched(
        browser, [f"/admin/calls/recording/{row.pk}/change/" for row in Recording.objects.all()]
    )
    places = [*canaries.database(), *canaries.in_redis(), *logs.places(), *pages]
    found = canaries.look(planted, places)
    assert found == [], "\n".join(f"{name}: {place}" for name, place in found)
