"""Deliveries of Email Bison: whose they are is proved by their address, and each has one effect."""

import json
import logging

import pytest
from django.test import Client

from bison.models import Reply, Suppression, Workspace
from bison.webhooks import addresses, events, registering
from core import settings_store
from core.inbox import replay
from core.models import InboundEvent, Run
from sandbox.vendors.email_bison import log as vendor_log
from tests.bison import cast
from tests.bison.webhooks import SOURCE, switch_on, work_all


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay):
    return cast.instance(bison_vendor)


@pytest.fixture
def aspen(maverick, bison_vendor):
    return switch_on(cast.workspace(maverick, 3, bison_vendor))


@pytest.fixture
def happened(bison_vendor):
    """What the stand-in would send of a new reply: its events, the newest first."""

    def make(number=3, **wishes):
        bison_vendor.act("reply", workspace=number, quiet=True, **wishes)
        found = bison_vendor.vendor.instances["maverick"]
        rows = vendor_log.newest(found, found.workspaces[number])
        return [row["payload"] for row in rows[:2]]

    return make


def post(workspace, payload, **headers):
    path = addresses.address(workspace).partition("/api/")[2]
    body = (
        payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    )
    return Client(raise_request_exception=False).post(
        f"/api/{path}", data=body, content_type="application/json", headers=headers
    )


def test_a_reply_comes_in_is_answered_200_and_kept_once(aspen, happened):
    interested, replied = happened(interested=True)
    for payload in (interested, replied, interested, replied):
        answer = post(aspen, payload)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    work_all()
    assert InboundEvent.objects.filter(source=SOURCE, processing_status="processed").count() == 2
    reply = Reply.objects.get()
    assert (reply.source, reply.is_interested) == ("webhook", True)
    assert reply.vendor_id == str(replied["data"]["reply"]["id"])
    aspen.refresh_from_db()
    newest = InboundEvent.objects.filter(source=SOURCE).latest("received_at")
    assert aspen.bison_webhook_last_received_at == newest.received_at
    assert {event.workspace_name for event in InboundEvent.objects.all()} == {"Aspen Labs"}


def test_the_vendors_row_around_an_event_is_the_same_delivery(aspen, happened):
    payload = happened()[0]
    assert post(aspen, {"id": 7, "uuid": "x", "payload": payload}).status_code == 200
    assert post(aspen, payload).status_code == 200
    assert InboundEvent.objects.count() == 1


def test_an_unknown_address_is_404(aspen):
    for path in ("/api/webhooks/bison/nobody", "/api/webhooks/bison/" + "x" * 43):
        answer = Client().post(path, data="{}", content_type="application/json")
        assert answer.status_code == 404
    assert not InboundEvent.objects.exists()


def test_an_event_of_another_workspace_is_refused_and_nothing_is_stored(maverick, aspen, happened):
    assert post(aspen, happened(4)[0]).status_code == 403
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("number", [None, "", "three", True, 3.5, [3]])
def test_an_event_that_does_not_say_whose_it_is_is_malformed(aspen, happened, number):
    payload = happened()[0]
    payload = {**payload, "event": {**payload["event"], "workspace_id": number}}
    assert post(aspen, payload).status_code == 400
    assert not InboundEvent.objects.exists()


def test_an_event_of_another_instance_is_refused_though_the_number_is_the_same(
    aspen, happened, bison_vendor
):
    payload = happened()[0]
    other = {**payload, "event": {**payload["event"], "instance_url": bison_vendor.url("long-run")}}
    assert post(aspen, other).status_code == 403
    unnamed = {
        **payload,
        "event": {k: v for k, v in payload["event"].items() if k != "instance_url"},
    }
    assert post(aspen, unnamed).status_code == 200


def test_the_vendors_own_sample_is_refused_where_deliveries_come(aspen, bison_vendor):
    _status, sample = bison_vendor.ask(
        "/webhook-events/sample-payload",
        bison_vendor.key(3),
        query=[("event_type", "lead_replied")],
    )
    assert post(aspen, sample["data"]).status_code == 403


def test_control_characters_in_a_body_lose_no_delivery(aspen, happened):
    payload = happened()[0]
    payload["data"]["reply"]["text_body"] = "Yes\x01, call \x0bme\n\tsoon\x00."
    raw = json.dumps(payload, ensure_ascii=False)
    for written, plain in (
        ("\\u0001", "\x01"),
        ("\\u000b", "\x0b"),
        ("\\u0000", "\x00"),
        ("\\n", "\n"),
    ):
        raw = raw.replace(written, plain)
    assert "\x01" in raw
    assert post(aspen, raw.encode()).status_code == 200
    work_all()
    assert "call" in Reply.objects.get().text
    assert "\x00" not in Reply.objects.get().text


def test_bytes_that_are_no_utf8_lose_no_delivery(aspen, happened):
    payload = happened()[0]
    payload["data"]["reply"]["text_body"] = "caf@@"
    assert post(aspen, json.dumps(payload).encode().replace(b"@@", b"\xe9")).status_code == 200
    work_all()
    assert Reply.objects.get().text == "caf�"


