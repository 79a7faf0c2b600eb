"""Every operation of events out asked once: for the test that holds answers to the schema."""

from collections.abc import Iterator

from integrations.models import Delivery
from tests.integrations.events_cast import API, endpoint_of
from tests.support.crm_answers import Answered
from tests.support.people import client_of
from tests.support.world import World


def answers() -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation; the receiver does not exist,
    so no sample arrives.
    """
    world = World(prefix="schema-events-")
    boss, closer = client_of(world.users["CEO"]), client_of(world.users["CLOSER"])
    delivery = endpoint_of(
        world.users["CEO"], world.organization, name="Hooks", url="https://hooks.invalid"
    )
    own = f"{API}/{delivery.integration_id}"
    yield "GET", f"{API}/webhook-events", boss.get(f"{API}/webhook-events")
    body = {
        "name": "Hooks",
        "type": "WEBHOOK",
        "configuration": {"provider": "WEBHOOK", "url": "http://10.0.0.1"},
    }
    yield "POST", API, boss.post(API, body)
    yield "POST", API, closer.post(API, body)
    yield "GET", own, boss.get(own)
    for wish in ({"event": "lead.created"}, {"event": "lead.exploded"}, {}):
        yield "POST", f"{own}/sample", boss.post(f"{own}/sample", wish)
    yield "GET", f"{own}/deliveries", boss.get(f"{own}/deliveries")
    yield "GET", f"{own}/deliveries", boss.get(f"{own}/deliveries?state=nonsense")
    yield "GET", f"{own}/deliveries", closer.get(f"{own}/deliveries")
    replay = f"{own}/deliveries/{delivery.pk}/replay"
    for state in Delivery.State.values:
        Delivery.objects.filter(pk=delivery.pk).update(state=state)
        yield "POST", replay, boss.post(replay)
    for since in ("2026-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "soon"):
        yield "POST", f"{own}/recover", boss.post(f"{own}/recover", {"since": since})
    yield "POST", f"{own}/rotate-secret", boss.post(f"{own}/rotate-secret")
    boss.post(f"{own}/deactivate")
    yield "POST", f"{own}/recover", boss.post(f"{own}/recover", {"since": "2026-01-01T00:00:00Z"})
    yield "POST", replay, boss.post(replay)
