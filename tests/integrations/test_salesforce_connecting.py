"""Connecting Salesforce: by signing in or by an app's client credentials, tried step by step."""

import threading

import pytest
from django.db import connections

from core.errors import BadCredentials, Incomplete
from core.models import ApiCall
from integrations.models import Integration, OAuthGrant
from integrations.oauth import hosts
from integrations.providers.salesforce import PROVIDER
from integrations.providers.salesforce.signin import FOREIGN
from sandbox.vendors.oauth_server import CLIENT_SECRET
from tests.integrations.conftest import API
from tests.integrations.crm_cast import states
from tests.integrations.salesforce_cast import salesforce
from tests.support.people import assert_error

__all__ = ["salesforce"]
pytestmark = pytest.mark.django_db
DATA = "/services/data/v66.0"
PASSED = ["passed"] * 6


def test_client_credentials_are_tried_step_by_step(closer, salesforce):
    found = salesforce.tested(closer)
    assert found["success"] is True, found
    assert states(found) == PASSED
    details = found["details"]
    assert details["accountInfo"]["name"] == "Koppel Trial"
    assert details["accountInfo"]["edition"] == "Enterprise Edition"
    assert (details["features"], details["version"]) == (
        ["contacts.read", "contacts.write"],
        "v66.0",
    )
    messages = [step["message"] for step in details["steps"]]
    assert "14999 of 15000 API calls" in messages[2]
    minted = salesforce.asked("/services/oauth2/token")
    assert len(minted) == 1
    assert "grant_type=client_credentials" in minted[0]["body"]
    assert CLIENT_SECRET not in minted[0]["body"]


def test_a_sandbox_is_named_as_such_and_a_reader_may_connect(closer, salesforce):
    salesforce.turn(is_sandbox=True, access="read")
    found = salesforce.tested(closer)
    assert found["success"] is True
    assert "sandbox" in found["details"]["steps"][3]["message"]
    assert found["details"]["features"] == ["contacts.read"]


@pytest.mark.parametrize(
    ("switches", "failed", "error", "words"),
    [
        ({"client_credentials": False}, 2, "BAD_CREDENTIALS", "client credentials flow"),
        ({"api_enabled": False}, 2, "REJECTED", "no access to the API"),
        ({"access": "none"}, 4, "REJECTED", "permission set"),
        ({"daily_limit": 1}, 3, "RATE_LIMITED", "used all of its API calls"),
    ],
)
def test_what_is_missing_is_told_at_its_step(closer, salesforce, switches, failed, error, words):
    salesforce.turn(**switches)
    found = salesforce.tested(closer)
    assert (found["success"], found["error"]) == (False, error)
    assert states(found) == ["passed"] * failed + ["failed"] + ["skipped"] * (5 - failed)
    assert words in found["message"]


def test_a_wrong_secret_is_a_wrong_secret(closer, salesforce):
    found = salesforce.tested(closer, clientSecret="another-secret-of-no-value")
    assert (found["success"], found["error"]) == (False, "BAD_CREDENTIALS")
    assert states(found)[:3] == ["passed", "passed", "failed"]
    assert "consumer key and secret" in found["message"]
    assert "another-secret-of-no-value" not in str(found)


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
@pytest.mark.parametrize("path", ["/services/oauth2/token", f"{DATA}/limits", f"{DATA}/sobjects"])
def test_faults_of_the_service_are_no_fault_of_the_secret(
    closer, salesforce, kind, options, error, path
):
    salesforce.fault(kind, path, **options)
    found = salesforce.tested(closer)
    assert (found["success"], found["error"]) == (False, error), found["message"]


def test_without_our_version_nothing_is_tried(closer, salesforce):
    salesforce.fault("not_found", "/services/data")
    found = salesforce.tested(closer)
    assert (found["success"], found["error"]) == (False, "REJECTED")
    assert states(found)[1] == "failed"


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "northwind.lightning.force.com",
        "http://northwind.my.salesforce.com",
        "https://northwind.my.salesforce.com.evil.example",
        "https://northwind.my.salesforce.com@evil.example",
        "https://northwind.my.salesforce.com:8443",
        "northwind.my.salesforce.com/path",
        "login.salesforce.com",
        "127.0.0.1",
        "[::1",
    ],
)
def test_a_my_domain_is_a_host_of_salesforce_or_nothing(closer, salesforce, domain):
    body = assert_error(closer.post(API, salesforce.given(myDomain=domain)), 400)
    assert "configuration.myDomain" in body["fields"]
    assert not Integration.objects.exists()


