"""The CRM of no make as an integration: what connects it, and its contacts as the contact
sync asks for them.
"""

from typing import Any

from core import vendors
from core.http import CallContext
from core.models import VendorAccount
from integrations import registry
from integrations.contacts.speaking import ContactPage, ContactWrite, Written
from integrations.models import Integration
from sandbox.vendors.anycrm.vendor import CLIENT_ID, CLIENT_SECRET, KEY, PASSWORD, TOKEN, USER
from tests.integrations.conftest import API

MAPPING = {
    "email": "emails[0].value",
    "name": "name.full",
    "firstName": "name.first",
    "lastName": "name.last",
    "company": "company.name",
    "changedAt": "updated_at",
}
# Each way to sign in, as a person enters it.
SIGN_INS: dict[str, dict[str, Any]] = {
    "header": {"authType": "API_KEY", "credentials": {"apiKey": KEY}},
    "query": {
        "authType": "API_KEY",
        "apiKeyIn": "QUERY",
        "apiKeyName": "api_key",
        "credentials": {"key": KEY},
    },
    "bearer": {"authType": "BEARER", "credentials": {"token": TOKEN}},
    "basic": {"authType": "BASIC", "credentials": {"username": USER, "password": PASSWORD}},
    "oauth2": {
        "authType": "OAUTH2",
        "credentials": {"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET},
    },
}
# Each way to go on in a list.
PAGINGS: dict[str, dict[str, Any]] = {
    "PAGE": {
        "contactsPath": "/contacts",
        "itemsPath": "data",
        "paging": {"kind": "PAGE", "sizeParam": "per_page", "size": 10},
    },
    "CURSOR": {
        "contactsPath": "/people",
        "itemsPath": "result.items",
        "paging": {
            "kind": "CURSOR",
            "cursorPath": "result.next_cursor",
            "sizeParam": "limit",
            "size": 10,
        },
    },
    "LINK": {
        "contactsPath": "/members",
        "paging": {"kind": "LINK", "sizeParam": "limit", "size": 10},
    },
}
WRITING = {
    "findPath": "/contacts?email={email}",
    "createMethod": "POST",
    "createPath": "/contacts",
    "updateMethod": "PATCH",
    "updatePath": "/contacts/{id}",
    "within": "contact",
}


def given(
    sandbox: Any, sign_in: str = "bearer", listed: str = "PAGE", **values: Any
) -> dict[str, Any]:
    """Return a body that connects it as Custom."""
    configuration = {
        "provider": "CUSTOM",
        "name": "Any CRM",
        "apiEndpoint": sandbox.url("anycrm", "/v1"),
        "testPath": "/me",
        "mapping": MAPPING,
        "sinceParam": "updated_since",
        **SIGN_INS[sign_in],
        **PAGINGS[listed],
    }
    if sign_in == "oauth2":
        configuration["tokenUrl"] = sandbox.url("anycrm", "/oauth/token")
    return {"name": "Our CRM", "type": "CRM", "configuration": {**configuration, **values}}


def made(client: Any, body: dict[str, Any]) -> VendorAccount:
    """Connect it over the API, and return its account."""
    answer = client.post(API, body)
    assert answer.status_code == 201, answer.content
    return Integration.objects.get(pk=answer.json()["integration"]["id"]).account


def pages(account: VendorAccount, since: Any = None, most: int = 50) -> list[ContactPage]:
    """Return all pages of its contacts."""
    provider, values, client = _opened(account)
    found: list[ContactPage] = []
    cursor = None
    while (not found or cursor is not None) and len(found) < most:
        found.append(provider.contacts.fetch(client, values, since, cursor))
        cursor = found[-1].cursor
    return found


def ids(account: VendorAccount, since: Any = None) -> list[str]:
    return [each.id for page in pages(account, since) for each in page.records]


def write(account: VendorAccount, *writes: ContactWrite) -> list[Written]:
    provider, values, client = _opened(account)
    return provider.contacts.upsert(client, values, list(writes))


def _opened(account: VendorAccount) -> tuple[Any, Any, Any]:
    provider: Any = registry.find({"custom": "CUSTOM", "api": "API"}[account.vendor])
    values = vendors.current(account)
    return provider, values, provider.client(account, values, CallContext(function_name="sync"))
