"""Every operation of the Fathom link asked once, of the stand-in: for the test that holds answers to the schema."""

from collections.abc import Iterator

from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.crm_answers import Answered
from tests.support.people import client_of, staff
from tests.support.world import World

PATH = "/api/settings/fathom"


def answers() -> Iterator[Answered]:
    """(method, path, answer) of each operation, one that succeeds among them."""
    world = World(prefix="schema-fathom-")
    client, chief = client_of(staff()), client_of(world.users["CEO"])
    yield "GET", PATH, client.get(PATH)
    yield "POST", PATH, client.post(PATH, {"apiKey": "short"})
    yield "POST", PATH, client.post(PATH, {"apiKey": DEMO_KEYS[0], "webhookSecret": "whsec_AAAA"})
    yield "GET", PATH, client.get(f"{PATH}?reveal=true")
    yield "GET", PATH, chief.get(f"{PATH}?rep={world.rep.pk}")
    yield "GET", PATH, client_of(world.users["SETTER"]).get(PATH)
    for path in (f"{PATH}/test", f"{PATH}/webhook"):
        yield "POST", path, client.post(path, {})
    yield "POST", f"{PATH}/test", client.post(f"{PATH}/test", {"apiKey": "short"})
    yield "POST", f"{PATH}/webhook", chief.post(f"{PATH}/webhook")
    yield "DELETE", f"{PATH}/webhook", client.delete(f"{PATH}/webhook")
    yield "DELETE", PATH, client.delete(PATH)
