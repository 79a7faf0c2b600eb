"""Signing in at a vendor and coming back: an integration with its grant,
or nothing, and a reason.
"""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from core.connections import Connection
from core.models import ApiCall, AuditEvent
from core.vendors import state_of
from integrations.models import Integration, OAuthGrant, OAuthState
from tests.integrations.oauth_cast import (
    CALLBACK,
    KEY,
    OAUTHS,
    START,
    ask,
    begin,
    come_back,
    company,
    connect,
    person_in,
    shape,
)
from tests.support.people import assert_error, client_of

pytestmark = pytest.mark.django_db

__all__ = ["company", "shape"]


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def problem_of(answer) -> str:
    assert answer.status_code == 302
    return query_of(answer["Location"])["problem"]


@pytest.mark.parametrize("shape", OAUTHS)
def test_a_person_signs_in_and_is_connected(company, shape):
    user, client = person_in()
    integration = connect(company, client)
    grant = OAuthGrant.objects.get()
    assert (integration.owner, integration.provider, integration.type) == (user, KEY, "CRM")
    assert integration.name == "Sign-in · First company"
    assert integration.account.values == {"mode": "simple"}
    assert (grant.external_account_id, grant.external_account_name) == (
        "id-of-first",
        "First company",
    )
    assert grant.state == "live"
    assert grant.api_base == (
        company.sandbox.url("signin") if company.provider.oauth.api_base_from else ""
    )
    assert grant.expires_at > timezone.now() + timedelta(minutes=25)
    assert ask(integration) == "id-of-first"
    assert state_of(integration.account).state is Connection.CONNECTED
    assert not OAuthState.objects.exists()
    assert (
        AuditEvent.objects.filter(
            action="integration.connected", target_id=str(integration.pk)
        ).count()
        == 1
    )


@pytest.mark.parametrize("shape", OAUTHS)
def test_the_vendor_is_asked_in_its_own_way(company, shape):
    _user, client = person_in()
    asked = query_of(begin(client))
    declared = company.provider.oauth
    assert asked["redirect_uri"].endswith(CALLBACK)
    assert ("code_challenge" in asked) is declared.pkce
    assert asked.get("scope", "") == declared.scope
    assert asked.items() >= declared.parameters.items()
    assert len(asked["state"].partition(".")[2]) == 43
    connect(company, client)
    sent = next(
        entry for entry in company.asked() if "grant_type=authorization_code" in entry["body"]
    )
    assert ("client_secret" in sent["body"]) is (declared.client_auth == "client_secret_post")
    assert ("code_verifier" in sent["body"]) is declared.pkce


def test_a_browser_is_redirected_there_whatever_host_it_asks(company, settings):
    settings.PUBLIC_URL = "https://koppel.example.com"
    _user, client = person_in()
    answer = client.get(START, HTTP_HOST="localhost", HTTP_X_FORWARDED_HOST="evil.example")
    assert answer.status_code == 302
    assert query_of(answer["Location"])["redirect_uri"] == f"https://koppel.example.com{CALLBACK}"


def test_a_state_is_good_once(company):
    _user, client = person_in()
    back = company.visit(begin(client))
    assert "connected=" in come_back(client, back)["Location"]
    assert problem_of(come_back(client, back)) == "expired"
    assert Integration.objects.count() == 1


def test_a_state_of_another_person_is_nothing_to_anybody_else(company):
    _user, client = person_in()
    _other, stranger = person_in()
    back = company.visit(begin(client))
    assert_error(come_back(stranger, back), 404)
    assert not Integration.objects.exists()
    assert not any("authorization_code" in entry["body"] for entry in company.asked())
    assert "connected=" in come_back(client, back)["Location"]


def test_a_state_of_another_provider_is_refused(company, monkeypatch):
    from dataclasses import replace

    from integrations import registry

    monkeypatch.setitem(registry._known, "OTHER", replace(company.provider, key="OTHER"))
    _user, client = person_in()
    back = company.visit(begin(client)).replace("/signin/", "/other/")
    assert problem_of(come_back(client, back)) == "expired"
    assert not Integration.objects.exists()


@pytest.mark.parametrize(
    "state", ["", "x", "0" * 32, f"{'0' * 32}.{'a' * 43}", "\x00.\x00", "é" * 3000]
)
def test_a_state_that_is_none_is_refused(company, state):
    _user, client = person_in()
    answer = client.get(CALLBACK, {"state": state, "code": "something"})
    if answer.status_code == 302:
        assert problem_of(answer) in {"expired", "start_again"}
    else:
        assert_error(answer, 400)
    assert not company.asked()


def test_a_state_with_another_secret_is_refused_and_stays_good(company):
    _user, client = person_in()
    back = company.visit(begin(client))
    state = query_of(back)["state"]
    wrong = f"{state[:-1]}{'A' if state[-1] != 'A' else 'B'}"
    assert problem_of(client.get(CALLBACK, {"state": wrong, "code": "x"})) == "expired"
    assert "connected=" in come_back(client, back)["Location"]


