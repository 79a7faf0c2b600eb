"""Every operation of integrations asked once: for the test that holds answers to the schema."""

from collections.abc import Iterator

from tests.support.crm_answers import Answered
from tests.support.people import client_of, member
from tests.support.world import World

PATH = "/api/dashboard/integrations"


def answers() -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation; the service does not exist,
    so every test fails.
    """
    world = World(prefix="schema-integrations-")
    client = client_of(world.users["CLOSER"])
    colleague = member("SETTER", world.organization, "schema-colleague")
    configuration = {
        "provider": "TOYBOX",
        "baseUrl": "https://toys.invalid",
        "apiKey": "toy-key-of-no-value-0001",
    }
    body = {"name": "Toys", "type": "CRM", "configuration": configuration}
    made = client.post(PATH, body)
    yield "POST", PATH, made
    yield "POST", f"{PATH}/create", client.post(f"{PATH}/create", body)
    yield "POST", f"{PATH}/create", client.post(f"{PATH}/create", {**body, "type": "WEBHOOK"})
    yield "POST", f"{PATH}/create", client.post(f"{PATH}/create", {**body, "type": "DATABASE"})
    yield "GET", PATH, client.get(PATH)
    yield "GET", f"{PATH}/providers", client.get(f"{PATH}/providers")
    yield "GET", f"{PATH}/templates", client.get(f"{PATH}/templates")
    yield "POST", f"{PATH}/test", client.post(f"{PATH}/test", body)
    yield "POST", f"{PATH}/test", client.post(f"{PATH}/test", {**body, "configuration": {}})
    own = f"{PATH}/{made.json()['integration']['id']}"
    yield "GET", own, client.get(own)
    yield "PUT", own, client.put(own, {"name": "Other toys", "isShared": True})
    yield "PATCH", own, client.patch(own, {"syncEvery": 60, "fallbackId": None})
    yield "GET", own, client_of(colleague).get(own)
    yield "PATCH", own, client_of(colleague).patch(own, {"name": "Mine"})
    for act in ("deactivate", "activate", "test"):
        yield "POST", f"{own}/{act}", client.post(f"{own}/{act}")
    for path in (
        f"{PATH}/analytics",
        f"{PATH}/analytics?from=2026-03-01&to=2026-03-02",
        f"{PATH}/recommendations",
    ):
        yield "GET", path.partition("?")[0], client.get(path)
    yield "GET", f"{PATH}/analytics", client.get(f"{PATH}/analytics?from=yesterday")
    yield "GET", f"{own}/logs", client.get(f"{own}/logs")
    yield "POST", f"{own}/transfer", client.post(f"{own}/transfer", {"username": "nobody"})
    yield (
        "POST",
        f"{own}/transfer",
        client.post(f"{own}/transfer", {"username": colleague.username}),
    )
    yield "DELETE", own, client_of(colleague).delete(own)