def test_one_token_serves_all_workers_and_is_minted_again_when_refused(closer, salesforce):
    integration = salesforce.connected(closer)
    for _number in range(3):
        client, values = salesforce.client(integration)
        assert salesforce.contacts.count(client, values) == 120
    assert len(salesforce.asked("/services/oauth2/token")) == 1
    salesforce.act("expire_tokens")
    client, values = salesforce.client(integration)
    assert salesforce.contacts.count(client, values) == 120
    assert len(salesforce.asked("/services/oauth2/token")) == 2
    assert CLIENT_SECRET not in str(list(ApiCall.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_workers_that_need_a_token_at_once_mint_one(closer, salesforce):
    integration = salesforce.connected(closer)
    salesforce.turn(token_latency=0.3)
    found: list[int | None] = []

    def count() -> None:
        try:
            found.append(salesforce.contacts.count(*salesforce.client(integration)))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=count) for _number in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [120] * 5
    assert len(salesforce.asked("/services/oauth2/token")) == 1


@pytest.mark.parametrize(
    ("address", "is_theirs"),
    [
        ("https://northwind.my.salesforce.com", True),
        ("https://northwind--uat.sandbox.my.salesforce.com", True),
        ("https://eu46.salesforce.com/", True),
        ("https://salesforce.com.evil.example", False),
        ("https://evilsalesforce.com", False),
        ("https://northwind.my.salesforce.com@evil.example", False),
        ("https://northwind.my.salesforce.com:8443", False),
        ("https://northwind.my.salesforce.com/path", False),
        ("http://northwind.my.salesforce.com", False),
        ("https://northwind.lightning.force.com", False),
        ("https://169.254.169.254", False),
        ("", False),
    ],
)
def test_a_grants_instance_is_salesforces_own(monkeypatch, address, is_theirs):
    monkeypatch.delenv("SALESFORCE_BASE_URL", raising=False)
    assert PROVIDER.oauth is not None
    if is_theirs:
        assert hosts.checked(PROVIDER, PROVIDER.oauth, address) == address.rstrip("/")
        return
    with pytest.raises(hosts.ForeignHost):
        hosts.checked(PROVIDER, PROVIDER.oauth, address)


def test_an_instance_that_is_not_salesforces_gets_nothing(closer, salesforce):
    salesforce.turn(answer_host="https://evil.example")
    found = salesforce.tested(closer)
    assert (found["success"], found["error"], found["message"]) == (
        False,
        "MISCONFIGURED",
        str(FOREIGN),
    )


def test_people_sign_in_and_the_steps_pass(closer, salesforce):
    integration = salesforce.signed_in(closer)
    grant = OAuthGrant.objects.get(integration=integration)
    assert grant.api_base == salesforce.sandbox.url("salesforce")
    assert ":" in grant.external_account_id
    assert (integration.name, grant.external_account_name) == (
        "Salesforce · robin.hale@trial.example",
        "robin.hale@trial.example",
    )
    found = closer.post(f"{API}/{integration.pk}/test").json()
    assert states(found) == PASSED, found
    # No life is told: a refused token is renewed, once.
    salesforce.act("expire_tokens")
    client, values = salesforce.client(integration)
    assert salesforce.contacts.count(client, values) == 120
    assert salesforce.act("grants")[0]["renewals"] == 1


def test_a_grant_that_was_taken_back_asks_to_be_connected_again(closer, salesforce):
    integration = salesforce.signed_in(closer)
    salesforce.act("revoke_grants")
    found = closer.post(f"{API}/{integration.pk}/test").json()
    assert (found["success"], found["error"]) == (False, "BAD_CREDENTIALS")
    assert "Connect it again" in found["message"]
    client, values = salesforce.client(integration)
    with pytest.raises(BadCredentials):
        salesforce.contacts.count(client, values)


@pytest.mark.parametrize(
    "host",
    [
        "https://evil.example",
        "http://northwind.my.salesforce.com",
        "https://northwind.my.salesforce.com.evil.example",
        "https://salesforce.com.evil.example",
        "http://127.0.0.1:1/salesforce",
        "http://169.254.169.254",
        "file:///etc/passwd",
    ],
)
def test_a_grant_that_names_a_foreign_instance_is_refused(closer, salesforce, host):
    salesforce.turn(answer_host=host)
    assert "foreign_host" in salesforce.sign_in(closer)
    assert not Integration.objects.exists()
    assert not OAuthGrant.objects.exists()
    assert not [entry for entry in salesforce.asked() if entry["path"].endswith("/userinfo")]


def test_signing_in_without_an_identity_is_refused(closer, salesforce):
    salesforce.turn(identity=False)
    assert "connected" not in salesforce.sign_in(closer)
    assert not OAuthGrant.objects.exists()


def test_nobody_signed_in_yet(closer, salesforce):
    integration = salesforce.connected(
        closer, authType="OAUTH", myDomain=None, clientId=None, clientSecret=None
    )
    with pytest.raises(Incomplete, match="Nobody has signed in"):
        salesforce.client(integration)
    assert salesforce.usual["clientId"]


def test_the_limit_of_the_day_is_left_to_others(closer, salesforce):
    integration = salesforce.connected(closer)
    salesforce.turn(daily_limit=20)
    client, values = salesforce.client(integration)
    for _number in range(19):
        salesforce.contacts.count(client, values)
    sent = len(salesforce.asked(DATA))
    with pytest.raises(Exception, match="Koppel leaves them") as caught:
        salesforce.contacts.count(client, values)
    assert caught.value.retry_after == 900
    assert len(salesforce.asked(DATA)) == sent
