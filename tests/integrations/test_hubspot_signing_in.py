"""HubSpot connected by signing in there: a grant that reads and writes, is renewed,
and ends with a reason.
"""

import pytest

from core.errors import VendorError
from integrations.models import Integration, OAuthGrant
from tests.integrations.conftest import API
from tests.integrations.crm_cast import Asked, states, synced
from tests.integrations.hubspot_cast import CONTOSO, NORTHWIND, hubspot

pytestmark = pytest.mark.django_db

__all__ = ["hubspot"]


def test_a_grant_says_whose_it_is_and_reads_and_writes(closer, hubspot):
    integration = hubspot.signed_in(closer, NORTHWIND)
    grant = OAuthGrant.objects.get(integration=integration)
    assert (grant.external_account_id, grant.external_account_name) == (
        "4471001",
        "Northwind Sales",
    )
    assert integration.name == "HubSpot · Northwind Sales"
    body = closer.post(f"{API}/{integration.pk}/test").json()
    assert (body["success"], states(body)) == (True, ["passed"] * 5)
    assert len(Asked(integration).all()) == 240


def test_a_token_that_ended_is_renewed_amid_a_walk(closer, hubspot):
    integration = hubspot.signed_in(closer, NORTHWIND)
    asked = Asked(integration)
    first = asked.page()
    before = OAuthGrant.objects.get(integration=integration).version
    hubspot.act("expire_tokens")
    assert len(asked.all(cursor=first.cursor)) == 140
    assert OAuthGrant.objects.get(integration=integration).version == before + 1


def test_an_app_that_was_removed_there_is_said_and_nothing_else_is_asked(closer, hubspot):
    integration = hubspot.signed_in(closer, NORTHWIND)
    hubspot.act("revoke_grants")
    hubspot.act("expire_tokens")
    asked = Asked(integration)
    with pytest.raises(VendorError):
        asked.page()
    assert OAuthGrant.objects.get(integration=integration).state == "gone"
    hubspot.sandbox.forget()
    with pytest.raises(VendorError):
        Asked(integration).page()
    assert hubspot.asked() == []


def test_contacts_are_synced_by_a_grant(closer, hubspot):
    run = synced(hubspot.signed_in(closer, NORTHWIND), direction="pull")
    assert (run.state, run.counts.get("pulled")) == ("succeeded", 240), run.why


def test_another_account_is_another_integration(closer, hubspot):
    hubspot.signed_in(closer, NORTHWIND)
    other = hubspot.signed_in(closer, CONTOSO)
    assert Integration.objects.filter(provider="HUBSPOT").count() == 2
    assert other.name == "HubSpot · Contoso Growth"
