"""Every operation of incidents asked once, as its people would:
for the test that holds answers against the schema.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from core import incidents
from tests.support.people import client_of, member, organization

Answered = tuple[str, str, Any]


def answers() -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation, a successful call among them."""
    northwind = organization("Schema of incidents")
    client = client_of(member("CEO", northwind, "schema-incidents"))
    found = incidents.observe(
        "schema.incident",
        ok=False,
        title="It is broken",
        organization_id=northwind.pk,
        affected=["a"],
        facts={"n": 1},
    )
    assert found is not None
    address = f"/api/incidents/{found.pk}"
    until = (timezone.now() + timedelta(hours=1)).isoformat()
    yield "POST", f"{address}/snooze", client.post(f"{address}/snooze", {"until": until})
    yield "POST", f"{address}/snooze", client.post(f"{address}/snooze", {"until": "x"})
    yield "POST", f"{address}/snooze", client.post(f"{address}/snooze", {"until": None})
    for _turn in range(2):
        yield (
            "POST",
            f"{address}/acknowledge",
            client.post(f"{address}/acknowledge", {"note": "On it"}),
        )
    yield "GET", address, client.get(address)
    yield "GET", "/api/incidents", client.get("/api/incidents")
    yield "GET", "/api/incidents", client.get("/api/incidents?state=x")
    yield from _maintenance(client, str(northwind.pk))
    path = "/api/me/notifications"
    yield "GET", path, client.get(path)
    yield "PATCH", path, client.patch(path, {"email": {"daily_summary": True}})
    yield "PATCH", path, client.patch(path, {"email": {"daily_summary": "x"}})


def _maintenance(client: Any, organization_id: str) -> Iterator[Answered]:
    path, now = "/api/maintenance", timezone.now()
    body = {
        "source": "organization",
        "sourceId": organization_id,
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "reason": "The vendor moves",
    }
    yield "GET", f"{path}/sources", client.get(f"{path}/sources")
    made = client.post(path, body)
    yield "POST", path, made
    yield "POST", path, client.post(path, body | {"source": "nothing"})
    address = f"{path}/{made.json()['id']}"
    yield "GET", path, client.get(path)
    yield "GET", address, client.get(address)
    yield "PATCH", address, client.patch(address, {"reason": "The vendor moves again"})
    yield "PATCH", address, client.patch(address, {"endsAt": body["startsAt"]})
    yield "DELETE", address, client.delete(address)
    yield "DELETE", address, client.delete(address)
