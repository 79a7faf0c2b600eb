"""An integration that is connected again keeps its identity:
another account's grant changes nothing.
"""

import pytest

from core import vendors
from core.connections import Connection
from core.models import AuditEvent, Incident
from core.vendors import state_of
from integrations import services
from integrations.models import Integration, OAuthGrant
from tests.integrations.oauth_cast import (
    ALL,
    NAME,
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
from tests.support import people
from tests.support.people import assert_error

__all__ = ["company", "shape"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(company):
    """Return the owner's client and the integration."""
    _user, client = person_in()
    return client, connect(company, client)


def reconnect(client, integration):
    answer = client.post(f"{ALL}/{integration.pk}/reconnect")
    assert answer.status_code == 200, answer.content
    return answer.json()["url"]


@pytest.mark.parametrize("shape", OAUTHS)
def test_the_same_account_is_connected_again_and_its_incident_is_over(company, cast, shape):
    client, integration = cast
    company.act("revoke_grants")
    services.try_stored(integration, actor="test")
    assert Incident.objects.get().closed_at is None
    answer = come_back(client, company.visit(reconnect(client, integration)))
    assert answer["Location"] == f"/dashboard/integrations?connected={integration.pk}"
    assert Incident.objects.get().closed_at is not None
    assert OAuthGrant.objects.get().state == "live"
    assert state_of(Integration.objects.get().account).state is Connection.CONNECTED
    assert ask(integration) == "id-of-first"
    assert AuditEvent.objects.filter(action="integration.reconnected").count() == 1


@pytest.mark.parametrize("shape", OAUTHS)
@pytest.mark.parametrize("kind", ["page", "program"])
def test_another_account_is_refused_and_its_grant_taken_back(company, cast, shape, kind):
    client, integration = cast
    before = OAuthGrant.objects.get()
    back = company.visit(reconnect(client, integration), who="second")
    if kind == "page":
        assert (
            come_back(client, back)["Location"] == "/dashboard/integrations?problem=other_account"
        )
    else:
        body = assert_error(
            come_back(client, back, HTTP_ACCEPT="application/json"), 409, "OTHER_ACCOUNT"
        )
        assert "another account" in body["message"]
    after = OAuthGrant.objects.get()
    assert after.access_token.reveal() == before.access_token.reveal()
    assert (after.external_account_id, after.version) == ("id-of-first", before.version)
    first, second = company.grants
    assert (first["dead"], second["dead"]) == (False, True)
    assert second["who"] == "second"
    assert ask(integration) == "id-of-first"


def test_an_answer_of_another_account_than_consented_is_refused(company, cast):
    client, integration = cast
    url = reconnect(client, integration)
    company.turn(answers_as="second")
    answer = come_back(client, company.visit(url))
    assert answer["Location"].endswith("problem=other_account")
    assert ask(integration) == "id-of-first"


def test_another_account_that_is_connected_beside_it_stays_connected(company, cast):
    client, integration = cast
    beside = connect(company, client, "second")
    answer = come_back(client, company.visit(reconnect(client, integration), who="second"))
    assert answer["Location"].endswith("problem=other_account")
    assert ask(beside) == "id-of-second"
    assert ask(integration) == "id-of-first"


@pytest.mark.parametrize("shape", ["salesforce", "zoho"])
def test_the_grant_that_was_replaced_is_taken_back(company, cast, shape):
    client, integration = cast
    come_back(client, company.visit(reconnect(client, integration)))
    old, new = company.grants
    assert (old["dead"], new["dead"]) == (True, False)
    assert ask(integration) == "id-of-first"


def test_a_link_that_was_made_for_one_is_nothing_to_another(company, cast):
    client, integration = cast
    back = company.visit(reconnect(client, integration))
    colleague = people.client_of(people.member("CEO", integration.organization, "colleague"))
    assert_error(come_back(colleague, back), 404)
    assert OAuthGrant.objects.get().version == 2
    assert come_back(client, back)["Location"].endswith(f"connected={integration.pk}")


def test_who_may_not_change_it_any_more_connects_nothing(company, cast):
    client, integration = cast
    back = company.visit(reconnect(client, integration))
    Integration.objects.update(owner=people.member("CLOSER", integration.organization, "heir"))
    before = OAuthGrant.objects.get().version
    assert_error(come_back(client, back), 404)
    assert OAuthGrant.objects.get().version == before


def test_only_those_who_may_change_it_reconnect_it(company, cast):
    _client, integration = cast
    stranger = people.client_of(people.member("CEO", people.organization("Elsewhere"), "stranger"))
    assert_error(stranger.post(f"{ALL}/{integration.pk}/reconnect"), 404)
    services.share(integration, is_shared=True, actor="test")
    colleague = people.client_of(people.member("CLOSER", integration.organization, "colleague"))
    assert_error(colleague.post(f"{ALL}/{integration.pk}/reconnect"), 403)


def test_whose_a_pasted_token_is_holds_as_well(company, cast):
    client, integration = cast
    token = company.grants[0]["tokens"][0]
    pasted = services.create(
        integration.organization,
        integration.owner,
        name="Pasted",
        kind="CRM",
        given={"provider": "SIGNIN", "token": token},
    ).integration
    assert vendors.stored(pasted.account).secret("token").reveal() == token
    answer = come_back(client, company.visit(reconnect(client, pasted), who="second"))
    assert answer["Location"].endswith("problem=other_account")
    answer = come_back(client, company.visit(reconnect(client, pasted)))
    assert answer["Location"].endswith(f"connected={pasted.pk}")


def test_connecting_twice_makes_two_and_neither_is_overwritten(company, cast):
    client, integration = cast
    other = connect(company, client)
    assert other.pk != integration.pk
    assert OAuthGrant.objects.count() == 2
    assert begin(client, START).startswith(company.sandbox.url(NAME))
