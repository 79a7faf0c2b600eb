"""Every operation of the CRM asked once, as its people would:
for the test that holds answers against the schema.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from core import runs
from core.models import Run
from tests.support.people import client_of, staff
from tests.support.world import World

Answered = tuple[str, str, Any]


def answers() -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation, a successful call among them."""
    world = World(prefix="schema-")
    client = client_of(world.users["CEO"])
    now = timezone.now()
    lead, team, closer = str(world.lead.pk), str(world.team.pk), str(world.members["CLOSER"].pk)
    meeting = {"leadId": lead, "closerId": closer, "startsAt": now.isoformat()}
    bodies = {
        "reps": {
            "name": "Ada",
            "email": "ada@example.com",
            "aliases": ["a.da@example.com"],
            "teamId": team,
        },
        "teams": {"name": "North", "managerIds": [closer]},
        "leads": {"name": "Lea", "email": "lea@example.com", "externalIds": {"hubspot": "7"}},
        "contacts": {"name": "Con", "leadId": lead},
        "appointments": {
            **meeting,
            "endsAt": (now + timedelta(hours=1)).isoformat(),
            "timeZone": "Europe/Paris",
        },
    }
    for kind, body in bodies.items():
        made = client.post(f"/api/crm/{kind}", body)
        address = f"/api/crm/{kind}/{made.json()['id']}"
        yield "POST", f"/api/crm/{kind}", made
        yield "POST", f"/api/crm/{kind}", client.post(f"/api/crm/{kind}", {})
        yield "GET", f"/api/crm/{kind}", client.get(f"/api/crm/{kind}")
        yield "GET", address, client.get(address)
        yield "PATCH", address, client.patch(address, {key: body[key] for key in list(body)[:1]})
        yield "DELETE", address, client.delete(address)
    free = (
        f"/api/crm/availability?closer={closer}&from=2026-01-01T00:00:00Z&to=2026-01-31T00:00:00Z"
    )
    yield "GET", "/api/crm/availability", client.get(free)
    yield "GET", "/api/crm/availability", client.get("/api/crm/availability?closer=&from=x&to=")
    yield "GET", "/api/crm/availability", client.get(free.replace(closer, lead))
    past = f"/api/crm/appointments/{world.appointment.pk}"
    yield "PATCH", past, client.patch(past, {"status": "cancelled", "cancelReason": "Ill"})
    yield "GET", f"{past}/history", client.get(f"{past}/history")
    used = f"/api/crm/leads/{lead}"
    yield "DELETE", used, client.delete(used)
    yield from _people(world, client)
    yield from _privacy(client)
    yield from _organization(world, client)
    yield from _audit(client)


def _audit(client: Any) -> Iterator[Answered]:
    auditor, path = client_of(staff("Auditor")), "/api/audit/verification"
    yield "GET", path, auditor.get(path)
    started = auditor.post(path)
    yield "POST", path, started
    runs.execute(started.json()["id"])
    yield "GET", path, auditor.get(path)
    yield "GET", path, client.get(path)


def _privacy(client: Any) -> Iterator[Answered]:
    asked = {"email": "gone@example.com"}
    for name, body in (("erasures", {**asked, "confirm": asked["email"]}), ("exports", asked)):
        path = f"/api/people/{name}"
        made = client.post(path, body)
        own = f"{path}/{made.json()['id']}"
        runs.execute(Run.objects.get(subject_id=made.json()["id"]).pk)
        yield "POST", path, made
        yield "POST", path, client.post(path, {"email": "none", "confirm": "none"})
        yield "GET", path, client.get(path)
        yield "GET", path, client.get(f"{path}?everywhere=true")
        yield "GET", own, client.get(own)
    yield "GET", f"{own}/file", client.get(f"{own}/file")


def _people(world: World, client: Any) -> Iterator[Answered]:
    setter = client_of(world.users["SETTER"])
    for kind, word in (("leads", "lead"), ("contacts", "contact")):
        known = {"name": "Lea Same", "email": "same@example.com"}
        this, other = [client.post(f"/api/crm/{kind}", known).json()["id"] for _number in range(2)]
        address = f"/api/crm/{kind}/{this}"
        yield "GET", f"{address}/duplicates", client.get(f"{address}/duplicates")
        yield "POST", f"{address}/merge", client.post(f"{address}/merge", {"otherId": this})
        yield "POST", f"{address}/merge", setter.post(f"{address}/merge", {"otherId": other})
        keep = {"name": "this", "externalIds": "other"}
        merged = client.post(f"{address}/merge", {"otherId": other, "keep": keep})
        assert merged.json()[word]["id"] == this
        yield "POST", f"{address}/merge", merged
        undo = f"{address}/merges/{merged.json()['mergeId']}/undo"
        yield "POST", undo, client.post(undo)
        yield "POST", undo, client.post(undo)
    lead = f"/api/crm/leads/{world.call.lead_id}"
    yield "GET", f"{lead}/brief", client.get(f"{lead}/brief")
    yield "GET", f"{lead}/timeline", client.get(f"{lead}/timeline?pageSize=1")
    yield "GET", f"{lead}/timeline", client.get(f"{lead}/timeline?cursor=x")


def _organization(world: World, client: Any) -> Iterator[Answered]:
    path, settings = "/api/organization", {"settings": {"retentionDays": 30}}
    yield "GET", path, client.get(path)
    yield "PATCH", path, client.patch(path, settings)
    yield "PATCH", path, client_of(world.users["CLOSER"]).patch(path, settings)
    yield "GET", f"{path}/members", client.get(f"{path}/members")
    invited = client.post(f"{path}/members", {"email": "new@example.com", "role": "SETTER"})
    yield "POST", f"{path}/members", invited
    yield "GET", f"{path}/invitations", client.get(f"{path}/invitations")
    address = f"{path}/invitations/{invited.json()['id']}"
    yield "GET", address, client.get(address)
    yield "POST", f"{address}/send-again", client.post(f"{address}/send-again")
    yield "DELETE", address, client.delete(address)
    yield "POST", f"{address}/send-again", client.post(f"{address}/send-again")
    leaving = f"{path}/members/{world.members['MANAGER'].pk}/leaving"
    yield "GET", leaving, client.get(leaving)
    yield "POST", leaving, client.post(leaving, {"successorId": "x"})
    yield "POST", leaving, client.post(leaving, {"successorId": str(world.members["CLOSER"].pk)})
    member = f"{path}/members/{world.members['SETTER'].pk}"
    yield "GET", member, client.get(member)
    yield "PATCH", member, client.patch(member, {"role": "CLOSER"})
    yield "DELETE", member, client.delete(member)
