"""Pipedrive on its stand-in."""

import pytest

from core.http import Limits
from integrations.providers import pipedrive as provider
from integrations.providers.pipedrive import client as calls
from sandbox.vendors.pipedrive.cast import KEYS
from tests.integrations.crm_cast import Crm, set_up
from tests.support.sandbox import Sandbox

TOKEN = KEYS["Northwind, administrator"].token
SEES_A_THIRD = KEYS["Northwind, sees a third"].token
NORTHWIND, CONTOSO = "7710001", "7710002"


@pytest.fixture
def pipedrive(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Crm:
    monkeypatch.setattr(calls, "LIMITS", Limits(total=60, pause=0.01))
    return set_up(sandbox, monkeypatch, provider.PROVIDER, {"authType": "TOKEN", "apiToken": TOKEN})
