"""Every operation of the Fathom link asked once, of the stand-in:
for the test that holds answers to the schema.
"""

from collections.abc import Iterator

from core import runs
from core.models import Run
from fathom_sync.models import Assignment, FathomMeeting
from fathom_sync.syncs import sync
from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.crm_answers import Answered
from tests.support.people import client_of, staff
from tests.support.world import World

PATH = "/api/settings/fathom"


def answers() -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation, a successful call among them."""
    world = World(prefix="schema-fathom-")
    client, chief = client_of(staff()), client_of(world.users["CEO"])
    yield "GET", PATH, client.get(PATH)
    yield "POST", PATH, client.post(PATH, {"apiKey": "short"})
    yield "POST", PATH, client.post(PATH, {"apiKey": DEMO_KEYS[0], "webhookSecret": "whsec_AAAA"})
    yield "GET", PATH, client.get(f"{PATH}?reveal=true")
    yield "GET", PATH, chief.get(f"{PATH}?rep={world.rep.pk}")
    yield "GET", PATH, client_of(world.users["SETTER"]).get(PATH)
    yield from _of_syncs(world)
    for path in (f"{PATH}/test", f"{PATH}/webhook"):
        yield "POST", path, client.post(path, {})
    yield "POST", f"{PATH}/test", client.post(f"{PATH}/test", {"apiKey": "short"})
    yield "POST", f"{PATH}/webhook", chief.post(f"{PATH}/webhook")
    yield "DELETE", f"{PATH}/webhook", client.delete(f"{PATH}/webhook")
    yield "DELETE", PATH, client.delete(PATH)


def _of_syncs(world: World) -> Iterator[Answered]:
    """Begin a sync before a test of the key, so that there is one."""
    client, chief = client_of(staff()), client_of(world.users["CEO"])
    yield "POST", "/api/fathom/sync", client.post("/api/fathom/sync", {"hours": 720})
    yield "POST", "/api/fathom/sync", chief.post("/api/fathom/sync", {"repId": str(world.rep.pk)})
    yield "POST", "/api/fathom/sync", chief.post("/api/fathom/sync", {"hours": 0})
    for run in Run.objects.filter(kind=sync.KIND.key, state="queued"):
        runs.execute(run.pk)
    cron = "/api/cron/sync-fathom"
    yield "GET", cron, client.get(f"{cron}?wait=0")
    yield "POST", cron, client.post(f"{cron}?wait=0&hours=1")
    yield "GET", cron, chief.get(cron)
    yield "GET", "/api/fathom/ledger", client.get("/api/fathom/ledger")
    yield "GET", "/api/fathom/unmatched", client.get("/api/fathom/unmatched")
    meeting = FathomMeeting.objects.filter(outcome="skipped").first()
    given = {"ids": [str(meeting.pk if meeting else world.rep.pk)], "repId": str(world.rep.pk)}
    path = "/api/fathom/unmatched/assign"
    yield "POST", path, client.post(path, given)
    yield "POST", path, chief.post(path, {"ids": []})
    yield "GET", "/api/fathom/assignments", client.get("/api/fathom/assignments")
    made = Assignment.objects.latest("pk")
    undo = f"/api/fathom/assignments/{made.pk}/undo"
    for who in (client, chief):
        yield "POST", undo, who.post(undo)
        yield "GET", "/api/sources", who.get("/api/sources")
    yield "GET", "/api/sources", client.get(f"/api/sources?organization={world.organization.pk}")
    path = "/api/fathom/matching/simulate"
    yield (
        "POST",
        path,
        client.post(path, {"aliases": {str(world.rep.pk): ["chloe.martin@example.com"]}}),
    )
