"""The ways in for Fathom's keys and secrets, for the search of tests/test_canaries.py."""

import base64
import json
import secrets

from fathom_sync import accounts
from fathom_sync.models import FathomAccount
from tests.support.people import client_of
from tests.support.raw_server import serving
from tests.support.world import World as Organization


def the_fathom_link(world, settings):
    """Keys and secrets by API, page and admin; a webhook's secret from the vendor;
    a vendor that refuses and echoes.
    """
    made = world.new("secret of Koppel's own webhook at Fathom", a_webhook_secret)

    def fathom(caller, request):
        if b"refused" in request:
            body, status = request.replace(b"\r\n", b" "), b"401 No"
        elif request.startswith(b"POST"):
            body, status = json.dumps({"id": "wh_1", "secret": made}).encode(), b"201 Created"
        else:
            body, status = b'{"items": [], "next_cursor": null}', b"200 OK"
        caller.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))

    api = client_of(world.ops)
    with serving(fathom) as server:
        settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, server.host]
        settings.FATHOM_API_BASE_URL = server.url
        api.post(
            "/api/settings/fathom/test",
            {"apiKey": world.new("refused key", lambda: f"refused{secrets.token_hex(20)}")},
        )
        for name in ("Fathom key", "Fathom key replaced"):
            body = {
                "apiKey": world.new(name),
                "webhookSecret": world.new(f"secret beside the {name}", a_webhook_secret),
            }
            assert (
                api.post("/api/settings/fathom", body).json()["config"]["connectionStatus"]
                == "connected"
            )
        assert api.post("/api/settings/fathom/webhook").status_code == 200
        assert (
            api.get("/api/settings/fathom?reveal=true").json()["apiKeyFull"]
            == world.planted["Fathom key replaced"]
        )
        world.browser.post("/settings/fathom", {"api_key": world.new("Fathom key of the page")})
        world.browser.post(
            "/settings/fathom/test", {"api_key": world.new("Fathom key tried on the page")}
        )
        rep = Organization("Canary Sales").rep
        own = f"/settings/fathom?rep={rep.pk}"
        world.browser.post(
            own,
            {
                "api_key": world.new("key of a rep"),
                "webhook_secret": world.new("rep's secret", a_webhook_secret),
            },
        )
        refused = world.browser.post(
            own,
            {
                "api_key": world.new("key beside a bad secret"),
                "webhook_secret": world.new("no secret"),
            },
        )
    assert (
        accounts.api_key(FathomAccount.objects.get(rep=rep)).reveal()
        == world.planted["key of a rep"]
    )
    world.pages += [("refused form of the Fathom link", refused.content.decode())]


def a_webhook_secret():
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
