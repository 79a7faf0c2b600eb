"""Every operation of suppressions, runways and checklists asked once:
for the test that holds answers to the schema.
"""

from collections.abc import Iterator

from bison import instances
from bison.models import Workspace
from core import runs
from core.models import Run
from tests.support.crm_answers import Answered
from tests.support.people import client_of, staff

PATH = "/api/bison"


def answers() -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation, a successful call among them;
    no workspace has a key.
    """
    client = client_of(staff())
    instance = instances.create("schema-bison", "Schema")
    workspace = Workspace.objects.create(
        instance=instance, workspace_name="Schema", bison_workspace_id=3
    )
    yield from _of_suppressions(client)
    yield "POST", f"{PATH}/runway/compute", client.post(f"{PATH}/runway/compute")
    yield "GET", f"{PATH}/runway", client.get(f"{PATH}/runway")
    path = f"{PATH}/onboarding/{workspace.pk}"
    yield "POST", f"{path}/probe", client.post(f"{path}/probe")
    yield "GET", path, client.get(path)
    yield "PATCH", path, client.patch(path, {"onboarding_notes": "Soon"})
    yield "PATCH", path, client.patch(path, {"api_key_tested": True})
    yield "GET", f"{PATH}/onboarding", client.get(f"{PATH}/onboarding")


def _of_suppressions(client) -> Iterator[Answered]:
    path = f"{PATH}/suppressions"
    made = client.post(path, {"value": "somebody@rival.example", "reason": "A customer"})
    yield "POST", path, made
    yield "POST", path, client.post(path, {"values": ["a.example", "b.example"], "dry_run": True})
    yield "POST", path, client.post(path, {"value": "gmail.com"})
    yield "POST", path, client.post(path, {"value": "no address"})
    for run in Run.objects.filter(kind="bison.suppress", state="queued"):
        runs.execute(run.pk)
    yield "GET", path, client.get(path)
    own = f"{path}/{made.json()['id']}"
    yield "GET", own, client.get(own)
    yield "POST", f"{path}/check", client.post(f"{path}/check")
    yield "DELETE", own, client.delete(f"{own}?resubscribe=maybe")
    yield "DELETE", own, client.delete(own)
