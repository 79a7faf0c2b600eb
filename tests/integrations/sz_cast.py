"""Salesforce and Zoho as their stand-ins answer, and an organization that is connected to them."""

import http.client
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache

from core import vendors
from core.http import Client
from core.models import VendorAccount
from core.vendors import Values
from integrations.contacts.speaking import ContactPage, Contacts, ContactWrite, RemoteContact, Written
from integrations.models import Integration
from integrations.providers import salesforce as salesforce_provider
from integrations.providers import zoho as zoho_provider
from integrations.providers.base import Provider, context_of
from sandbox.vendors.oauth_server import CLIENT_ID, CLIENT_SECRET
from tests.support.sandbox import Sandbox

API = "/api/dashboard/integrations"


class Crm:
    """One of the two, as a test sees it."""

    def __init__(self, sandbox: Sandbox, provider: Provider, usual: dict[str, str]) -> None:
        self.sandbox = sandbox
        self.provider = provider
        self.name = provider.vendor.key
        self.usual = usual

    @property
    def contacts(self) -> Contacts:
        assert self.provider.contacts is not None
        return self.provider.contacts

    def turn(self, **switches: Any) -> None:
        self.sandbox.turn(self.name, **switches)

    def act(self, name: str, **wishes: Any) -> Any:
        return self.sandbox.act(self.name, name, **wishes)

    def fault(self, kind: str, path: str = "", **options: Any) -> None:
        self.sandbox.fault(self.name, kind, path=path, **options)

    def asked(self, path: str = "", method: str = "") -> list[dict[str, Any]]:
        return [entry for entry in self.sandbox.journal(self.name, path) if method in {"", entry["method"]}]

    def sent(self, path: str, method: str) -> list[Any]:
        """Return the bodies that were sent."""
        return [json.loads(entry["body"]) for entry in self.asked(path, method)]

    def rows(self, email: str) -> list[dict[str, Any]]:
        """Return the contacts with this address."""
        found = self.act("contacts")
        return [row for row in found if str(row["Email"] or "").casefold() == email.casefold()]

    # --- Connecting ------------------------------------------------------------------------------------------------
    def given(self, **values: Any) -> dict[str, Any]:
        configuration = {"provider": self.provider.key, **self.usual, **values}
        return {"name": "Our contacts", "type": "CRM", "configuration": configuration}

    def test(self, person: Any, **values: Any) -> dict[str, Any]:
        """Test what was entered, over the API."""
        answer = person.post(f"{API}/test", self.given(**values))
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def connect(self, person: Any, **values: Any) -> Integration:
        """Connect by values, over the API."""
        answer = person.post(API, self.given(**values))
        assert answer.status_code == 201, answer.content
        return Integration.objects.select_related("account").get(pk=answer.json()["integration"]["id"])

    def sign_in(self, person: Any, who: str = "first", **query: str) -> str:
        """Sign in, all the way, and return where the browser ends."""
        self.turn(consents=who)
        path = f"{API}/oauth/{self.name}/start"
        answer = person.get(path, query, HTTP_ACCEPT="application/json")
        assert answer.status_code == 200, answer.content
        parts = urlsplit(answer.json()["url"])
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        connection.request("GET", f"{parts.path}?{parts.query}")
        reply = connection.getresponse()
        reply.read()
        connection.close()
        back = urlsplit(reply.headers["Location"])
        return str(person.get(f"{back.path}?{back.query}")["Location"])

    def signed_in(self, person: Any, who: str = "first") -> Integration:
        """Sign in, and return the integration."""
        ended = self.sign_in(person, who)
        assert "?connected=" in ended, ended
        return Integration.objects.select_related("account").get(pk=ended.partition("=")[2])

    # --- Contacts --------------------------------------------------------------------------------------------------
    def client(self, integration: Integration, purpose: str = "test") -> tuple[Client, Values]:
        account = VendorAccount.objects.get(pk=integration.account_id)
        values = vendors.current(account)
        assert self.provider.client is not None
        return self.provider.client(account, values, context_of(account, purpose)), values

    def pages(self, integration: Integration, since: Any = None, *, deleted: bool = False) -> list[ContactPage]:
        """Follow a list to its end; each page by a client of its own, as after a restart."""
        fetch = self.contacts.fetch_deleted if deleted else self.contacts.fetch
        assert fetch is not None
        found: list[ContactPage] = []
        cursor: str | None = None
        while not found or cursor is not None:
            page = fetch(*self.client(integration), since, cursor)
            found.append(page)
            cursor = page.cursor
        return found

    def write(self, integration: Integration, *writes: ContactWrite) -> list[Written]:
        return self.contacts.upsert(*self.client(integration), writes)


def records(pages: Sequence[ContactPage]) -> list[RemoteContact]:
    return [record for page in pages for record in page.records]


def states(answer: dict[str, Any]) -> list[str]:
    """Return how the steps of a test ended."""
    return [step["state"] for step in answer["details"]["steps"]]


def of_address(email: str, **fields: str) -> ContactWrite:
    return ContactWrite(f"key-of-{email}", None, email, fields)


def of_id(vendor_id: str, **fields: str) -> ContactWrite:
    return ContactWrite(f"key-of-{vendor_id}", vendor_id, fields.get("Email", ""), fields)


def _crm(sandbox: Sandbox, patch: pytest.MonkeyPatch, provider: Provider, usual: dict[str, str]) -> Crm:
    cache.clear()
    patch.setenv(f"{provider.key}_BASE_URL", sandbox.url(provider.vendor.key))
    patch.setenv(f"{provider.key}_CLIENT_ID", CLIENT_ID)
    patch.setenv(f"{provider.key}_CLIENT_SECRET", CLIENT_SECRET)
    return Crm(sandbox, provider, usual)


@pytest.fixture
def salesforce(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    usual = {
        "authType": "CLIENT_CREDENTIALS",
        "myDomain": "northwind.my.salesforce.com",
        "clientId": CLIENT_ID,
        "clientSecret": CLIENT_SECRET,
    }
    yield _crm(sandbox, monkeypatch, salesforce_provider.PROVIDER, usual)
    cache.clear()


@pytest.fixture
def zoho(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    usual = {
        "authType": "CLIENT_CREDENTIALS",
        "dataCenter": "eu",
        "clientId": CLIENT_ID,
        "clientSecret": CLIENT_SECRET,
        "organizationId": "20091234567",
    }
    yield _crm(sandbox, monkeypatch, zoho_provider.PROVIDER, usual)
    cache.clear()
