"""Every operation of the calls asked once, as its people would: for the test that holds answers against the schema."""

from collections.abc import Iterator

from calls.models import Recording
from tests.support.crm_answers import Answered
from tests.support.people import client_of
from tests.support.world import World


def answers() -> Iterator[Answered]:
    """(method, path, answer) of each operation, one that succeeds among them."""
    world = World(prefix="schema-calls-")
    client = client_of(world.users["CEO"])
    Recording.objects.create(call=world.call, state=Recording.State.AVAILABLE, key="a.mp4")
    one = f"/api/calls/{world.call.pk}"
    for path in ("/api/calls", one, f"{one}/transcript", "/api/calls/stats", "/api/calls/appointments"):
        yield "GET", path, client.get(path)
    yield "GET", "/api/calls", client.get("/api/calls?search=said&minSeconds=1")
    yield "GET", "/api/calls", client.get("/api/calls?minSeconds=x")
    yield "GET", "/api/calls/stats", client.get("/api/calls/stats?from=2026-01-01T00:00:00Z")
    path = "/api/settings/calls"
    yield "GET", path, client.get(path)
    yield "PATCH", path, client.patch(path, {"retentionDays": 30})
    yield "PATCH", path, client.patch(path, {"retentionDays": 0})
    yield "PATCH", path, client_of(world.users["CLOSER"]).patch(path, {"retentionDays": 30})
