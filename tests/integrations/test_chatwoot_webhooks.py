"""Events of Chatwoot: who wrote is proved, they nudge the sync of contacts,
and a repetition does nothing more.
"""

import hmac
import json
import time

import pytest
from django.test import Client

from core import inbox
from core.models import InboundEvent
from integrations import tasks
from integrations.models import ChatwootWebhook, Demo, Integration
from integrations.providers.chatwoot import webhooks
from sandbox.vendors import demo_keys
from tests.integrations.chatwoot_cast import chatwoot, connect, connected, demo, facts, installation
from tests.integrations.conftest import API
from tests.support import people
from tests.support.house import wait_for

__all__ = ["chatwoot", "installation"]
pytestmark = pytest.mark.django_db


def registered(client, chatwoot):
    """Connect Chatwoot with our webhook, and return the integration and the path
    and secret of the webhook.
    """
    integration = connected(client, chatwoot)
    tasks.keep_chatwoot_webhooks()
    [hook] = facts(chatwoot)["webhooks"]
    return integration, "/api" + hook["url"].partition("/api")[2], hook["secret"]


def event(account=1, name="contact_updated", **more):
    return {
        "event": name,
        "account": {"id": account, "name": "x"},
        "id": 3,
        "email": "a@example.com",
        **more,
    }


def headers_of(secret, body, *, at=None, delivery="d-1"):
    stamp = str(int(at if at is not None else time.time()))
    signature = hmac.digest(secret.encode(), f"{stamp}.".encode() + body, "sha256").hex()
    return {
        "X-Chatwoot-Delivery": delivery,
        "X-Chatwoot-Timestamp": stamp,
        "X-Chatwoot-Signature": f"sha256={signature}",
    }


def deliver(path, payload, headers):
    """Send a delivery as a stranger does; `headers` may be a secret."""
    body = json.dumps(payload).encode()
    if isinstance(headers, str):
        headers = headers_of(headers, body)
    return Client().post(path, body, content_type="application/json", headers=headers)


def work_all():
    for found in InboundEvent.objects.filter(processing_status="pending"):
        inbox.work(found.pk)


def switch_sync_off(client, integration):
    body = {"configuration": {"features": {"syncContacts": False}}, "insist": True}
    assert client.patch(f"{API}/{integration.pk}", body).status_code == 200


def test_the_webhook_is_made_once_looked_at_each_day_and_made_again(closer, chatwoot):
    integration, path, secret = registered(closer, chatwoot)
    [hook] = facts(chatwoot)["webhooks"]
    assert hook["subscriptions"] == ["contact_created", "contact_updated"]
    chatwoot.forget()
    tasks.keep_chatwoot_webhooks()
    assert not chatwoot.journal("chatwoot")
    ChatwootWebhook.objects.update(checked_at="2026-01-01T00:00:00Z")
    tasks.keep_chatwoot_webhooks()
    assert facts(chatwoot)["webhooks"] == [hook]
    chatwoot.reset()
    ChatwootWebhook.objects.update(checked_at="2026-01-01T00:00:00Z")
    tasks.keep_chatwoot_webhooks()
    [again] = facts(chatwoot)["webhooks"]
    assert (again["url"], again["secret"] != secret) == (hook["url"], True)
    assert deliver(path, event(), again["secret"]).status_code == 202
    shown = closer.get(f"{API}/{integration.pk}").content.decode()
    assert path.rpartition("/")[2] not in shown + str(
        list(ChatwootWebhook.objects.values("token_hash"))
    )
    assert secret not in shown


def test_without_contacts_there_is_no_webhook(closer, chatwoot):
    integration, path, secret = registered(closer, chatwoot)
    switch_sync_off(closer, integration)
    tasks.keep_chatwoot_webhooks()
    assert facts(chatwoot)["webhooks"] == []
    assert deliver(path, event(), secret).status_code == 404
    tasks.keep_chatwoot_webhooks()
    assert facts(chatwoot)["webhooks"] == []


def test_who_may_make_none_is_asked_once_a_day(closer, chatwoot):
    connected(closer, chatwoot, apiKey=demo_keys.CHATWOOT_AGENT_TOKEN)
    tasks.keep_chatwoot_webhooks()
    assert ChatwootWebhook.objects.get().vendor_id is None
    chatwoot.forget()
    tasks.keep_chatwoot_webhooks()
    assert not chatwoot.journal("chatwoot")


def test_with_the_integration_goes_its_webhook(closer, chatwoot):
    integration, path, _secret = registered(closer, chatwoot)
    assert closer.delete(f"{API}/{integration.pk}").status_code == 204
    assert facts(chatwoot)["webhooks"] == []
    assert deliver(path, event(), "any-secret").status_code == 404


def test_an_integration_is_deleted_though_the_vendor_is_silent(closer, chatwoot):
    integration, _path, _secret = registered(closer, chatwoot)
    chatwoot.fault("chatwoot", "error")
    assert closer.delete(f"{API}/{integration.pk}").status_code == 204


