"""Databases of somebody else's as integrations: what connects them,
and what is read of each kind.
"""

from typing import Any

import pytest

from core import vendors
from core.http import CallContext
from core.models import VendorAccount
from integrations.contacts.speaking import ContactPage
from integrations.models import Integration
from integrations.providers.database.provider import PROVIDER
from tests.integrations.conftest import API
from tests.support.database_servers import NAME, PASSWORD, USER, Server

# Whom a query reads, page by page and since a moment.
QUERIES = {
    "POSTGRESQL": "SELECT id, email, name, changed FROM people "
    "WHERE changed >= CAST(:since AS timestamptz) AND id > CAST(:after AS int) ORDER BY id",
    "MYSQL": (
        "SELECT id, email, name, changed FROM people WHERE changed >= :since "
        "AND id > :after ORDER BY id"
    ),
    "MONGODB": '{"collection": "people", "filter": {"changed": {"$gte": {"$date": ":since"}}, '
    '"_id": {"$gt": {"$numberInt": ":after"}}}, "sort": {"_id": 1}}',
}
NUMBERS = "WITH RECURSIVE n AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM n WHERE id < 900) "
# 900 of them: two pages.
CROWDS = {
    "POSTGRESQL": NUMBERS
    + "SELECT id, id || '@example.com' AS email FROM n WHERE id > CAST(:after AS int) ORDER BY id",
    "MYSQL": NUMBERS
    + "SELECT id, concat(id, '@example.com') AS email FROM n WHERE id > :after ORDER BY id",
    "MONGODB": (
        '{"collection": "crowd", "filter": {"_id": {"$gt": {"$numberInt": ":after"}}}, '
        '"sort": {"_id": 1}}'
    ),
}


def given(server: Server, **values: Any) -> dict[str, Any]:
    """Return a body that connects a server's database."""
    place = server.place
    engine = str(server.engine)
    configuration = {
        "provider": "DATABASE",
        "engine": engine,
        "host": place.host,
        "port": place.port,
        "database": NAME,
        "user": USER,
        "password": PASSWORD,
        "tls": "OFF",
        "query": QUERIES[engine],
        "mapping": {"id": "_id" if engine == "MONGODB" else "id", "changedAt": "changed"},
        **values,
    }
    return {"name": "Our people", "type": "DATABASE", "configuration": configuration}


def made(client: Any, server: Server, **values: Any) -> VendorAccount:
    """Connect it over the API, and return its account."""
    answer = client.post(API, given(server, **values))
    assert answer.status_code == 201, answer.content
    return Integration.objects.get(pk=answer.json()["integration"]["id"]).account


def pages(account: VendorAccount, since: Any = None) -> list[ContactPage]:
    """Return all pages of its contacts, as the contact sync asks for them."""
    assert PROVIDER.client
    assert PROVIDER.contacts
    values = vendors.current(account)
    found: list[ContactPage] = []
    cursor = None
    while not found or cursor is not None:
        client = PROVIDER.client(account, values, CallContext(function_name="sync"))
        found.append(PROVIDER.contacts.fetch(client, values, since, cursor))
        cursor = found[-1].cursor
    return found


def steps_of(answer: Any) -> dict[str, str]:
    """Return what became of each step of a test."""
    assert answer.status_code == 200, answer.content
    return {step["name"]: step["state"] for step in answer.json()["details"]["steps"]}


def assert_silent(caught: pytest.CaptureFixture[str], secret: str = PASSWORD) -> None:
    """Fail where a secret was written to a log."""
    written = caught.readouterr()
    assert secret not in written.out + written.err
