"""The admin's lists of what integrations keep: found, filtered, looked at, sent again;
and no secret on any page.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.admin.base import CappedPaginator
from core.masking import Secret
from core.models import AuditEvent
from core.signin import roles
from integrations.admin.kept import first_id
from integrations.models import Delivery, Integration
from tests.integrations.events_cast import endpoint_of
from tests.support import integration_rows as rows
from tests.support import people

pytestmark = pytest.mark.django_db
ADMIN = "/admin/integrations"
SECRETS = (
    "token-of-no-value",
    "signing-key-of-no-value",
    "password-of-no-value",
    "bot-key-of-no-value",
    "f" * 64,
)
# Queries of a list with rows: sign-in and permissions, navigation, the capped count, the rows.
# A change is a decision.
PINNED = 7
LISTS = (
    "contactlink",
    "contactconflict",
    "event",
    "eventendpoint",
    "delivery",
    "demo",
    "helpdeskagent",
    "chatwootwebhook",
    "pipedrivewebhook",
)


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(people.staff(role), backend="core.signin.Backend")
    return client


@pytest.fixture
def ops(db: None) -> Client:
    return signed_in(roles.OPERATIONS_ADMIN)


def found(client: Client, name: str, query: str = "") -> list[Any]:
    answer = client.get(f"{ADMIN}/{name}/{query}")
    assert answer.status_code == 200, (name, query)
    return [row.pk for row in answer.context["cl"].result_list]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_as_much_for_many_and_never_counts_all(ops, name):
    ops.get(f"{ADMIN}/{name}/")
    rows.INTEGRATIONS[f"integrations.{name}"](12)
    with CaptureQueriesContext(connection) as queries:
        assert len(found(ops, name)) == 12
    statements = [query["sql"] for query in queries]
    assert len(statements) == PINNED, "\n".join(statements)
    counts = [sql for sql in statements if "COUNT(" in sql]
    assert counts
    assert all(re.search(r"LIMIT \d+\)", sql) for sql in counts), counts


def test_a_long_list_is_counted_to_the_cap(ops, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "cap", 5)
    rows.INTEGRATIONS["integrations.contactlink"](8)
    assert ops.get(f"{ADMIN}/contactlink/").context["cl"].paginator.count == 5


def test_links_are_found_by_address_id_and_whose_they_are(ops):
    link = rows.link(rows.integration("Our CRM"), vendor_id="v-77", email="ada@example.com")
    other = rows.link(state="left_out", reason="no_email", email="")
    for term in (
        str(link.pk),
        str(link.integration_id),
        "v-77",
        "ada@example.com",
        "ADA@example.com",
        "Our CRM",
    ):
        assert found(ops, "contactlink", f"?q={term}") == [link.pk], term
    assert found(ops, "contactlink", "?q=" + other.integration.organization.name) == [other.pk]
    assert found(ops, "contactlink", "?q=nobody") == []
    assert found(ops, "contactlink", "?state__exact=left_out") == [other.pk]
    assert found(ops, "contactlink", "?reason=no_email") == [other.pk]
    page = ops.get(f"{ADMIN}/contactlink/{other.pk}/change/").content.decode()
    assert "Without an e-mail address" in page


def test_conflicts_are_those_to_be_decided_or_all(ops):
    open_one, decided = rows.conflict(), rows.conflict()
    type(decided).objects.filter(pk=decided.pk).update(resolved_at=timezone.now(), kept="ours")
    assert set(found(ops, "contactconflict")) == {open_one.pk, decided.pk}
    assert found(ops, "contactconflict", "?decided=0") == [open_one.pk]
    assert found(ops, "contactconflict", f"?q={decided.integration.name}") == [decided.pk]
    assert (
        "To be decided"
        in ops.get(f"{ADMIN}/contactconflict/{open_one.pk}/change/").content.decode()
    )


def test_events_and_deliveries_are_those_of_a_window_unless_asked_for_more(ops):
    old = timezone.now() - timedelta(days=3)
    late = rows.delivery(state="failed", error="No answer")
    early = rows.delivery(id=first_id(old), created_at=old)
    event = rows.event(created_at=old, name="lead.created", is_sample=True)
    assert found(ops, "delivery") == [late.pk]
    assert found(ops, "delivery", "?since=7d") == [late.pk, early.pk]
    assert found(ops, "delivery", "?since=all&state__exact=failed") == [late.pk]
    assert found(ops, "delivery", "?since=all&event=lead.created") == []
    assert found(ops, "delivery", "?event=lead.deleted&q=lead.deleted") == [late.pk]
    for number in (early.pk, early.event_id):
        assert found(ops, "delivery", f"?q={number}") == [early.pk]
    assert found(ops, "delivery", f"?since=all&q={early.integration_id}") == [early.pk]
    assert event.pk not in found(ops, "event")
    assert found(ops, "event", "?since=all&is_sample__exact=1") == [event.pk]
    assert found(ops, "event", f"?q={event.pk}") == [event.pk]
    assert found(ops, "event", "?since=7d&event=lead.created") == [event.pk]
    assert "No answer" in ops.get(f"{ADMIN}/delivery/{late.pk}/change/").content.decode()


def test_a_delivery_is_sent_again_by_those_who_may_and_by_nobody_else(ops, northwind):
    sent = endpoint_of(
        people.member("CEO", northwind, "boss"), northwind, name="Orders", url="https://o.example"
    )
    fabrikam = people.organization("Fabrikam")
    off = endpoint_of(
        people.member("CEO", fabrikam, "off"), fabrikam, name="Off", url="https://f.example"
    )
    Integration.objects.filter(pk=off.integration_id).update(is_active=False)
    Delivery.objects.update(state="failed", error="No answer", attempts=5)
    body = {"action": "replay", "_selected_action": [str(sent.pk), str(off.pk)]}
    for role in (roles.OPERATIONS_VIEWER, roles.AUDITOR):
        signed_in(role).post(f"{ADMIN}/delivery/", body)
        assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}
    page = ops.post(f"{ADMIN}/delivery/?since=all", body, follow=True).content.decode()
    assert "1 event is sent again." in page
    assert "Off: It is switched off. Switch it on first." in page
    sent.refresh_from_db()
    off.refresh_from_db()
    assert (sent.state, sent.attempts, off.state) == ("waiting", 0, "failed")
    assert AuditEvent.objects.filter(action="integration.replayed").count() == 1
    assert "Send again" in ops.get(f"{ADMIN}/delivery/{off.pk}/change/").content.decode()


def test_an_endpoint_says_how_it_goes(ops):
    fine, failing = rows.endpoint(), rows.endpoint()
    type(fine).objects.filter(pk=fine.pk).update(last_success_at=timezone.now())
    type(failing).objects.filter(pk=failing.pk).update(
        failing_since=timezone.now(), paused_at=timezone.now()
    )
    assert found(ops, "eventendpoint", "?failing_since__isempty=0") == [failing.pk]
    assert found(ops, "eventendpoint", "?paused_at__isempty=1") == [fine.pk]
    assert "Failing" in ops.get(f"{ADMIN}/eventendpoint/{failing.pk}/change/").content.decode()


def test_no_secret_is_on_any_page(ops):
    token, key, password, bot, hashed = SECRETS
    chatwoot = rows.at_chatwoot(
        token=Secret(token), secret=Secret(key), token_hash=hashed, vendor_id=12, account_id=3
    )
    pipedrive = rows.at_pipedrive(
        token=Secret(token), password=Secret(password), token_hash=hashed, company_id=44
    )
    demo = rows.demo(
        bot_secret=Secret(bot), bot_token_hash=hashed, website_token="widget-token-of-no-value"
    )
    agent = rows.agent(name="Ada's desk")
    clients = {role: signed_in(role) for role in roles.ROLES}
    pages = ""
    for name, row in (
        ("chatwootwebhook", chatwoot),
        ("pipedrivewebhook", pipedrive),
        ("demo", demo),
        ("helpdeskagent", agent),
    ):
        for role in roles.ROLES:
            client = clients[role]
            pages += client.get(f"{ADMIN}/{name}/").content.decode()
            pages += client.get(f"{ADMIN}/{name}/{row.pk}/change/").content.decode()
    for secret in (*SECRETS, "widget-token-of-no-value", demo.key):
        assert secret not in pages
    assert (
        found(ops, "chatwootwebhook", "?q=12")
        == found(ops, "chatwootwebhook", "?q=3")
        == [chatwoot.pk]
    )
    assert found(ops, "pipedrivewebhook", "?q=44") == [pipedrive.pk]
    assert found(ops, "pipedrivewebhook", "?registered=1") == []
    assert (
        found(ops, "demo", "?q=shop.example")
        == found(ops, "demo", "?state__exact=creating")
        == [demo.pk]
    )
    assert found(ops, "helpdeskagent", "?q=desk") == [agent.pk]
