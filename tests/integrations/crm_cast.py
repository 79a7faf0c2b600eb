"""A CRM on its stand-in: set up on this installation, connected, and asked as a sync asks."""

import http.client
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from core import runs, sync, vendors
from core.http import Client
from core.models import Run, VendorAccount
from core.vendors import Values
from integrations import contacts, registry
from integrations.contacts.speaking import (
    ContactPage,
    Contacts,
    ContactWrite,
    RemoteContact,
    Written,
)
from integrations.models import Integration
from integrations.providers.base import Provider, context_of
from sandbox.vendors.oauth_server import CLIENT_ID, CLIENT_SECRET
from tests.integrations.conftest import API
from tests.support.sandbox import Sandbox


class Crm:
    """One vendor with its stand-in; `usual`: the values that connect Northwind's account there."""

    def __init__(self, sandbox: Sandbox, provider: Provider, usual: Mapping[str, str]) -> None:
        self.sandbox = sandbox
        self.provider = provider
        self.name = provider.vendor.key
        self.usual = usual

    @property
    def contacts(self) -> Contacts:
        assert self.provider.contacts is not None
        return self.provider.contacts

    # --- The stand-in -----------------------------------------------------------------------------
    def turn(self, **switches: Any) -> None:
        self.sandbox.turn(self.name, **switches)

    def act(self, name: str, **wishes: Any) -> Any:
        return self.sandbox.act(self.name, name, **wishes)

    def fault(self, kind: str, path: str = "", **options: Any) -> None:
        self.sandbox.fault(self.name, kind, path=path, **options)

    def asked(self, path: str = "", method: str = "") -> list[dict[str, Any]]:
        return [
            entry
            for entry in self.sandbox.journal(self.name, path)
            if method in {"", entry["method"]}
        ]

    def sent(self, path: str, method: str) -> list[Any]:
        """Return the bodies that were sent."""
        return [json.loads(entry["body"]) for entry in self.asked(path, method)]

    def rows(self, email: str) -> list[dict[str, Any]]:
        """Return the contacts with this address, where the stand-in lists them by `Email`."""
        found = self.act("contacts")
        return [row for row in found if str(row["Email"] or "").casefold() == email.casefold()]

    # --- Connecting -------------------------------------------------------------------------------
    def given(self, **values: Any) -> dict[str, Any]:
        """Return a body that connects it."""
        configuration = {"provider": self.provider.key, **self.usual, **values}
        return {"name": "Our CRM", "type": "CRM", "configuration": configuration}

    def tested(self, person: Any, **values: Any) -> dict[str, Any]:
        """Test what was entered, over the API."""
        answer = person.post(f"{API}/test", self.given(**values))
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def connected(self, person: Any, **values: Any) -> Integration:
        """Connect it by values, over the API."""
        answer = person.post(API, self.given(**values))
        assert answer.status_code == 201, answer.content
        return Integration.objects.select_related("account").get(
            pk=answer.json()["integration"]["id"]
        )

    def sign_in(self, person: Any, who: str = "first", **query: str) -> str:
        """Sign in there, all the way, over HTTP, and return where the browser ends."""
        self.turn(consents=who)
        answer = person.get(f"{API}/oauth/{self.name}/start", query, HTTP_ACCEPT="application/json")
        assert answer.status_code == 200, answer.content
        parts = urlsplit(answer.json()["url"])
        visit = http.client.HTTPConnection(parts.netloc, timeout=10)
        visit.request("GET", f"{parts.path}?{parts.query}")
        back = urlsplit(visit.getresponse().headers["Location"])
        visit.close()
        return str(person.get(f"{back.path}?{back.query}")["Location"])

    def signed_in(self, person: Any, who: str = "first") -> Integration:
        """Connect the account of this name by signing in there."""
        ended = self.sign_in(person, who)
        assert "?connected=" in ended, ended
        return Integration.objects.select_related("account").get(pk=ended.partition("=")[2])

    # --- Contacts, each time by a client of its own, as after a restart ---------------------------
    def client(self, integration: Integration) -> tuple[Client, Values]:
        asked = Asked(integration)
        return asked.client, asked.values

    def pages(
        self,
        integration: Integration,
        since: datetime | None = None,
        *,
        deleted: bool = False,
        names: Sequence[str] = (),
    ) -> list[ContactPage]:
        """Follow a list to its end; `names`: the properties that are mapped
        beside the usual ones.
        """
        found: list[ContactPage] = []
        cursor: str | None = None
        while not found or cursor is not None:
            found.append(Asked(integration, names).page(since, cursor, deleted=deleted))
            cursor = found[-1].cursor
        return found

    def write(self, integration: Integration, *writes: ContactWrite) -> list[Written]:
        return Asked(integration).write(*writes)


class Asked:
    """An integration's contacts, asked for as the sync asks."""

    def __init__(self, integration: Integration, names: Sequence[str] = ()) -> None:
        provider = registry.provider_of(integration)
        assert provider.contacts is not None
        assert provider.client is not None
        account = VendorAccount.objects.get(pk=integration.account_id)
        self.contacts = provider.contacts
        self.names = names
        self.vendor = account.vendor
        self.values = vendors.current(account)
        self.client = provider.client(account, self.values, context_of(account, "sync"))

    def page(
        self, since: datetime | None = None, cursor: str | None = None, *, deleted: bool = False
    ) -> ContactPage:
        fetch = self.contacts.fetch_deleted if deleted else self.contacts.fetching(self.names)
        assert fetch is not None
        return fetch(self.client, self.values, since, cursor)

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
        return records(self.pages(since, cursor))

    def write(self, *writes: ContactWrite) -> list[Written]:
        return self.contacts.upsert(self.client, self.values, writes)


def records(pages: Sequence[ContactPage]) -> list[RemoteContact]:
    return [record for page in pages for record in page.records]


def ids(found: Iterable[RemoteContact]) -> list[str]:
    return [record.id for record in found]


def states(body: Mapping[str, Any]) -> list[str]:
    """Return how the steps of a test ended."""
    return [step["state"] for step in body["details"]["steps"]]


def write(key: str, email: str, vendor_id: str | int | None = None, **fields: str) -> ContactWrite:
    """Return a write with the address among its fields."""
    name = None if vendor_id is None else str(vendor_id)
    return ContactWrite(key, name, email, {"email": email, **fields})


def of_address(email: str, **fields: str) -> ContactWrite:
    return ContactWrite(f"key-of-{email}", None, email, fields)


def of_id(vendor_id: str, **fields: str) -> ContactWrite:
    return ContactWrite(f"key-of-{vendor_id}", vendor_id, fields.get("Email", ""), fields)


def synced(integration: Integration, **wishes: Any) -> Run:
    """Sync at once, and return the run."""
    run, _is_new = contacts.start_sync(integration, trigger="test", **wishes)
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def set_up(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, provider: Provider, usual: Mapping[str, str]
) -> Crm:
    """Let this installation know the stand-in, and Koppel's app there."""
    monkeypatch.setenv(f"{provider.key}_BASE_URL", sandbox.url(provider.vendor.key))
    monkeypatch.setenv(f"{provider.key}_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv(f"{provider.key}_CLIENT_SECRET", CLIENT_SECRET)
    return Crm(sandbox, provider, usual)
