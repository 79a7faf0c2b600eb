"""What Pipedrive sends: to an address that Koppel made there itself,
with the password that it chose.
"""

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core import tasks
from core.models import ApiCall, InboundEvent
from integrations import services
from integrations.models import Integration, PipedriveWebhook
from integrations.providers.pipedrive import hooks
from integrations.tasks import keep_pipedrive_webhooks
from sandbox.vendors.pipedrive.webhooks import Webhook, event
from tests.integrations.pipedrive_cast import CONTOSO, NORTHWIND, TOKEN, pipedrive
from tests.sandbox.crm import ask
from tests.support.deliveries import post
from tests.support.house import wait_for

pytestmark = pytest.mark.django_db

__all__ = ["pipedrive"]
PATH = "/api/webhooks/pipedrive"


@pytest.fixture(autouse=True)
def address(settings):
    settings.PUBLIC_URL = "https://koppel.example"


@pytest.fixture
def integration(closer, pipedrive):
    """A company whose webhook stands, and whose next sync nobody waits for."""
    made = pipedrive.connected(closer)
    keep_pipedrive_webhooks()
    Integration.objects.update(next_sync_at=None)
    return made


def row() -> PipedriveWebhook:
    return PipedriveWebhook.objects.get()


def delivery(action="change", company=NORTHWIND, **more):
    hook = Webhook(1, int(company), 11, {})
    return event(hook, action, {"id": 7, "name": "Ada Lovelace"}, None) | more


def deliver(payload, *, password=None, user="koppel", token=None):
    pair = f"{user}:{row().password.reveal() if password is None else password}"
    headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    return post(Client(), f"{PATH}/{token or row().token.reveal()}", payload, headers)


def worked():
    tasks.work_inbox([str(pk) for pk in InboundEvent.objects.values_list("pk", flat=True)])
    return list(InboundEvent.objects.values_list("processing_status", flat=True))


def due(integration):
    integration.refresh_from_db()
    return integration.next_sync_at is not None


def test_koppel_makes_its_webhook_itself_and_once(pipedrive, integration):
    (found,) = pipedrive.act("webhooks")
    assert found["id"] == row().vendor_id
    assert found["subscription_url"] == f"https://koppel.example{PATH}/{row().token.reveal()}"
    assert (found["event_object"], found["version"]) == ("person", "2.0")
    pipedrive.sandbox.forget()
    keep_pipedrive_webhooks()
    # Looked at today already.
    assert pipedrive.asked() == []
    PipedriveWebhook.objects.update(checked_at=timezone.now() - timedelta(days=1))
    keep_pipedrive_webhooks()
    assert len(pipedrive.act("webhooks")) == 1


def test_one_that_is_gone_is_made_again(pipedrive, integration):
    before = row()
    pipedrive.act("vanish")
    PipedriveWebhook.objects.update(checked_at=timezone.now() - timedelta(days=1))
    keep_pipedrive_webhooks()
    assert row().vendor_id == pipedrive.act("webhooks")[0]["id"] != before.vendor_id
    assert row().token == before.token


def test_one_with_another_password_is_made_anew(pipedrive, integration):
    changed = row()
    changed.password = "another-password-of-no-value"
    changed.save()
    hooks.register(integration)
    (hook,) = pipedrive.act("webhooks")
    assert hook["http_auth_password"] == "another-password-of-no-value"


def test_of_two_that_were_made_at_once_one_stays(pipedrive, integration):
    (first,) = pipedrive.act("webhooks")
    twin = {
        name: first[name] for name in ("subscription_url", "event_action", "event_object", "name")
    }
    twin |= {
        "http_auth_user": "koppel",
        "http_auth_password": first["http_auth_password"],
        "version": "2.0",
    }
    ask(
        pipedrive.sandbox,
        "pipedrive",
        "POST",
        "/v1/webhooks",
        twin,
        headers=[("x-api-token", TOKEN)],
    )
    assert len(pipedrive.act("webhooks")) == 2
    hooks.register(integration)
    assert pipedrive.act("webhooks") == [first]


def test_neither_password_nor_address_stands_in_the_log(pipedrive, integration):
    pipedrive.fault("error", path="/v1/webhooks", status=400)
    PipedriveWebhook.objects.update(checked_at=timezone.now() - timedelta(days=1))
    keep_pipedrive_webhooks()
    logged = str(list(ApiCall.objects.values()))
    assert row().password.reveal() not in logged
    assert row().token.reveal() not in logged
    assert row().vendor_id is None


