"""The stand-in of Email Bison in tests: its addresses and tokens, its acts and its journal."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from sandbox.vendors import demo_keys
from sandbox.vendors.email_bison import EmailBison
from sandbox.vendors.server import Server
from tests.support.sandbox import Sandbox

NAME = EmailBison.name
MAVERICK, LONG_RUN = "maverick", "long-run"
# Of Maverick: 282 accounts; 403, where its super-admin looks at first; 15; none.
ASPEN, BIRCHWOOD, COBALT, DELTA = 3, 4, 6, 7
# Of Long Run: opens for its own token alone, and has none.
OWN_KEY_ONLY = 14
SWITCH = "/workspaces/v1.1/switch-workspace"
BODIES = Path(__file__).parent.parent / "fixtures" / "email_bison"


def documented(name: str) -> Any:
    """Return a body as the vendor's specification shows it: account, campaign, reply, hook, …"""
    return json.loads((BODIES / f"{name}.json").read_text())


class BisonVendor:
    """The stand-in's object in this process, and its addresses and journal."""

    def __init__(self, server: Server, box: Sandbox) -> None:
        vendor = server.box.vendors[NAME]
        assert isinstance(vendor, EmailBison)
        self.vendor = vendor
        self.sandbox = box

    def url(self, slug: str = MAVERICK) -> str:
        """Return an instance's address, as a person would paste it: without /api."""
        return self.sandbox.url(NAME, f"/{slug}")

    def admin(self, slug: str = MAVERICK) -> str:
        return demo_keys.BISON_SUPER_ADMINS[slug]

    def backup(self, slug: str = MAVERICK) -> str:
        return demo_keys.BISON_BACKUPS[slug]

    def key(self, workspace: int, slug: str = MAVERICK) -> str:
        """Return the api-user token that a workspace has from the start."""
        return demo_keys.bison_workspace_token(slug, workspace)

    def turn(self, **switches: Any) -> None:
        self.vendor.turn(switches)

    def act(self, name: str, **wishes: Any) -> Any:
        return self.vendor.act(name, wishes)

    def fault(self, kind: str, slug: str = "", path: str = "", **options: Any) -> None:
        """Switch a general fault on (faults.py), for an instance or a path of its API."""
        place = f"/{slug}{f'/api{path}' if path else ''}" if slug else ""
        self.sandbox.fault(NAME, kind, path=place, **options)

    def calls(self, slug: str = "", path: str = "", method: str = "") -> list[dict[str, Any]]:
        """Return what was asked so far: of an instance, below a path of its API, by a method."""
        place = f"/{slug}{f'/api{path}' if path else ''}" if slug else ""
        found = self.sandbox.journal(NAME, place)
        return [entry for entry in found if method in {"", entry["method"]}]

    def ask(
        self,
        path: str,
        token: str | None = None,
        slug: str = MAVERICK,
        *,
        method: str = "GET",
        body: Any = None,
        query: Any = (),
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Make a call without Koppel; return the status and the body,
        as text where it is no JSON.
        """
        status, content, _headers = self.raw(path, token, slug, method, body, query, headers)
        try:
            return status, json.loads(content)
        except ValueError:
            return status, content.decode(errors="replace")

    def raw(
        self,
        path: str,
        token: str | None = None,
        slug: str = MAVERICK,
        method: str = "GET",
        body: Any = None,
        query: Any = (),
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes, Any]:
        url = f"{self.url(slug)}/api{path}?{urlencode(query)}"
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {
            "Authorization": f"Bearer {token or self.admin(slug)}",
            "Accept": "application/json",
        }
        try:
            with urlopen(
                Request(url, data, sent | (headers or {}), method=method), timeout=30
            ) as answer:
                return answer.status, answer.read(), answer.headers
        except HTTPError as error:
            return error.code, error.read(), error.headers

    def total(
        self,
        path: str = "/sender-emails",
        token: str | None = None,
        slug: str = MAVERICK,
        query: Any = (),
    ) -> int:
        """Return how many rows a list says that it has."""
        status, body = self.ask(path, token, slug, query=query)
        assert status == 200, body
        return int(body["meta"]["total"])

    def rows(
        self, path: str, token: str | None = None, slug: str = MAVERICK, query: Any = ()
    ) -> list[Any]:
        """Walk a list to its last page, by `meta` alone."""
        found: list[Any] = []
        current, last = 1, 1
        while current <= last:
            status, body = self.ask(path, token, slug, query=[*query, ("page", current)])
            assert status == 200, body
            found += body["data"]
            current, last = current + 1, body["meta"]["last_page"]
        return found


@pytest.fixture
def bison_vendor(sandbox_server: Server, sandbox: Sandbox) -> Iterator[BisonVendor]:
    """Start the stand-in as after its start; the guard lets its address through.
    In the end it sends nothing more.
    """
    found = BisonVendor(sandbox_server, sandbox)
    yield found
    found.vendor.stop_deliveries()
