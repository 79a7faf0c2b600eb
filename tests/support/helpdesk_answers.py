"""Every operation of the helpdesk asked once, with Chatwoot's stand-in behind it:
answers for the schema's test.
"""

from collections.abc import Iterator

from core import runs
from core.models import Run
from sandbox.vendors import demo_keys
from tests.support.crm_answers import Answered
from tests.support.people import client_of
from tests.support.sandbox import Sandbox
from tests.support.world import World

PATH = "/api/dashboard/integrations"
HELPDESK = f"{PATH}/chatwoot"


def answers(sandbox: Sandbox) -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation."""
    world = World(prefix="schema-helpdesk-")
    client = client_of(world.users["CLOSER"])
    yield "GET", f"{HELPDESK}/agents", client.get(f"{HELPDESK}/agents")
    configuration = {
        "provider": "CHATWOOT",
        "baseUrl": sandbox.url("chatwoot"),
        "accountId": "1",
        "apiKey": demo_keys.CHATWOOT_ADMIN_TOKEN,
    }
    client.post(PATH, {"name": "Chatwoot", "type": "HELPDESK", "configuration": configuration})
    yield "GET", f"{HELPDESK}/agents", client.get(f"{HELPDESK}/agents")
    yield "GET", f"{HELPDESK}/inboxes", client.get(f"{HELPDESK}/inboxes")
    body = {"name": "Front desk", "password": "Str0ng!enough"}
    made = client.post(f"{HELPDESK}/create-user", body)
    yield "POST", f"{HELPDESK}/create-user", made
    yield "POST", f"{HELPDESK}/create-user", client.post(f"{HELPDESK}/create-user", body)
    yield (
        "POST",
        f"{HELPDESK}/create-user",
        client.post(f"{HELPDESK}/create-user", {**body, "password": "weak"}),
    )
    wish = {"agentId": made.json()["agent"]["id"], "inboxId": 1, "action": "add"}
    for action in ("add", "remove", "neither"):
        answer = client.post(f"{HELPDESK}/assign-agent", {**wish, "action": action})
        yield "POST", f"{HELPDESK}/assign-agent", answer
    yield from _demos(client)


def _demos(client) -> Iterator[Answered]:  # type: ignore[no-untyped-def]
    path = f"{PATH}/demos"
    body = {"name": "Shop", "websiteUrl": "https://shop.example"}
    asked = client.post(path, body)
    yield "POST", path, asked
    yield "POST", path, client.post(path, {**body, "websiteUrl": "nowhere"})
    runs.execute(Run.objects.get(pk=asked.json()["runId"]).pk)
    yield "POST", path, client.post(path, body)
    yield "GET", path, client.get(path)
    own = f"{path}/{asked.json()['id']}"
    yield "GET", own, client.get(own)
    script = {
        "demoId": asked.json()["id"],
        "position": "left",
        "type": "standard",
        "launcherTitle": "Chat",
    }
    yield "POST", f"{PATH}/widget-script", client.post(f"{PATH}/widget-script", script)
    yield (
        "POST",
        f"{PATH}/widget-script",
        client.post(f"{PATH}/widget-script", {**script, "position": "top"}),
    )
    yield "DELETE", own, client.delete(own)
    yield "DELETE", own, client.delete(own)