def test_a_kind_that_nobody_knows_is_kept_as_ignored_and_answered_200(aspen, happened):
    payload = happened()[0]
    odd = {**payload, "event": {**payload["event"], "type": "EMAIL_SEND_FAILED"}}
    assert post(aspen, odd).status_code == 200
    event = InboundEvent.objects.get()
    assert (event.event_type, event.processing_status) == ("email_send_failed", "ignored")


def test_a_change_of_the_accounts_has_them_synced(aspen, bison_vendor):
    bison_vendor.act("account_disconnected", workspace=3, quiet=True)
    instance = bison_vendor.vendor.instances["maverick"]
    payload = vendor_log.newest(instance, instance.workspaces[3])[0]["payload"]
    assert post(aspen, payload).status_code == 200
    work_all()
    run = Run.objects.get(kind__contains="email_accounts")
    assert (run.subject_id, run.trigger) == (aspen.pk, "webhook")


@pytest.mark.parametrize(("shared", "suppressed"), [("on", ["gone@example.org"]), ("off", [])])
def test_an_opt_out_holds_everywhere_where_the_house_shares_them(
    aspen, happened, shared, suppressed
):
    settings_store.put("bison_share_opt_outs", shared, actor="test")
    payload = happened()[0]
    payload["event"]["type"] = "LEAD_UNSUBSCRIBED"
    payload["data"]["lead"]["email"] = "gone@example.org"
    assert post(aspen, payload).status_code == 200
    work_all()
    assert list(Suppression.objects.values_list("value", flat=True)) == suppressed


def test_replaying_what_was_worked_has_no_second_effect(aspen, happened):
    post(aspen, happened()[0])
    work_all()
    before = Reply.objects.values().get()
    assert replay(list(InboundEvent.objects.values_list("pk", flat=True)), "a test") == 0
    InboundEvent.objects.update(processing_status="failed")
    assert replay(list(InboundEvent.objects.values_list("pk", flat=True)), "a test") == 1
    work_all()
    assert Reply.objects.values().get() == {**before, "seen_at": Reply.objects.get().seen_at}


def test_while_a_secret_is_changed_both_are_let_in_and_then_the_new_one_alone(aspen, happened):
    earlier = Workspace.objects.get()
    payloads = [happened()[0] for _ in range(4)]
    registering.rotate(aspen, actor="a test")
    assert post(earlier, payloads[0]).status_code == 200
    assert post(aspen, payloads[1]).status_code == 200
    work_all()
    # What is on its way to the earlier one still comes: the new one has not been in use for long.
    assert post(earlier, payloads[2]).status_code == 200
    Workspace.objects.update(webhook_rotated_at="2020-01-01T00:00:00Z")
    assert post(aspen, payloads[3]).status_code == 200
    work_all()
    assert post(earlier, payloads[3]).status_code == 404
    assert Reply.objects.count() == 4


def test_the_same_delivery_by_the_earlier_and_the_new_secret_is_one(aspen, happened):
    earlier = Workspace.objects.get()
    registering.rotate(aspen, actor="a test")
    payload = happened()[0]
    assert [post(each, payload).status_code for each in (earlier, aspen)] == [200, 200]
    assert InboundEvent.objects.count() == 1


def test_one_look_at_the_database_finds_whose_it_is(aspen, happened, django_assert_num_queries):
    from bison.webhooks.receiving import OurAddress

    with django_assert_num_queries(1):
        OurAddress().senders({"token": aspen.bison_webhook_secret.reveal()})


def test_the_token_is_in_no_log_line(aspen, happened, caplog):
    token = aspen.bison_webhook_secret.reveal()
    with caplog.at_level(logging.DEBUG):
        assert post(aspen, happened()[0]).status_code == 200
        assert post(aspen, happened(4)[0]).status_code == 403
        assert post(aspen, b"{").status_code == 400
    assert caplog.records
    assert not [record for record in caplog.records if token in record.getMessage()]
    assert token not in str(list(InboundEvent.objects.values()))


@pytest.mark.parametrize(
    ("name", "real"),
    [
        ("lead.interested", "lead_interested"),
        ("EMAIL_SENT", "email_sent"),
        ("Contact Replied", "lead_replied"),
        ("REPLY_RECEIVED", "lead_replied"),
        ("INTERESTED", "lead_interested"),
        ("BOUNCE", "email_bounced"),
        ("contact.unsubscribed", "lead_unsubscribed"),
        ("email.clicked", ""),
        ("", ""),
    ],
)
def test_what_people_call_an_event(name, real):
    assert events.real_name(name) == real


def test_an_events_identity_does_not_depend_on_how_it_is_written():
    event = {"type": "EMAIL_ACCOUNT_REMOVED", "workspace_id": 3}
    first = {"event": event, "data": {"sender_email": {"email": "a@x.example", "name": "é"}}}
    second = {
        "event": {**event, "instance_url": "https://x"},
        "data": {"sender_email": {"name": "é", "email": "a@x.example"}},
    }
    assert events.identity(first) == events.identity(second)
    assert events.identity(first) != events.identity(
        {**first, "event": {**event, "workspace_id": 4}}
    )
