"""Connecting Zoho CRM: by signing in in any data center or by a self client, tried step by step."""

import pytest

from core.errors import BadCredentials, Incomplete, Misconfigured
from core.models import ApiCall
from integrations.models import Integration, OAuthGrant
from integrations.oauth import hosts
from integrations.providers.zoho import PROVIDER, signin
from integrations.providers.zoho.names import CENTERS
from sandbox.vendors.oauth_server import CLIENT_SECRET
from sandbox.vendors.zoho.session import SELF_REFRESH
from tests.integrations.conftest import API
from tests.integrations.crm_cast import states
from tests.integrations.zoho_cast import zoho
from tests.support.people import assert_error

__all__ = ["zoho"]
pytestmark = pytest.mark.django_db
V8 = "/crm/v8"
TOKEN = "/oauth/v2/token"
PASSED = ["passed"] * 6
REFRESH = {"authType": "REFRESH_TOKEN", "refreshToken": SELF_REFRESH, "organizationId": None}


@pytest.mark.parametrize("values", [{}, REFRESH])
def test_a_self_client_is_tried_step_by_step(closer, zoho, values):
    found = zoho.tested(closer, **values)
    assert found["success"] is True, found
    assert states(found) == PASSED
    details = found["details"]
    assert details["accountInfo"] == {
        "id": "20090234567",
        "name": "Koppel Trial",
        "edition": "enterprise",
    }
    assert (details["features"], details["version"]) == (["contacts.read", "contacts.write"], "v8")
    messages = [step["message"] for step in details["steps"]]
    assert "robin.hale@example.com" in messages[2]
    assert "2 fields of your own" in messages[5]
    minted = zoho.asked(TOKEN)
    assert len(minted) == 1
    assert minted[0]["query"] == {}
    calls = zoho.asked(V8)
    assert {entry["headers"]["authorization"].split()[0] for entry in calls} == {"Zoho-oauthtoken"}
    assert CLIENT_SECRET not in str(list(ApiCall.objects.values()))
    assert SELF_REFRESH not in str(list(ApiCall.objects.values()))


def test_an_empty_organization_is_as_good(closer, zoho):
    zoho.turn(contacts=0)
    found = zoho.tested(closer)
    assert states(found) == PASSED
    assert "no contacts yet" in found["details"]["steps"][4]["message"]


@pytest.mark.parametrize(
    ("switches", "failed", "error", "words"),
    [
        ({"lacks": ["ZohoCRM.users.READ"]}, 2, "REJECTED", "lacks a right"),
        ({"lacks": ["ZohoCRM.org.READ"]}, 3, "REJECTED", "lacks a right"),
        ({"lacks": ["ZohoCRM.modules.contacts.ALL"]}, 4, "REJECTED", "lacks a right"),
        ({"credits": 1}, 3, "RATE_LIMITED", "no more calls for the moment"),
    ],
)
def test_what_is_missing_is_told_at_its_step(closer, zoho, switches, failed, error, words):
    zoho.turn(**switches)
    found = zoho.tested(closer)
    assert (found["success"], found["error"]) == (False, error)
    assert states(found) == ["passed"] * failed + ["failed"] + ["skipped"] * (5 - failed)
    assert words in found["message"]


def test_without_the_right_to_see_fields_the_usual_ones_do(closer, zoho):
    zoho.turn(lacks=["ZohoCRM.settings.fields.READ"])
    found = zoho.tested(closer)
    assert states(found) == PASSED
    assert "ZohoCRM.settings.fields.READ" in found["details"]["steps"][5]["message"]


@pytest.mark.parametrize(
    "values",
    [
        {"clientSecret": "another-secret-of-no-value"},
        {"organizationId": "999"},
        {**REFRESH, "refreshToken": "1000.another-token-of-no-value"},
    ],
)
def test_wrong_values_of_a_self_client_are_told_though_the_answer_is_a_200(closer, zoho, values):
    found = zoho.tested(closer, **values)
    assert (found["success"], found["error"]) == (False, "BAD_CREDENTIALS")
    assert states(found)[:3] == ["passed", "passed", "failed"]
    assert "data center" in found["message"]
    assert "of-no-value" not in str(found)


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("error", {"status": 503}, "UNREACHABLE"),
        ("html", {"status": 200}, "MISCONFIGURED"),
        ("cut", {}, "UNREACHABLE"),
        ("malformed", {}, "UNREACHABLE"),
        ("rate_limited", {"retry_after": "120"}, "RATE_LIMITED"),
    ],
)
@pytest.mark.parametrize("path", ["/oauth/serverinfo", TOKEN, f"{V8}/users", f"{V8}/Contacts"])
def test_faults_of_the_service_are_no_fault_of_the_access(closer, zoho, kind, options, error, path):
    zoho.fault(kind, path, **options)
    found = zoho.tested(closer)
    assert (found["success"], found["error"]) == (False, error), found["message"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"dataCenter": "moon"}, "dataCenter"),
        ({"organizationId": "ZohoCRM.1"}, "organizationId"),
        ({"authType": "PASSWORD"}, "authType"),
        ({"clientId": ""}, "clientId"),
        ({"authType": "REFRESH_TOKEN"}, "refreshToken"),
    ],
)
def test_what_cannot_be_is_named(closer, zoho, values, field):
    body = assert_error(closer.post(API, zoho.given(**values)), 400)
    assert f"configuration.{field}" in body["fields"]


