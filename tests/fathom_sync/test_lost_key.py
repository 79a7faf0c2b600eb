"""A stored key that no key of ours opens any more: said everywhere, a fault nowhere,
replaced by entering it anew.
"""

import pytest
from django.db import connection
from django.test import Client

from core.masking import Secret
from fathom_sync import accounts
from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.people import assert_error, client_of
from tests.support.world import World

pytestmark = pytest.mark.django_db

API, PAGE = "/api/settings/fathom", "/settings/fathom"
KEY = DEMO_KEYS[0]
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"
OTHERS = f"{'ab' * 16}:{'cd' * 16}:{'ef' * 20}"


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    return sandbox


@pytest.fixture(params=["organization", "rep"])
def lost(request):
    """The CEO's two clients, the query that names the account, and the account."""
    world = World()
    owner = getattr(world, request.param)
    account = accounts.account_for(owner)
    accounts.save(account, api_key=KEY, webhook_secret=SECRET, actor="a test")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vendor_secrets SET value = %s", [OTHERS])
    browser = Client(raise_request_exception=False)
    browser.force_login(world.users["CEO"], backend="core.signin.Backend")
    return client_of(world.users["CEO"]), browser, f"?{request.param}={owner.pk}", owner


def test_it_is_shown_as_an_error_and_replaced_by_entering_it_anew(lost):
    api, browser, query, owner = lost
    body = api.get(API + query).json()
    assert (body["connectionStatus"], body["hasApiKey"], body["apiKey"]) == (
        "error",
        True,
        "•" * 18,
    )
    page = browser.get(PAGE + query)
    assert page.status_code == 200
    assert "Connection failed" in page.content.decode()
    tested = api.post(f"{API}/test{query}", {}).json()
    assert tested["success"] is False
    assert "cannot be opened any more" in tested["message"]
    assert (
        api.post(API + query, {"apiKey": KEY}).json()["config"]["connectionStatus"] == "connected"
    )
    assert accounts.api_key(accounts.account_for(owner)) == Secret(KEY)


def test_it_may_be_removed_and_registers_no_webhook(lost):
    api, browser, query, owner = lost
    refused = assert_error(api.post(f"{API}/webhook{query}"), 409, "unusable_key")
    assert "Enter it again" in refused["message"]
    assert browser.post(f"{PAGE}/test{query}", headers={"HX-Request": "true"}).status_code == 200
    assert api.delete(API + query).json()["config"]["connectionStatus"] == "not_configured"
    assert accounts.api_key(accounts.account_for(owner)) is None


def test_a_delivery_to_it_is_503_and_not_a_fault(lost):
    account = accounts.account_for(lost[3])
    answer = Client(raise_request_exception=False).post(
        f"/api/webhooks/fathom/{account.webhook_token}", b"{}", content_type="application/json"
    )
    assert answer.status_code == 503
