"""A service says that the app was removed there: the grant is gone, its secrets too,
and people are told.
"""

import base64

import pytest

from core.connections import Connection
from core.models import AuditEvent, Incident
from core.vendors import state_of
from integrations.models import Integration, OAuthGrant
from integrations.oauth.problems import GrantGone
from tests.integrations.oauth_cast import (
    ALL,
    CALLBACK,
    KEY,
    ask,
    come_back,
    company,
    connect,
    person_in,
    vendors_own,
)
from tests.support.people import assert_error, client_of

__all__ = ["company"]
pytestmark = pytest.mark.django_db
BODY = {"client_id": "koppel-demo-client", "company_id": 7, "user_id": 1, "timestamp": "2026-11-30"}


@pytest.fixture
def shape():
    return "pipedrive"


def test_what_was_removed_there_is_gone_here_and_can_be_connected_again(company):
    _user, client = person_in()
    integration, other = connect(company, client), connect(company, client, "second")
    assert vendors_own(client_of()).delete(CALLBACK, BODY).status_code == 204
    grant = OAuthGrant.objects.get(integration=integration)
    assert (grant.state, grant.reason, grant.access_token, grant.refresh_token) == (
        "gone",
        "uninstalled",
        None,
        None,
    )
    status = state_of(Integration.objects.select_related("account").get(pk=integration.pk).account)
    assert status.state is Connection.ERROR
    assert "Connect it again" in status.next_step
    assert Incident.objects.get().closed_at is None
    assert AuditEvent.objects.get(action="integration.grant_gone").target_id == str(integration.pk)
    with pytest.raises(GrantGone):
        ask(integration)
    assert ask(other) == "id-of-second"
    assert vendors_own(client_of()).delete(CALLBACK, BODY).status_code == 204
    assert AuditEvent.objects.filter(action="integration.grant_gone").count() == 1
    url = client.post(f"{ALL}/{integration.pk}/reconnect").json()["url"]
    assert come_back(client, company.visit(url))["Location"].endswith(f"connected={integration.pk}")
    assert ask(integration) == "id-of-first"


@pytest.mark.parametrize(
    "proof", ["", "Basic", "Basic x", "Basic " + base64.b64encode(b":").decode(), "Bearer x"]
)
def test_nobody_else_removes_anything(company, proof):
    _user, client = person_in()
    connect(company, client)
    assert_error(client.delete(CALLBACK, BODY), 401)
    stranger = client_of()
    stranger.credentials(HTTP_AUTHORIZATION=proof)
    assert_error(stranger.delete(CALLBACK, BODY), 401)
    assert OAuthGrant.objects.get().is_live


def test_without_a_client_nobody_is_the_vendor(company, monkeypatch):
    for name in (f"{KEY}_CLIENT_ID", f"{KEY}_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    nobody = client_of()
    nobody.credentials(HTTP_AUTHORIZATION="Basic " + base64.b64encode(b":").decode())
    assert_error(nobody.delete(CALLBACK, BODY), 401)


@pytest.mark.parametrize(
    "body", [{}, {"company_id": "x", "user_id": []}, {"company_id": -1, "user_id": -5}]
)
def test_a_body_that_names_nobody_is_refused(company, body):
    assert_error(vendors_own(client_of()).delete(CALLBACK, body), 400)