def test_a_registration_whose_answer_was_lost_is_found(closer, chatwoot):
    connected(closer, chatwoot)
    chatwoot.turn("chatwoot", loses_answer=1)
    tasks.keep_chatwoot_webhooks()
    assert ChatwootWebhook.objects.get().vendor_id is None
    ChatwootWebhook.objects.update(checked_at=None)
    tasks.keep_chatwoot_webhooks()
    [hook] = facts(chatwoot)["webhooks"]
    assert ChatwootWebhook.objects.get().vendor_id == hook["id"]


def test_an_event_nudges_the_sync_and_its_repetition_does_nothing_more(closer, chatwoot):
    integration, path, secret = registered(closer, chatwoot)
    body = json.dumps(event()).encode()
    headers = headers_of(secret, body)
    for _time in range(2):
        assert deliver(path, event(), headers).status_code == 202
    assert InboundEvent.objects.count() == 1
    work_all()
    due = Integration.objects.get(pk=integration.pk).next_sync_at
    assert due is not None
    assert deliver(path, event(), headers_of(secret, body, delivery="d-2")).status_code == 202
    work_all()
    assert Integration.objects.get(pk=integration.pk).next_sync_at == due
    assert ChatwootWebhook.objects.get().last_event_at is not None


@pytest.mark.parametrize("change", ["none", "secret", "body", "old", "future", "word", "hash"])
def test_what_is_not_proved_is_not_taken(closer, chatwoot, change):
    _integration, path, secret = registered(closer, chatwoot)
    body = json.dumps(event()).encode()
    headers = {
        "none": {},
        "secret": headers_of("another-secret", body),
        "body": headers_of(secret, body + b" "),
        "old": headers_of(secret, body, at=time.time() - 400),
        "future": headers_of(secret, body, at=time.time() + 400),
        "word": {**headers_of(secret, body), "X-Chatwoot-Timestamp": "now"},
        "hash": {**headers_of(secret, body), "X-Chatwoot-Signature": "sha256="},
    }[change]
    assert deliver(path, event(), headers).status_code == 401
    assert not InboundEvent.objects.exists()


def test_an_event_of_another_account_is_refused(closer, chatwoot):
    _integration, path, secret = registered(closer, chatwoot)
    assert deliver(path, event(account=2), secret).status_code == 403
    assert deliver(path, {"event": "contact_created"}, secret).status_code == 403
    assert not InboundEvent.objects.exists()


def test_events_that_nobody_asked_for_are_stored_and_left(closer, chatwoot):
    integration, path, secret = registered(closer, chatwoot)
    assert deliver(path, event(name="conversation_created"), secret).status_code == 202
    assert InboundEvent.objects.get().processing_status == "ignored"
    assert Integration.objects.get(pk=integration.pk).next_sync_at is None


def test_who_switched_the_sync_off_is_not_nudged(closer, chatwoot):
    integration, path, secret = registered(closer, chatwoot)
    switch_sync_off(closer, integration)
    deliver(path, event(), secret)
    work_all()
    assert Integration.objects.get(pk=integration.pk).next_sync_at is None


def test_the_bot_calls_people_as_soon_as_a_visitor_writes(closer, chatwoot):
    connect(closer, chatwoot)
    demo(closer)
    [bot] = facts(chatwoot)["bots"]
    path = "/api" + bot["outgoing_url"].partition("/api")[2]
    number = chatwoot.act("chatwoot", "visit", inbox=Demo.objects.get().inbox_id)
    written = {
        "event": "message_created",
        "message_type": "incoming",
        "conversation": {"id": number, "status": "pending"},
    }
    assert deliver(path, written, "another-secret").status_code == 401
    for _time in range(2):
        assert deliver(path, written, bot["secret"]).status_code == 202
    assert chatwoot.act("chatwoot", "conversation", number=number) == "pending"
    work_all()
    tasks.call_people(str(Demo.objects.get().pk), number)
    assert chatwoot.act("chatwoot", "conversation", number=number) == "open"
    closer.delete(f"{API}/demos/{Demo.objects.get().pk}")
    assert deliver(path, written, bot["secret"]).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_what_a_visitor_writes_at_the_vendor_comes_in_by_the_door(chatwoot, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    client = people.client_of(people.member("CEO", people.organization("Contoso")))
    integration, _path, _secret = registered(client, chatwoot)
    chatwoot.act("chatwoot", "write_contact", called="New visitor", email="new@example.com")
    assert wait_for(lambda: InboundEvent.objects.count() == 1, 10)
    work_all()
    assert Integration.objects.get(pk=integration.pk).next_sync_at is not None
    [delivery] = chatwoot.act("chatwoot", "deliveries")
    chatwoot.act("chatwoot", "redeliver", id=delivery["id"])
    assert InboundEvent.objects.count() == 1
    assert webhooks.PATH in delivery["url"]
