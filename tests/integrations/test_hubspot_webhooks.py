"""What HubSpot sends to the app: proved by its signature, and a hint to fetch contacts for whom
it is about alone.
"""

import json
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core import tasks
from core.models import InboundEvent
from integrations.models import Integration, OAuthGrant
from sandbox.vendors.hubspot.webhooks import event, signature
from sandbox.vendors.oauth_server import CLIENT_SECRET
from tests.integrations.hubspot_cast import CONTOSO, NORTHWIND, hubspot
from tests.support.deliveries import post
from tests.support.house import wait_for

pytestmark = pytest.mark.django_db

__all__ = ["hubspot"]
PATH = "/api/webhooks/hubspot"


@pytest.fixture
def address(settings):
    settings.PUBLIC_URL = "https://koppel.example"
    return f"https://koppel.example{PATH}"


def headers_of(body, url, secret=CLIENT_SECRET, at=None):
    stamp = str(int((time.time() if at is None else at) * 1000))
    return {
        "x-hubspot-request-timestamp": stamp,
        "x-hubspot-signature-version": "v3",
        "x-hubspot-signature-v3": signature(secret, url, body, stamp),
    }


def deliver(client, url, *events, **signed):
    body = json.dumps(list(events)).encode()
    return post(client, PATH, body, headers_of(body, url, **signed))


def due(integration):
    integration.refresh_from_db()
    return integration.next_sync_at is not None


def worked():
    """Work what came in, and return the states."""
    tasks.work_inbox([str(pk) for pk in InboundEvent.objects.values_list("pk", flat=True)])
    return list(InboundEvent.objects.values_list("processing_status", flat=True))


def of_contact(portal=NORTHWIND, number=1, kind="contact.propertyChange", **more):
    return event(number, int(portal), kind, 10_001, **more)


@pytest.fixture
def integration(closer, hubspot):
    """An account that somebody signed in for, and whose next sync nobody waits for."""
    made = hubspot.signed_in(closer, NORTHWIND)
    Integration.objects.update(next_sync_at=None)
    return made


def test_a_change_has_the_contacts_of_its_account_fetched_soon(
    closer, hubspot, integration, address
):
    other = hubspot.signed_in(closer, CONTOSO)
    Integration.objects.update(next_sync_at=None)
    assert deliver(Client(), address, of_contact()).status_code == 200
    assert worked() == ["processed"]
    assert due(integration)
    assert integration.next_sync_at <= timezone.now() + timedelta(minutes=5)
    assert not due(other)


def test_a_delivery_for_two_accounts_is_for_both(closer, hubspot, integration, address):
    other = hubspot.signed_in(closer, CONTOSO)
    Integration.objects.update(next_sync_at=None)
    deliver(Client(), address, of_contact(), of_contact(CONTOSO, 2))
    worked()
    assert due(integration)
    assert due(other)


def test_the_same_delivery_again_has_no_second_effect(integration, address):
    client = Client()
    first = of_contact()
    assert deliver(client, address, first).status_code == 200
    assert worked() == ["processed"]
    Integration.objects.update(next_sync_at=None)
    again = deliver(client, address, {**first, "attemptNumber": 1})
    assert again.status_code == 200
    assert worked() == ["processed"]
    assert not due(integration)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers: headers.pop("x-hubspot-signature-v3"),
        lambda headers: headers.pop("x-hubspot-request-timestamp"),
        lambda headers: headers.update({"x-hubspot-signature-v3": "é" * 44}),
        lambda headers: headers.update({"x-hubspot-request-timestamp": "soon"}),
        lambda headers: headers.update({"x-hubspot-request-timestamp": "9" * 40}),
        lambda headers: headers.update(
            {"x-hubspot-request-timestamp": str(int(time.time() * 1000) + 1)}
        ),
    ],
)
def test_what_is_not_signed_right_is_refused(integration, address, spoil):
    body = json.dumps([of_contact()]).encode()
    headers = headers_of(body, address)
    spoil(headers)
    assert post(Client(), PATH, body, headers).status_code == 401
    assert not InboundEvent.objects.exists()


def test_another_secret_address_body_or_time_is_refused(integration, address):
    client = Client()
    assert deliver(client, address, of_contact(), secret="another").status_code == 401
    assert deliver(client, "https://elsewhere.example" + PATH, of_contact()).status_code == 401
    assert deliver(client, address, of_contact(), at=time.time() - 301).status_code == 401
    assert deliver(client, address, of_contact(), at=time.time() + 301).status_code == 401
    body = json.dumps([of_contact()]).encode()
    assert post(client, PATH, body + b" ", headers_of(body, address)).status_code == 401
    assert not InboundEvent.objects.exists()


def test_without_the_apps_secret_nothing_can_be_proved(integration, address, monkeypatch):
    monkeypatch.delenv("HUBSPOT_CLIENT_SECRET")
    assert deliver(Client(), address, of_contact()).status_code == 503


def test_what_is_said_of_people_is_not_kept(integration, address):
    deliver(Client(), address, of_contact(propertyName="email", propertyValue="ada@example.com"))
    stored = InboundEvent.objects.get()
    assert "ada@example.com" not in str(stored.event_data)
    assert stored.event_data["events"][0]["objectId"] == 10_001


def test_what_is_not_of_contacts_is_stored_and_ignored(integration, address):
    assert deliver(Client(), address, of_contact(kind="deal.creation")).status_code == 200
    assert InboundEvent.objects.get().processing_status == "ignored"
    assert not due(integration)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"[1, null]",
        b'{"events": 7}',
        b'[{"subscriptionType": 7}]',
        b'[{"objectId": "a\\u0000b"}]',
    ],
)
def test_odd_bodies_that_are_signed_have_no_effect(integration, address, body):
    assert post(Client(), PATH, body, headers_of(body, address)).status_code == 200
    assert set(worked()) <= {"processed", "ignored"}
    assert not due(integration)


@pytest.mark.parametrize("body", [b"", b"7", b'"text"', b"[", b"null"])
def test_what_is_no_list_of_events_is_refused(integration, address, body):
    assert post(Client(), PATH, body, headers_of(body, address)).status_code == 400


def test_an_account_that_is_switched_off_or_gone_is_left_alone(integration, address):
    Integration.objects.update(is_active=False)
    deliver(Client(), address, of_contact())
    assert worked() == ["processed"]
    assert not due(integration)
    Integration.objects.update(is_active=True)
    OAuthGrant.objects.update(state=OAuthGrant.State.GONE)
    deliver(Client(), address, of_contact(number=2))
    assert worked() == ["processed"] * 2
    assert not due(integration)


@pytest.mark.django_db(transaction=True)
def test_what_the_vendor_sends_arrives(hubspot, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    hubspot.turn(hook=f"{live_server.url}{PATH}", pushes=True)
    name = hubspot.act("add", email="new@example.com")
    assert wait_for(lambda: hubspot.act("deliveries")[0]["statuses"] == [200], 10)
    assert InboundEvent.objects.get().event_data["events"][0]["objectId"] == int(name)
