"""A grant is taken back at the vendor and its secrets are deleted here,
whichever way an integration is left.
"""

import pytest

from core.connections import Connection
from core.models import AuditEvent, Incident, VendorAccount, VendorSecret
from core.vendors import state_of
from integrations import services
from integrations.models import Integration, OAuthGrant
from integrations.oauth import leaving
from integrations.oauth.problems import GrantGone
from tests.integrations.oauth_cast import (
    ALL,
    NAME,
    OAUTHS,
    ask,
    come_back,
    company,
    connect,
    person_in,
    shape,
)
from tests.support import people
from tests.support.people import assert_error

__all__ = ["company", "shape"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(company):
    """Return the owner's client and the integration."""
    _user, client = person_in()
    return client, connect(company, client)


def disconnect(client, integration):
    answer = client.post(f"{ALL}/{integration.pk}/disconnect")
    assert answer.status_code == 200, answer.content
    return answer.json()


def erased():
    grant = OAuthGrant.objects.get()
    return (grant.access_token, grant.refresh_token, grant.family) == (None, None, "")


@pytest.mark.parametrize("shape", OAUTHS)
def test_disconnected_is_taken_back_there_and_deleted_here(company, cast, shape):
    client, integration = cast
    answer = disconnect(client, integration)
    assert (answer["success"], answer["isRevoked"]) == (True, True)
    assert "taken back at the service" in answer["message"]
    assert company.grants[0]["dead"]
    grant = OAuthGrant.objects.get()
    assert (grant.state, grant.reason, grant.external_account_id) == (
        "gone",
        "disconnected",
        "id-of-first",
    )
    assert erased()
    assert state_of(Integration.objects.get().account).state is Connection.NOT_CONFIGURED
    assert AuditEvent.objects.filter(action="integration.disconnected").count() == 1
    asked = len(company.asked())
    with pytest.raises(GrantGone):
        ask(integration)
    assert len(company.asked()) == asked


def test_disconnected_twice_is_as_good(company, cast):
    client, integration = cast
    disconnect(client, integration)
    answer = disconnect(client, integration)
    assert (answer["success"], answer["isRevoked"]) == (True, False)
    assert "nothing to take back" in answer["message"]


@pytest.mark.parametrize("shape", OAUTHS)
def test_the_same_account_comes_back_and_another_does_not(company, cast, shape):
    client, integration = cast
    disconnect(client, integration)
    url = client.post(f"{ALL}/{integration.pk}/reconnect").json()["url"]
    answer = come_back(client, company.visit(url, "second"))
    assert answer["Location"].endswith("problem=other_account")
    assert erased()
    url = client.post(f"{ALL}/{integration.pk}/reconnect").json()["url"]
    assert come_back(client, company.visit(url))["Location"].endswith(f"connected={integration.pk}")
    assert ask(integration) == "id-of-first"


@pytest.mark.parametrize("kind", ["error", "html", "rate_limited"])
def test_a_vendor_that_has_a_fault_keeps_no_secret_here(company, cast, kind):
    client, integration = cast
    company.sandbox.fault(NAME, kind, path=company.stand_in.oauth.revoke)
    answer = disconnect(client, integration)
    assert not answer["isRevoked"]
    assert "remove Koppel in its settings" in answer["message"]
    assert erased()


def test_what_another_integration_lives_by_stays_at_the_vendor(company, cast):
    client, integration = cast
    beside = connect(company, client)
    answer = disconnect(client, beside)
    assert not answer["isRevoked"]
    assert "Another integration uses the same access" in answer["message"]
    assert ask(integration) == "id-of-first"


def test_a_pasted_token_is_deleted_too(company, cast):
    client, integration = cast
    token = company.grants[0]["tokens"][0]
    services.change(
        integration, given={"provider": "SIGNIN", "token": token}, actor="test", insist=True
    )
    assert VendorSecret.objects.filter(field="token").exists()
    disconnect(client, integration)
    assert not VendorSecret.objects.exists()


def test_a_disconnection_that_somebody_died_in_is_brought_to_its_end(company, cast):
    _client, integration = cast
    leaving._out_of_use(integration)
    assert not company.grants[0]["dead"]
    assert leaving.finish() == 1
    assert company.grants[0]["dead"]
    assert erased()
    assert leaving.finish() == 0


def test_disconnecting_ends_the_incident(company, cast):
    client, integration = cast
    company.act("revoke_grants")
    services.try_stored(integration, actor="test")
    assert Incident.objects.get().closed_at is None
    disconnect(client, integration)
    assert Incident.objects.get().closed_at is not None


@pytest.mark.parametrize("shape", OAUTHS)
def test_a_deleted_integration_leaves_nothing_at_the_vendor(company, cast, shape):
    client, integration = cast
    assert client.delete(f"{ALL}/{integration.pk}").status_code == 204
    assert company.grants[0]["dead"]
    assert not Integration.objects.exists()
    assert not OAuthGrant.objects.exists()
    assert not VendorAccount.objects.filter(vendor=NAME).exists()


def test_a_vendor_that_has_a_fault_keeps_nothing_from_being_deleted(company, cast):
    client, integration = cast
    company.sandbox.fault(NAME, "error", path=company.stand_in.oauth.revoke)
    assert client.delete(f"{ALL}/{integration.pk}").status_code == 204
    assert not OAuthGrant.objects.exists()


def test_a_provider_that_is_declared_no_more_keeps_nothing_from_being_deleted(company, cast):
    _client, integration = cast
    company.declare_as()
    from integrations import registry

    del registry._known["SIGNIN"]
    services.remove(integration, actor="test")
    assert not OAuthGrant.objects.exists()
    registry._known["SIGNIN"] = company.provider


def test_only_those_who_may_disconnect_it(company, cast):
    _client, integration = cast
    address = f"{ALL}/{integration.pk}/disconnect"
    stranger = people.client_of(people.member("CEO", people.organization("Elsewhere"), "stranger"))
    assert_error(stranger.post(address), 404)
    services.share(integration, is_shared=True, actor="test")
    colleague = people.client_of(people.member("CLOSER", integration.organization, "colleague"))
    assert_error(colleague.post(address), 403)
    assert OAuthGrant.objects.get().is_live
