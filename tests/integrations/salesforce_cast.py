"""Salesforce on its stand-in."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from integrations.providers import salesforce as provider
from sandbox.vendors.oauth_server import CLIENT_ID, CLIENT_SECRET
from tests.integrations.crm_cast import Crm, set_up
from tests.support.sandbox import Sandbox

USUAL = {
    "authType": "CLIENT_CREDENTIALS",
    "myDomain": "northwind.my.salesforce.com",
    "clientId": CLIENT_ID,
    "clientSecret": CLIENT_SECRET,
}


@pytest.fixture
def salesforce(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    cache.clear()
    yield set_up(sandbox, monkeypatch, provider.PROVIDER, USUAL)
    cache.clear()
