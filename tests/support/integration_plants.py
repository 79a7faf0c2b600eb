"""The ways in for secrets of integrations, for the search of tests/test_canaries.py."""

from typing import Any

from tests.support import people
from tests.support.raw_server import serving


def integrations(world: Any, settings: Any) -> None:
    """What people connect: keys in each form of them, tried, refused, echoed, stored and exchanged;
    secrets of ours.
    """

    def service(caller: Any, request: bytes) -> None:
        body, status = request.replace(b"\r\n", b" "), b"401 No"
        caller.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))

    owner = people.client_of(
        people.member("CEO", people.organization("Canary Growth", tier="PRO_PLUS"), "canary-ceo")
    )
    path = "/api/dashboard/integrations"
    custom: dict[str, Any] = {
        "provider": "CUSTOM",
        "contactsPath": "/contacts",
        "mapping": {"email": "email"},
    }
    ways = {
        "API_KEY": {"apiKey": "integration's key"},
        "BEARER": {"token": "integration's token"},
        "BASIC": {"username": "integration's user", "password": "integration's password"},
        "OAUTH2": {
            "clientId": "integration's client",
            "clientSecret": "integration's client secret",
        },
    }
    with serving(service) as server:
        settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, server.host]
        custom |= {"apiEndpoint": server.url, "tokenUrl": f"{server.url}/token"}
        bodies = [
            {
                **custom,
                "authType": way,
                "credentials": {name: world.new(what) for name, what in parts.items()},
            }
            for way, parts in ways.items()
        ]
        chatwoot = {"provider": "CHATWOOT", "baseUrl": server.url, "accountId": "1"}
        bodies.append({**chatwoot, "apiKey": world.new("Chatwoot's token")})
        for body in bodies:
            wish = {"name": "Canary", "type": "CRM", "configuration": body}
            if body["provider"] == "CHATWOOT":
                wish["type"] = "HELPDESK"
            assert owner.post(f"{path}/test", wish).json()["success"] is False
            made = owner.post(path, wish)
            assert made.status_code == 201, made.content
            own = f"{path}/{made.json()['integration']['id']}"
            assert owner.post(f"{own}/test").json()["success"] is False
            shown = owner.get(own)
            assert (
                owner.put(own, {"configuration": shown.json()["configuration"]}).status_code == 200
            )
            world.pages += [
                (own, shown.content.decode()),
                (f"{own}/logs", owner.get(f"{own}/logs").content.decode()),
            ]
    database = {
        "provider": "DATABASE",
        "engine": "POSTGRESQL",
        "host": "db.invalid",
        "database": "d",
        "user": "u",
    }
    database |= {
        "query": "SELECT 1",
        "password": world.new("database's password"),
        "mapping": {"email": "email"},
    }
    made = owner.post(path, {"name": "Canary", "type": "DATABASE", "configuration": database})
    assert made.status_code == 201, made.content
    assert owner.post(f"{path}/{made.json()['integration']['id']}/test").json()["success"] is False
    endpoint = {"provider": "WEBHOOK", "url": "https://hooks.example.com/koppel"}
    made = owner.post(path, {"name": "Canary", "type": "WEBHOOK", "configuration": endpoint}).json()
    world.seen("endpoint's secret", made["secret"])
    own = f"{path}/{made['integration']['id']}"
    world.seen("endpoint's next secret", owner.post(f"{own}/rotate-secret").json()["secret"])
    world.pages += [
        (own, owner.get(own).content.decode()),
        (path, owner.get(path).content.decode()),
    ]
