"""Every operation of the contact sync asked once: for the test that holds answers to the schema."""

from collections.abc import Iterator

from tests.integrations.contact_cast import conflict_of
from tests.support.crm_answers import Answered
from tests.support.people import client_of
from tests.support.world import World

PATH = "/api/dashboard/integrations"


def answers() -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation; nothing is asked of the service."""
    world = World(prefix="schema-contacts-")
    owner = world.users["CLOSER"]
    client = client_of(owner)
    conflict = conflict_of(owner, world.organization)
    own = f"{PATH}/{conflict.integration_id}"
    for body in ({"direction": "pull"}, {"dryRun": True, "full": True}, {"direction": "sideways"}):
        yield "POST", f"{own}/sync", client.post(f"{own}/sync", body)
    yield "GET", f"{own}/mapping", client.get(f"{own}/mapping")
    yield "GET", f"{own}/conflicts", client.get(f"{own}/conflicts")
    resolve = f"{own}/conflicts/{conflict.pk}/resolve"
    for keep in ("both", "theirs", "ours"):
        yield "POST", resolve, client.post(resolve, {"keep": keep})
    # What is asked of a field ends where it is another property.
    fields = [
        {"ours": "email", "theirs": "email"},
        {"ours": "phone", "theirs": "mobile", "rule": "ask"},
    ]
    for body in (
        {"fields": fields, "whenDeleted": "remove"},
        {"fields": []},
        {"fields": fields[1:]},
    ):
        yield "PUT", f"{own}/mapping", client.put(f"{own}/mapping", body)
