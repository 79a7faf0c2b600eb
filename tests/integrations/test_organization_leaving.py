"""With an organization goes what its integrations were granted at services outside."""

import time

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from core.models import AuditEvent, User, VendorSecret
from crm.models import Organization
from crm.services import delete_organization, organizations
from integrations.models import Integration, OAuthGrant
from integrations.providers.pipedrive import hooks
from integrations.services import removing
from tests.integrations.oauth_cast import NAME, OAUTHS, company, connect, person_in, shape
from tests.integrations.pipedrive_cast import pipedrive
from tests.support import people

__all__ = ["company", "pipedrive", "shape"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(company):
    """Return the organization and its integration."""
    _user, client = person_in()
    integration = connect(company, client)
    return integration.organization, integration


def is_all_gone(integration):
    return not (
        Organization.objects.filter(pk=integration.organization_id).exists()
        or Integration.objects.exists()
        or OAuthGrant.objects.exists()
        or VendorSecret.objects.filter(account_id=integration.account_id).exists()
    )


@pytest.mark.parametrize("shape", OAUTHS)
def test_each_grant_is_taken_back_at_the_vendor(company, cast, shape):
    organization, integration = cast
    beside = connect(company, people.client_of(integration.owner), "second")
    assert delete_organization(organization=organization, actor="test") == []
    assert [grant["dead"] for grant in company.grants] == [True, True]
    assert is_all_gone(integration)
    assert is_all_gone(beside)


def test_two_that_share_their_access_are_taken_back_with_the_last(company, cast):
    organization, integration = cast
    connect(company, people.client_of(integration.owner))
    assert delete_organization(organization=organization, actor="test") == []
    assert [entry["path"] for entry in company.asked(company.stand_in.oauth.revoke)]
    assert is_all_gone(integration)


def test_another_organizations_grant_stays(company, cast):
    organization, _integration = cast
    _stranger, client = person_in()
    other = connect(company, client, "second")
    delete_organization(organization=organization, actor="test")
    assert list(OAuthGrant.objects.values_list("integration_id", "state")) == [(other.pk, "live")]
    assert [grant["dead"] for grant in company.grants] == [True, False]


@pytest.mark.parametrize("kind", ["error", "html", "rate_limited"])
def test_a_vendor_that_does_not_take_it_back_is_told_of(company, cast, kind):
    organization, integration = cast
    company.sandbox.fault(NAME, kind, path=company.stand_in.oauth.revoke)
    [sentence] = delete_organization(organization=organization, actor="test")
    assert integration.name in sentence
    assert "(Sign-in) could not be asked" in sentence
    assert is_all_gone(integration)
    assert AuditEvent.objects.get(action="organization.removed").facts["left_at_services"] == 1


def test_a_silent_vendor_holds_nobody_up(company, cast, monkeypatch):
    monkeypatch.setattr(organizations, "PATIENCE", 1)
    organization, integration = cast
    for who in ("second", "first", "second"):
        connect(company, people.client_of(integration.owner), who)
    company.sandbox.fault(NAME, "latency", path=company.stand_in.oauth.revoke, seconds=20)
    began = time.monotonic()
    left = delete_organization(organization=organization, actor="test")
    assert time.monotonic() - began < 10
    # Those that shared an access with another said nothing of it:
    # the last one of each speaks for both.
    assert len(left) == 2
    assert is_all_gone(integration)


def test_what_fails_in_an_odd_way_costs_no_other(company, cast, monkeypatch):
    organization, integration = cast
    connect(company, people.client_of(integration.owner), "second")
    leave = removing.leave

    def odd(row):
        if row.pk == integration.pk:
            raise RuntimeError("odd")
        return leave(row)

    monkeypatch.setattr(removing, "leave", odd)
    [sentence] = delete_organization(organization=organization, actor="test")
    assert integration.name in sentence
    assert is_all_gone(integration)
    assert [grant["dead"] for grant in company.grants] == [False, True]


def test_our_webhooks_are_taken_away(closer, pipedrive, settings):
    settings.PUBLIC_URL = "https://koppel.example"
    integration = pipedrive.connected(closer)
    hooks.keep()
    assert len(pipedrive.act("webhooks")) == 1
    assert delete_organization(organization=integration.organization, actor="test") == []
    assert pipedrive.act("webhooks") == []


def test_a_webhook_that_stays_is_told_of(closer, pipedrive, settings):
    settings.PUBLIC_URL = "https://koppel.example"
    integration = pipedrive.connected(closer)
    hooks.keep()
    pipedrive.fault("cut")
    [sentence] = delete_organization(organization=integration.organization, actor="test")
    assert "(Pipedrive)" in sentence


def test_the_portal_says_what_is_left(company, cast, client):
    organization, integration = cast
    company.sandbox.fault(NAME, "error", path=company.stand_in.oauth.revoke)
    root = User.objects.create_superuser("root", "root@example.com", people.PASSWORD)
    client.force_login(root, backend="core.signin.Backend")
    path = reverse("admin:crm_organization_delete", args=[organization.pk])
    answer = client.post(path, {"post": "yes"})
    assert answer.status_code == 302, answer.content
    texts = [str(message) for message in get_messages(answer.wsgi_request)]
    assert any("could not be asked to take back" in text for text in texts)
    assert is_all_gone(integration)


def test_the_portal_deletes_an_integration_with_its_grant(company, cast, client):
    _organization, integration = cast
    root = User.objects.create_superuser("root", "root@example.com", people.PASSWORD)
    client.force_login(root, backend="core.signin.Backend")
    path = reverse("admin:integrations_integration_delete", args=[integration.pk])
    assert client.post(path, {"post": "yes"}).status_code == 302
    assert company.grants[0]["dead"]
    assert not OAuthGrant.objects.exists()


def test_with_a_person_goes_no_integration(company, cast):
    """It waits for the head of the organization, who decides on it (`integrations.access`)."""
    _organization, integration = cast
    integration.owner.delete()
    assert OAuthGrant.objects.get().state == "live"
    assert not company.grants[0]["dead"]