def test_a_state_is_good_for_ten_minutes(company):
    _user, client = person_in()
    back = company.visit(begin(client))
    OAuthState.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert problem_of(come_back(client, back)) == "expired"
    assert not Integration.objects.exists()


def test_a_no_is_a_reason_and_ends_the_sign_in(company):
    _user, client = person_in()
    company.turn(denies="access_denied")
    back = company.visit(begin(client))
    assert problem_of(come_back(client, back)) == "denied"
    assert not OAuthState.objects.exists()
    company.turn(denies="OAUTH_APPROVAL_ERROR_GENERIC")
    assert problem_of(come_back(client, company.visit(begin(client)))) == "not_installed"


def test_a_code_that_is_too_old_connects_nothing(company):
    _user, client = person_in()
    company.turn(code_life=0.001)
    back = company.visit(begin(client))
    assert problem_of(come_back(client, back)) == "failed"
    assert not Integration.objects.exists()


def test_a_state_is_good_in_the_session_that_it_was_begun_in(company):
    user, _program = person_in()
    first, second = Client(), Client()
    first.force_login(user)
    second.force_login(user)
    back = company.visit(begin(first))
    assert problem_of(come_back(second, back)) == "start_again"
    assert not any("authorization_code" in entry["body"] for entry in company.asked())
    assert "connected=" in come_back(first, back)["Location"]


@pytest.mark.parametrize(
    "fault", [{"kind": "error"}, {"kind": "html"}, {"kind": "cut"}, {"kind": "html", "status": 403}]
)
def test_a_vendor_that_has_a_fault_connects_nothing(company, fault):
    _user, client = person_in()
    back = company.visit(begin(client))
    company.sandbox.fault("signin", path=company.stand_in.oauth.token, **fault)
    assert problem_of(come_back(client, back)) == "unreachable"
    assert not Integration.objects.exists()


@pytest.mark.parametrize("shape", ["zoho"])
def test_a_grant_that_does_not_last_is_refused_and_taken_back(company, shape):
    company.declare_as(parameters={})
    _user, client = person_in()
    assert problem_of(come_back(client, company.visit(begin(client)))) == "not_lasting"
    assert not Integration.objects.exists()


def test_a_client_that_the_vendor_does_not_know_is_the_installations_affair(company, monkeypatch):
    _user, client = person_in()
    back = company.visit(begin(client))
    monkeypatch.setenv(f"{KEY}_CLIENT_SECRET", "another")
    answer = come_back(client, back)
    assert problem_of(answer) == "misconfigured"


def test_without_a_client_it_says_that_it_is_not_set_up(company, monkeypatch):
    monkeypatch.delenv(f"{KEY}_CLIENT_SECRET")
    _user, client = person_in()
    body = assert_error(client.get(START), 503, "NOT_SET_UP")
    assert "not set up on this installation" in body["message"]
    assert not OAuthState.objects.exists()


def test_nobody_signs_in_at_a_provider_that_is_none(company):
    _user, client = person_in()
    assert_error(client.get(START.replace("signin", "nothing")), 404)
    assert_error(client.get(CALLBACK.replace("signin", "nothing")), 404)


def test_who_is_not_signed_in_is_led_to_the_page_and_a_program_is_refused(company):
    _user, client = person_in()
    back = company.visit(begin(client))
    assert problem_of(come_back(client_of(), back, HTTP_ACCEPT="text/html")) == "signed_out"
    assert_error(come_back(client_of(), back), 401)
    assert_error(client_of().get(START), 401)
    assert OAuthState.objects.count() == 1


def test_a_program_reads_what_came_of_it(company):
    _user, client = person_in()
    answer = come_back(client, company.visit(begin(client)), HTTP_ACCEPT="application/json")
    assert answer.json() == {"success": True, "integrationId": str(Integration.objects.get().pk)}


def test_only_for_an_organization_of_ones_own(company):
    _user, client = person_in()
    other, _client = person_in()
    organization = other.memberships.get().organization
    assert_error(client.get(f"{START}?organization={organization.pk}"), 404)


def test_no_secret_is_written_anywhere(company, caplog):
    _user, client = person_in()
    back = company.visit(begin(client))
    code, state = query_of(back)["code"], query_of(back)["state"]
    with caplog.at_level("DEBUG"):
        come_back(client, back)
    grant = OAuthGrant.objects.get()
    secrets = [code, state, grant.access_token.reveal(), grant.refresh_token.reveal()]
    written = (
        caplog.text + str(list(AuditEvent.objects.values())) + str(list(ApiCall.objects.values()))
    )
    written += repr(grant) + repr(vars(grant)) + str(grant)
    for secret in secrets:
        assert secret not in written
    assert ApiCall.objects.filter(function_name="oauth.exchange", success=True).count() == 1