def test_who_may_make_none_is_asked_again_in_a_day(closer, pipedrive):
    pipedrive.turn(app_scopes="base,contacts:full")
    integration = pipedrive.signed_in(closer, NORTHWIND)
    keep_pipedrive_webhooks()
    assert (row().vendor_id, pipedrive.act("webhooks")) == (None, [])
    pipedrive.sandbox.forget()
    keep_pipedrive_webhooks()
    assert pipedrive.asked() == []
    pipedrive.turn(app_scopes="base,contacts:full,admin")
    assert hooks.register(integration).vendor_id is not None


def test_an_account_that_is_refused_keeps_no_other_from_its_webhook(closer, pipedrive):
    pipedrive.connected(closer, apiToken="f" * 40)
    pipedrive.connected(closer)
    Integration.objects.filter(pk=Integration.objects.latest("created_at").pk).update(
        is_active=True
    )
    assert hooks.keep() == 1


def test_a_change_has_the_contacts_fetched_soon_and_once(integration):
    payload = delivery()
    assert deliver(payload).status_code == 200
    assert worked() == ["processed"]
    assert due(integration)
    Integration.objects.update(next_sync_at=None)
    payload["meta"]["attempt"] = 2
    assert deliver(payload).status_code == 200
    assert worked() == ["processed"]
    assert not due(integration)


@pytest.mark.parametrize("action", ["create", "change", "delete"])
def test_whatever_happens_to_a_person_counts(integration, action):
    deliver(delivery(action))
    worked()
    assert due(integration)


def test_wrong_credentials_are_refused(integration):
    assert deliver(delivery(), password="wrong").status_code == 401
    assert deliver(delivery(), user="somebody").status_code == 401
    path = f"{PATH}/{row().token.reveal()}"
    for header in (
        "",
        "Basic",
        "Basic !!!",
        "Basic é",
        f"Bearer {TOKEN}",
        f"Basic {row().password.reveal()}",
    ):
        assert post(Client(), path, delivery(), {"Authorization": header}).status_code == 401
    assert not InboundEvent.objects.exists()


def test_an_address_that_nobody_has_is_not_found(integration):
    assert deliver(delivery(), token="nobody-has-this-token").status_code == 404


def test_another_companys_event_is_refused(integration):
    assert deliver(delivery(company=CONTOSO)).status_code == 403
    assert deliver({"data": {}}).status_code == 403
    assert not InboundEvent.objects.exists()


def test_what_is_said_of_people_is_not_kept(integration):
    deliver(delivery())
    stored = InboundEvent.objects.get()
    assert "Lovelace" not in str(stored.event_data)
    assert stored.event_data["meta"]["entity_id"] == "7"


def test_what_is_of_no_person_is_stored_and_ignored(integration):
    payload = delivery()
    payload["meta"]["entity"] = "deal"
    assert deliver(payload).status_code == 200
    assert InboundEvent.objects.get().processing_status == "ignored"


def test_an_account_that_is_switched_off_or_gone_is_left_alone(integration):
    Integration.objects.update(is_active=False)
    deliver(delivery())
    assert worked() == ["processed"]
    assert not due(integration)
    token = row().token.reveal()
    Integration.objects.all().delete()
    assert post(Client(), f"{PATH}/{token}", delivery(), {}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_what_the_vendor_sends_arrives(closer, pipedrive, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    hooks.register(pipedrive.connected(closer))
    name = pipedrive.act("add", called="New Person", email="new@example.com")
    assert wait_for(lambda: pipedrive.act("deliveries")[0]["statuses"] == [200], 10)
    assert InboundEvent.objects.get().event_data["meta"]["entity_id"] == str(name)


def test_with_the_integration_goes_the_webhook(integration, pipedrive):
    address = hooks.address_of(row())
    assert [hook["subscription_url"] for hook in pipedrive.act("webhooks")] == [address]
    services.remove(integration, actor=integration.owner)
    assert pipedrive.act("webhooks") == []
    assert not PipedriveWebhook.objects.exists()


def test_that_pipedrive_does_not_answer_keeps_nothing_from_being_deleted(integration, pipedrive):
    pipedrive.fault("cut")
    services.remove(integration, actor=integration.owner)
    assert not Integration.objects.exists()
