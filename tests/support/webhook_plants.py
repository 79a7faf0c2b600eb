"""The ways in for secrets of webhooks, for the search of tests/test_canaries.py."""

from django.test import Client

from tests.probe.webhooks import LIVEKIT_KEY
from tests.support import deliveries


def webhooks(world, settings):
    body = deliveries.body_of({"number": 1})
    for where, headers in {
        deliveries.STANDARD: deliveries.standard_headers(body),
        deliveries.CHATWOOT: deliveries.chatwoot_headers(body),
        deliveries.LIVEKIT: deliveries.livekit_headers(body),
        deliveries.BY_TOKEN: {},
    }.items():
        assert deliveries.post(Client(), where, body, headers).status_code in (200, 202)
        wrong = dict.fromkeys(headers, world.new("wrong signature"))
        assert (
            deliveries.post(
                Client(raise_request_exception=False), where + "x", body, wrong
            ).status_code
            >= 400
        )
    rooms(world, settings)
    world.seen("webhook secret", deliveries.STANDARD_SECRET)
    world.seen("Chatwoot's secret", deliveries.CHATWOOT_SECRET)
    world.seen("LiveKit's secret", deliveries.LIVEKIT_SECRET)
    world.seen("webhook address's token", deliveries.TOKEN)


def rooms(world, settings):
    """LiveKit's own webhook, with the password that each room carries, in both spellings."""
    settings.LIVEKIT_API_URL = "wss://video.example.com"
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = LIVEKIT_KEY, deliveries.LIVEKIT_SECRET
    for name in ("turnPassword", "turn_password"):
        room = {"name": "a room", name: world.new(f"LiveKit's {name}")}
        body = deliveries.body_of(
            {"event": "room_started", "room": room, "egressInfo": {"room": room}}
        )
        for where in ("/webhooks/livekit", "/api/webhooks/livekit"):
            assert (
                deliveries.post(Client(), where, body, deliveries.livekit_headers(body)).status_code
                == 200
            )
