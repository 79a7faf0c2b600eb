"""Every operation of the calls asked once, as its people would:
for the test that holds answers against the schema.
"""

from collections.abc import Iterator

from django.test import override_settings
from django.utils import timezone

from calls import services
from calls.models import Recording
from tests.support.crm_answers import Answered
from tests.support.people import client_of
from tests.support.world import World

LIVEKIT = {
    "LIVEKIT_API_URL": "wss://video.example.com",
    "LIVEKIT_API_KEY": "APIdevTestKey01",
    "LIVEKIT_API_SECRET": "made-up-livekit-secret-0123456789abcdef",
}


def answers() -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation, a successful call among them."""
    world = World(prefix="schema-calls-")
    client = client_of(world.users["CEO"])
    Recording.objects.create(call=world.call, state=Recording.State.AVAILABLE, key="a.mp4")
    address = f"/api/calls/{world.call.pk}"
    for path in (
        "/api/calls",
        address,
        f"{address}/transcript",
        "/api/calls/stats",
        "/api/calls/appointments",
    ):
        yield "GET", path, client.get(path)
    yield "GET", "/api/calls", client.get("/api/calls?search=said&minSeconds=1")
    yield "GET", "/api/calls", client.get("/api/calls?minSeconds=x")
    yield "GET", "/api/calls/stats", client.get("/api/calls/stats?from=2026-01-01T00:00:00Z")
    asked = "from=2026-01-01T00:00:00Z&include=previous,meetings,leads&groupBy="
    for by in ("rep", "team", "source", "outcome", "week", "weather"):
        yield "GET", "/api/calls/stats", client.get(f"/api/calls/stats?{asked}{by}")
    yield "GET", "/api/calls/stats", client.get("/api/calls/stats?include=previous")
    yield from _work(world, address)
    path = "/api/settings/calls"
    yield "GET", path, client.get(path)
    yield "PATCH", path, client.patch(path, {"retentionDays": 30})
    yield "PATCH", path, client.patch(path, {"retentionDays": 0})
    yield "PATCH", path, client_of(world.users["CLOSER"]).patch(path, {"retentionDays": 30})
    yield from _rooms(world)


def _work(world: World, address: str) -> Iterator[Answered]:
    """Say what came of a call, what is to be done after it, and write beside it."""
    client, closer = client_of(world.users["CEO"]), world.members["CLOSER"].pk
    for body in (
        {"outcome": "won", "leadId": str(world.lead.pk)},
        {"outcome": "", "leadId": None},
        {"outcome": "x"},
    ):
        yield "PATCH", address, client.patch(address, body)
    for path, body, wrong in (
        (
            f"{address}/actions",
            {"text": "Send it", "assigneeId": str(closer), "dueOn": "2026-12-01"},
            {"text": ""},
        ),
        (f"{address}/comments", {"text": "Well put", "at": 5}, {"text": "x", "at": -1}),
    ):
        made = client.post(path, body)
        yield "POST", path, made
        yield "POST", path, client.post(path, wrong)
        yield "GET", path, client.get(path)
        single = f"{path}/{made.json()['id']}"
        yield "PATCH", single, client.patch(single, {"text": "Sent", "done": True})
        yield "PATCH", single, client.patch(single, {"text": 1, "done": 1})
        yield "DELETE", single, client.delete(single)
        yield "DELETE", single, client.delete(single)


def _rooms(world: World) -> Iterator[Answered]:
    """Come in, and ask guests in."""
    client, soon = client_of(world.users["CEO"]), world.book(timezone.now())
    meeting = f"/api/calls/appointments/{soon.pk}"
    for path in (f"{meeting}/join", f"{meeting.removeprefix('/api')}/join"):
        yield "POST", path, client.post(path, {})
        with override_settings(**LIVEKIT):
            yield "POST", path, client.post(path, {"deviceId": "a-device-of-the-schema"})
            yield "POST", path, client.post(path, {"deviceId": 7})
    later = f"/api/calls/appointments/{world.appointment.pk}/join"
    with override_settings(**LIVEKIT):
        yield "POST", later, client.post(later, {})
    path = f"{meeting}/invitations"
    yield "POST", path, client.post(path, {})
    yield "GET", path, client.get(path)
    mails = f"{meeting}/mails"
    yield "POST", mails, client.post(mails, {})
    yield "GET", mails, client.get(mails)
    invitation, token = services.invite_guest(soon, actor=world.users["CEO"])
    guest = f"/api/calls/guest/{token}/join"
    for body in (
        {"displayName": "Grace", "consent": True},
        {"displayName": "Grace", "consent": False},
        {},
    ):
        with override_settings(**LIVEKIT):
            yield "POST", guest, client_of().post(guest, body)
    yield "DELETE", f"{path}/{invitation.pk}", client.delete(f"{path}/{invitation.pk}")
    yield "POST", guest, client_of().post(guest, {})
