"""Zoho on its stand-in."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from integrations.providers import zoho as provider
from sandbox.vendors.oauth_server import CLIENT_ID, CLIENT_SECRET
from tests.integrations.crm_cast import Crm, set_up
from tests.support.sandbox import Sandbox

USUAL = {
    "authType": "CLIENT_CREDENTIALS",
    "dataCenter": "eu",
    "clientId": CLIENT_ID,
    "clientSecret": CLIENT_SECRET,
    "organizationId": "20091234567",
}


@pytest.fixture
def zoho(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    cache.clear()
    yield set_up(sandbox, monkeypatch, provider.PROVIDER, USUAL)
    cache.clear()
