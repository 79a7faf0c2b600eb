"""HubSpot and Pipedrive on their stand-ins: set up on this installation, connected, and asked as a sync asks."""

import http.client
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from core import runs, sync, vendors
from core.models import Run
from integrations import contacts, registry
from integrations.contacts.speaking import ContactPage, ContactWrite, RemoteContact, Written
from integrations.models import Integration
from integrations.providers.base import context_of
from sandbox.vendors.oauth_server import CLIENT_ID, CLIENT_SECRET
from tests.integrations.conftest import API
from tests.support.sandbox import Sandbox


class Crm:
    """One vendor with its stand-in; `token` opens Northwind's account there."""

    def __init__(self, sandbox: Sandbox, key: str, token: str, field: str) -> None:
        self.sandbox = sandbox
        self.key = key
        self.vendor = key.lower()
        self.token = token
        self.field = field

    def turn(self, **switches: Any) -> None:
        self.sandbox.turn(self.vendor, **switches)

    def act(self, name: str, **wishes: Any) -> Any:
        return self.sandbox.act(self.vendor, name, **wishes)

    def fault(self, kind: str, **options: Any) -> None:
        self.sandbox.fault(self.vendor, kind, **options)

    def asked(self, path: str = "") -> list[dict[str, Any]]:
        return self.sandbox.journal(self.vendor, path)

    def given(self, token: str = "", **values: str) -> dict[str, Any]:
        """Return a body that connects it by a token."""
        configuration = {"provider": self.key, "authType": "TOKEN", self.field: token or self.token, **values}
        return {"name": "Our CRM", "type": "CRM", "configuration": configuration}

    def tested(self, client: Any, token: str = "") -> dict[str, Any]:
        """Test what was entered, over the API."""
        answer = client.post(f"{API}/test", self.given(token))
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def connected(self, client: Any, token: str = "") -> Integration:
        answer = client.post(API, self.given(token))
        assert answer.status_code == 201, answer.content
        return Integration.objects.select_related("account").get(pk=answer.json()["integration"]["id"])

    def signed_in(self, client: Any, who: str) -> Integration:
        """Connect the account of this name by signing in there, all the way, over HTTP."""
        self.turn(consents=who)
        url = client.get(f"{API}/oauth/{self.vendor}/start", HTTP_ACCEPT="application/json").json()["url"]
        parts = urlsplit(url)
        visit = http.client.HTTPConnection(parts.netloc, timeout=10)
        visit.request("GET", f"{parts.path}?{parts.query}")
        back = urlsplit(visit.getresponse().headers["Location"])
        visit.close()
        answer = client.get(f"{back.path}?{back.query}")
        assert "connected=" in answer["Location"], answer["Location"]
        return Integration.objects.select_related("account").get(pk=answer["Location"].partition("=")[2])


class Asked:
    """An integration's contacts, asked for as the sync asks."""

    def __init__(self, integration: Integration) -> None:
        provider = registry.provider_of(integration)
        assert provider.contacts is not None
        assert provider.client is not None
        self.contacts = provider.contacts
        self.vendor = integration.account.vendor
        self.values = vendors.current(integration.account)
        self.client = provider.client(integration.account, self.values, context_of(integration.account, "sync"))

    def page(self, since: datetime | None = None, cursor: str | None = None) -> ContactPage:
        return self.contacts.fetch(self.client, self.values, since, cursor)

    def pages(self, since: datetime | None = None, cursor: str | None = None) -> list[ContactPage]:
        """Return all pages from a cursor on."""
        found: list[ContactPage] = []

        def ask(following: str) -> sync.Page:
            found.append(self.page(since, following or None))
            return sync.Page(found[-1].records, following=found[-1].cursor or "")

        place = {"cursor": cursor} if cursor else {}
        for _step in sync.by_cursor(ask, place, threading.Event(), vendor=self.vendor):
            pass
        return found

    def all(self, since: datetime | None = None, cursor: str | None = None) -> list[RemoteContact]:
        return [record for page in self.pages(since, cursor) for record in page.records]

    def write(self, *writes: ContactWrite) -> list[Written]:
        return self.contacts.upsert(self.client, self.values, writes)


def states(body: Mapping[str, Any]) -> list[str]:
    return [step["state"] for step in body["details"]["steps"]]


def ids(records: Iterable[RemoteContact]) -> list[str]:
    return [record.id for record in records]


def synced(integration: Integration, **wishes: Any) -> Run:
    """Sync, here and now."""
    run, _is_new = contacts.start_sync(integration, trigger="test", **wishes)
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def set_up(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv(f"{key}_BASE_URL", sandbox.url(key.lower()))
    monkeypatch.setenv(f"{key}_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv(f"{key}_CLIENT_SECRET", CLIENT_SECRET)
