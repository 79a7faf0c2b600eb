"""Pipedrive's persons and our contacts kept alike, by the sync itself,
by a token and by a grant.
"""

import pytest

from core.errors import VendorError
from crm.models import Contact
from integrations.models import OAuthGrant
from tests.integrations.conftest import API
from tests.integrations.crm_cast import Asked, states, synced
from tests.integrations.pipedrive_cast import CONTOSO, NORTHWIND, pipedrive

pytestmark = pytest.mark.django_db

__all__ = ["pipedrive"]


def test_both_ways_and_again_nothing_is_left_to_do(boss, pipedrive, northwind):
    Contact.objects.create(
        organization=northwind, name="Nora New", email="nora@example.com", company="Ours"
    )
    integration = pipedrive.connected(boss)
    run = synced(integration)
    assert (run.state, run.why) == ("succeeded", "")
    assert (run.counts["pulled"], run.counts["pushed"]) == (240, 1)
    found = Contact.objects.get(email="person1@1.example.com")
    assert (found.name, found.phone, found.company) == (
        "Bram Peeters",
        "+32 470 000001",
        "Lindt & Zoon",
    )
    (made,) = pipedrive.act("find", email="nora@example.com")
    assert made["name"] == "Nora New"
    again = synced(integration)
    assert (again.state, again.counts.get("pushed", 0)) == ("succeeded", 0)
    assert len(pipedrive.act("find", email="nora@example.com")) == 1


def test_what_changed_there_comes_and_what_changed_here_goes(closer, pipedrive):
    integration = pipedrive.connected(closer)
    synced(integration)
    pipedrive.act("change", id=2, called="Changed There")
    ours = Contact.objects.get(email="person2@1.example.com")
    ours.phone = "+32 2 555 02 02"
    ours.save()
    run = synced(integration)
    assert (run.state, run.counts["pushed"]) == ("succeeded", 1)
    assert Contact.objects.get(email="person1@1.example.com").name == "Changed There"
    assert (
        pipedrive.act("find", email="person2@1.example.com")[0]["phones"][0]["value"]
        == "+32 2 555 02 02"
    )


def test_a_grant_says_whose_it_is_and_syncs(closer, pipedrive):
    integration = pipedrive.signed_in(closer, NORTHWIND)
    grant = OAuthGrant.objects.get(integration=integration)
    assert grant.external_account_id == f"{NORTHWIND}:11"
    assert integration.name == "Pipedrive · Northwind Sales · Maud Claes"
    body = closer.post(f"{API}/{integration.pk}/test").json()
    assert (body["success"], states(body)) == (True, ["passed"] * 4)
    run = synced(integration, direction="pull")
    assert (run.state, run.counts["pulled"]) == ("succeeded", 240)


@pytest.mark.django_db(transaction=True)
def test_a_token_that_ended_is_renewed_amid_a_sync(closer, pipedrive):
    integration = pipedrive.signed_in(closer, CONTOSO)
    before = OAuthGrant.objects.get(integration=integration).version
    pipedrive.act("expire_tokens")
    run = synced(integration, direction="pull")
    assert (run.state, run.counts["pulled"]) == ("succeeded", 240)
    assert OAuthGrant.objects.get(integration=integration).version == before + 1


def test_an_app_that_was_removed_there_is_said(closer, pipedrive):
    integration = pipedrive.signed_in(closer, NORTHWIND)
    pipedrive.act("revoke_grants")
    with pytest.raises(VendorError):
        Asked(integration).page()
    assert OAuthGrant.objects.get(integration=integration).state == "gone"
    assert synced(integration).state == "failed"
