"""HubSpot on its stand-in."""

import pytest

from core.http import Limits
from integrations.providers import hubspot as provider
from integrations.providers.hubspot import client as calls
from sandbox.vendors.hubspot.cast import KEYS
from tests.integrations.crm_cast import Crm, set_up
from tests.support.sandbox import Sandbox

TOKEN = KEYS["Northwind"].token
READING_ONLY = KEYS["Northwind, reading only"].token
NORTHWIND, CONTOSO = "4471001", "4471002"
WITHOUT_CONTACTS = KEYS["Northwind, without contacts"].token


@pytest.fixture
def hubspot(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Crm:
    monkeypatch.setattr(calls, "LIMITS", Limits(total=60, pause=0.01))
    return set_up(
        sandbox, monkeypatch, provider.PROVIDER, {"authType": "TOKEN", "accessToken": TOKEN}
    )