def test_one_token_serves_all_workers_and_minting_too_often_is_no_wrong_secret(closer, zoho):
    zoho.turn(mints=2)
    integration = zoho.connected(closer, **REFRESH)
    for _number in range(3):
        assert zoho.contacts.count(*zoho.client(integration)) == 120
    assert len(zoho.asked(TOKEN)) == 1
    zoho.act("expire_tokens")
    assert zoho.contacts.count(*zoho.client(integration)) == 120
    zoho.act("expire_tokens")
    found = closer.post(f"{API}/{integration.pk}/test").json()
    assert (found["success"], found["error"]) == (False, "RATE_LIMITED")
    assert "ten minutes" in found["message"]


def test_an_api_domain_that_is_not_zohos_gets_nothing(closer, zoho):
    zoho.turn(answer_host="https://evil.example")
    found = zoho.tested(closer)
    assert (found["success"], found["error"], found["message"]) == (
        False,
        "MISCONFIGURED",
        str(signin.FOREIGN),
    )
    assert not zoho.asked(V8)


def test_a_tokens_api_is_the_data_centers_own(monkeypatch):
    monkeypatch.delenv("ZOHO_BASE_URL", raising=False)
    for key, center in CENTERS.items():
        assert signin._api_base({}, key) == f"https://{center.api}"
        assert signin._api_base(
            {"api_domain": f"https://sandbox.zohoapis.{center.ending}/"}, key
        ).startswith("https")
    for named in (
        "https://www.zohoapis.com",
        "http://www.zohoapis.eu",
        "https://www.zohoapis.eu.evil.example",
    ):
        with pytest.raises(Misconfigured):
            signin._api_base({"api_domain": named}, "eu")


@pytest.mark.parametrize(
    ("address", "is_theirs"),
    [
        ("https://accounts.zoho.eu", True),
        ("https://accounts.zohocloud.ca", True),
        ("https://www.zohoapis.com.au", True),
        ("https://sandbox.zohoapis.eu/", True),
        ("https://accounts.zoho.ca", False),
        ("https://accounts.zoho.eu.evil.example", False),
        ("https://evil.zohoapis.eu", False),
        ("https://accounts.zoho.eu@evil.example", False),
        ("http://accounts.zoho.eu", False),
        ("https://127.0.0.1", False),
        ("", False),
    ],
)
def test_a_grants_servers_are_zohos_own(monkeypatch, address, is_theirs):
    monkeypatch.delenv("ZOHO_BASE_URL", raising=False)
    assert PROVIDER.oauth is not None
    if is_theirs:
        assert hosts.checked(PROVIDER, PROVIDER.oauth, address) == address.rstrip("/")
        return
    with pytest.raises(hosts.ForeignHost):
        hosts.checked(PROVIDER, PROVIDER.oauth, address)


def test_people_sign_in_and_the_steps_pass(closer, zoho):
    integration = zoho.signed_in(closer)
    grant = OAuthGrant.objects.get(integration=integration)
    base = zoho.sandbox.url("zoho")
    assert (grant.api_base, grant.token_host) == (base, base)
    assert grant.external_account_name == "robin.hale@example.com"
    found = closer.post(f"{API}/{integration.pk}/test").json()
    assert states(found) == PASSED, found
    zoho.act("expire_tokens")
    assert zoho.contacts.count(*zoho.client(integration)) == 120


def test_a_grant_that_was_taken_back_asks_to_be_connected_again(closer, zoho):
    integration = zoho.signed_in(closer)
    zoho.act("revoke_grants")
    found = closer.post(f"{API}/{integration.pk}/test").json()
    assert (found["success"], found["error"]) == (False, "BAD_CREDENTIALS")
    assert "Connect it again" in found["message"]
    with pytest.raises(BadCredentials):
        zoho.contacts.count(*zoho.client(integration))


@pytest.mark.parametrize(
    "host",
    [
        "https://evil.example",
        "http://accounts.zoho.eu",
        "https://zoho.eu.evil.example",
        "http://127.0.0.1:1",
    ],
)
def test_a_grant_that_names_a_foreign_server_is_refused(closer, zoho, host):
    zoho.turn(answer_host=host)
    assert "foreign_host" in zoho.sign_in(closer)
    assert not Integration.objects.exists()
    assert not OAuthGrant.objects.exists()
    assert not zoho.asked(V8)


def test_nobody_signed_in_yet(closer, zoho):
    integration = zoho.connected(
        closer, authType="OAUTH", clientId=None, clientSecret=None, organizationId=None
    )
    with pytest.raises(Incomplete, match="Nobody has signed in"):
        zoho.client(integration)


def test_the_last_credits_are_left_to_others(closer, zoho):
    integration = zoho.connected(closer)
    zoho.turn(credits=20)
    client, values = zoho.client(integration)
    for _number in range(10):
        zoho.contacts.count(client, values)
    sent = len(zoho.asked(V8))
    with pytest.raises(Exception, match="Koppel leaves the rest") as caught:
        zoho.contacts.count(client, values)
    assert caught.value.retry_after == 900
    assert len(zoho.asked(V8)) == sent
