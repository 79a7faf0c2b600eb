"""Every operation of signing in at a service asked: for the test that holds
answers to the schema.
"""

from collections.abc import Iterator

from sandbox.vendors.server import Server
from tests.integrations import oauth_cast
from tests.integrations.oauth_cast import ALL, CALLBACK, START
from tests.support.crm_answers import Answered
from tests.support.people import client_of, member
from tests.support.sandbox import Sandbox
from tests.support.world import World

JSON = {"HTTP_ACCEPT": "application/json"}


def answers(sandbox: Sandbox, server: Server) -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation."""
    world = World(prefix="schema-oauth-")
    client = client_of(world.users["CLOSER"])
    stranger = client_of(member("SETTER", world.organization, "schema-oauth-stranger"))
    with oauth_cast.opened("hubspot", sandbox, server) as company:
        yield "GET", START, client.get(START)
        begun = client.get(START, **JSON)
        yield "GET", START, begun
        yield "GET", START, client.get(START, {"name": "x" * 500})
        back = company.visit(begun.json()["url"])
        yield "GET", CALLBACK, client.get(CALLBACK)
        yield "GET", CALLBACK, client.get(CALLBACK, {"state": "x"}, **JSON)
        yield "GET", CALLBACK, oauth_cast.come_back(stranger, back, **JSON)
        made = oauth_cast.come_back(client, back, **JSON)
        yield "GET", CALLBACK, made
        own = f"{ALL}/{made.json()['integrationId']}"
        again = client.post(f"{own}/reconnect")
        yield "POST", f"{own}/reconnect", again
        back = company.visit(again.json()["url"], "second")
        yield "GET", CALLBACK, oauth_cast.come_back(client, back, **JSON)
        yield "POST", f"{own}/disconnect", client.post(f"{own}/disconnect")
        body = {"company_id": 1, "user_id": 1}
        yield "DELETE", CALLBACK, client.delete(CALLBACK, body)
        yield "DELETE", CALLBACK, oauth_cast.vendors_own(client_of()).delete(CALLBACK, body)
        yield "DELETE", CALLBACK, oauth_cast.vendors_own(client_of()).delete(CALLBACK, {})
