"""A delivery through the door: refused with a reason and no trace, or stored once with all
that is known of it.
"""

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from core.health import counters
from core.ids import time_of
from core.inbox import Refused, arrived, payloads
from core.models import InboundEvent, InboundReceipt
from tests.probe.webhooks import ORGANIZATION, TOKEN
from tests.support.deliveries import (
    BY_TOKEN,
    CHATWOOT,
    LIVEKIT,
    STANDARD,
    body_of,
    chatwoot_headers,
    livekit_headers,
    post,
    post_standard,
    standard_headers,
)

pytestmark = pytest.mark.django_db


def nothing_stored():
    return not InboundEvent.objects.exists() and not InboundReceipt.objects.exists()


def assert_refused(response, status, error):
    body = response.json()
    assert response.status_code == status
    assert body["success"] is False
    assert body["error"] == error
    assert body["message"]
    assert body["requestId"] == response.headers["X-Request-ID"]
    assert nothing_stored()


def test_a_signed_delivery_is_stored_with_what_is_known_of_it(client):
    body = body_of({"event": "meeting", "number": 7, "title": "Réunion"})

    response = client.post(
        STANDARD,
        data=body,
        content_type="application/json",
        headers={
            **standard_headers(body, "msg_1"),
            "User-Agent": "Svix/1",
            "X-Forwarded-For": "8.8.8.8",
        },
    )

    assert (response.status_code, response.json()) == (202, {"success": True})
    event = InboundEvent.objects.get()
    assert event.source == "probe-standard"
    assert event.delivery_id == "msg_1"
    assert event.event_type == "meeting"
    assert event.event_data == {"event": "meeting", "number": 7, "title": "Réunion"}
    assert event.event_signature.startswith("v1,")
    assert event.processing_status == "pending"
    assert event.source_ip == "127.0.0.1"
    assert event.user_agent == "Svix/1"
    assert event.request_id == response.headers["X-Request-ID"]
    assert event.received_at == time_of(event.id)
    assert timezone.now() - event.received_at < timedelta(seconds=10)


def test_the_address_says_whose_it_is(client):
    body = body_of({"event": "message_created"})

    post(client, CHATWOOT, body, chatwoot_headers(body, "d-1"))

    event = InboundEvent.objects.get()
    assert (event.account, event.organization_id, event.delivery_id) == (
        "acme",
        ORGANIZATION,
        "d-1",
    )


def test_a_repeat_gets_the_same_answer_and_leaves_nothing(client):
    first = post_standard(client, {"number": 1}, "msg_same")
    second = post_standard(client, {"number": 2}, "msg_same")

    assert (
        (first.status_code, first.content)
        == (second.status_code, second.content)
        == (202, b'{"success":true}')
    )
    assert InboundEvent.objects.get().event_data == {"number": 1}
    assert InboundReceipt.objects.count() == 1


def test_the_same_id_from_another_source_is_another_delivery(client):
    body = body_of({"number": 1})
    post_standard(client, body, "same")
    post(client, CHATWOOT, body, chatwoot_headers(body, "same"))

    assert InboundEvent.objects.count() == 2


def test_without_a_vendors_id_the_body_says_what_a_repeat_is(client):
    for number in (1, 1, 2):
        assert post(client, BY_TOKEN, {"number": number}).status_code == 200

    assert sorted(event.event_data["number"] for event in InboundEvent.objects.all()) == [1, 2]
    assert all(event.workspace_name == "Acme" for event in InboundEvent.objects.all())


def test_the_token_of_an_address_is_stored_nowhere(client):
    post(client, BY_TOKEN, {"number": 1})

    event = InboundEvent.objects.values().get()
    assert TOKEN not in str(event)


@pytest.mark.parametrize("token", ["wrong", TOKEN + "x", TOKEN[:-1], "é", "x" * 200])
def test_an_unknown_token_is_not_there(client, token):
    assert_refused(
        post(client, f"/api/webhooks/probe-token/{token}", {"number": 1}), 404, "Not found"
    )


def test_a_forged_delivery_is_refused(client):
    assert_refused(post(client, STANDARD, {"number": 1}), 401, "Bad signature")
    headers = standard_headers(body_of({"number": 1}))
    assert_refused(post(client, STANDARD, {"number": 2}, headers), 401, "Bad signature")


def test_without_a_secret_the_address_says_that_it_is_not_set_up(client, monkeypatch):
    monkeypatch.setenv("PROBE_STANDARD_SECRET", "")

    assert_refused(post_standard(client, {"number": 1}), 503, "Not configured")


def test_a_payload_of_somebody_else_is_refused(client):
    response = post(client, BY_TOKEN, {"event": {"type": "lead", "workspace_id": 1}})

    assert_refused(response, 403, "Other workspace")


def test_undeclared_events_are_kept_as_ignored(client):
    body = body_of({"event": "room_started", "id": "EV_1"})
    response = post(client, LIVEKIT, body, livekit_headers(body))

    assert (response.status_code, response.json()) == (200, {})
    assert InboundEvent.objects.get().processing_status == "ignored"


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options", "head"])
def test_only_post_delivers(client, method):
    response = getattr(client, method)(STANDARD)

    assert response.status_code == 405
    assert nothing_stored()


@pytest.mark.parametrize("path", [STANDARD, STANDARD + "/", BY_TOKEN + "/"])
def test_addresses_answer_with_and_without_a_slash(client, path):
    body = body_of({"number": 1})

    assert post(client, path, body, standard_headers(body)).status_code in (200, 202)


def test_a_body_over_the_limit_is_too_large(client, settings):
    settings.WEBHOOK_MAX_BODY = 1000
    fits = body_of({"text": "x" * 988})
    assert len(fits) == 1000

    assert_refused(post(client, BY_TOKEN, b"x" * 1001), 413, "Body too large")
    assert post(client, BY_TOKEN, fits).status_code == 200


NOT_JSON = {
    "empty": b"",
    "text": b"hello",
    "array": b"[1,2]",
    "string": b'"x"',
    "number": b"5",
    "null": b"null",
    "cut": b'{"a":',
    "two": b"{}{}",
    "bad utf-8": b'{"a":"\xff"}',
    "surrogate bytes": b'{"a":"\xed\xa0\x80"}',
    "utf-16": '{"a":1}'.encode("utf-16"),
    "nan": b'{"a":NaN}',
    "infinity": b'{"a":Infinity}',
    "raw nul": b'{"a":"\x00"}',
    "deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep within the parser": b'{"a":' + b"[" * 900 + b"]" * 900 + b"}",
    "deep with a nul": b'{"a":"\\u0000","b":' + b"[" * 900 + b"]" * 900 + b"}",
    "html": b"<html></html>",
    "form": b"a=1&b=2",
}


@pytest.mark.parametrize("name", NOT_JSON)
def test_a_body_that_is_no_json_object_is_malformed(client, name):
    body = NOT_JSON[name]

    assert_refused(post(client, STANDARD, body, standard_headers(body)), 400, "Malformed body")


ODD = {
    "nul": (b'{"a":"x\\u0000y"}', {"a": "x�y"}),
    "nul in a key": (b'{"x\\u0000y":1}', {"x�y": 1}),
    "half a character": (b'{"a":"\\ud83d"}', {"a": "�"}),
    "whole character": (b'{"a":"\\ud83d\\ude00"}', {"a": "😀"}),
    "huge integer": (b'{"a":' + b"9" * 5000 + b"}", {"a": "9" * 5000}),
    "huge float": (b'{"a":1e999999}', {"a": "1e999999"}),
    "long fraction": (b'{"a":0.' + b"1" * 5000 + b"}", {"a": 0.1111111111111111}),
    "doubled key": (b'{"a":1,"a":2}', {"a": 2}),
    "beyond 64 bits": (b'{"a":18446744073709551616}', {"a": 18446744073709552000}),
    "largest": (b'{"a":18446744073709551615}', {"a": 18446744073709551615}),
    "odd types": (
        b'{"event":["x"],"type":{"a":1},"id":{}}',
        {"event": ["x"], "type": {"a": 1}, "id": {}},
    ),
    "long event": (b'{"event":"' + b"e" * 5000 + b'"}', {"event": "e" * 5000}),
}


@pytest.mark.parametrize("name", ODD)
def test_genuine_but_odd_json_is_kept_and_read_back(client, name):
    body, kept = ODD[name]

    assert post(client, STANDARD, body, standard_headers(body)).status_code == 202
    assert InboundEvent.objects.get().event_data == kept


def test_what_had_to_be_changed_is_marked(client):
    body = b'{"a":"x\\u0000y"}'
    post(client, STANDARD, body, standard_headers(body))

    assert InboundEvent.objects.get().metadata == {"made_storable": True}


def test_hostile_headers_are_kept_short_and_clean(client):
    body = body_of({"number": 1})
    headers = {**chatwoot_headers(body, "d" * 5000), "User-Agent": "a\x00b" + "x" * 5000}

    assert post(client, CHATWOOT, body, headers).status_code == 202
    event = InboundEvent.objects.get()
    assert event.delivery_id == "d" * 200
    assert event.user_agent[:3] == "a�b"
    assert len(event.user_agent) == 300


def test_long_ids_that_begin_alike_are_different_deliveries(client):
    body = body_of({"number": 1})
    for end in ("x", "y"):
        post(client, CHATWOOT, body, chatwoot_headers(body, "d" * 5000 + end))

    assert InboundEvent.objects.count() == 2


def test_every_result_is_counted_by_source(client):
    before = counters.read("webhooks")
    delivery = uuid.uuid4().hex
    post_standard(client, {"number": 1}, delivery)
    post_standard(client, {"number": 1}, delivery)
    post(client, STANDARD, {"number": 1})
    post(client, "/api/webhooks/probe-token/wrong", {})

    after = counters.read("webhooks")
    grown = {
        labels: after[labels] - before.get(labels, 0)
        for labels in after
        if after[labels] != before.get(labels)
    }
    assert grown == {
        ("probe-standard", "stored"): 1,
        ("probe-standard", "repeated"): 1,
        ("probe-standard", "bad_signature"): 1,
        ("probe-token", "unknown_address"): 1,
    }


def test_the_answer_is_json_whatever_was_asked_for(client):
    response = client.post(
        STANDARD, data=b"x", content_type="text/html", headers={"Accept": "text/html"}
    )

    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(response.content)["success"] is False


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        (b'{"a":"x\x01\x0by"}', {"a": "x\x01\x0by"}),
        (b'{"a":"x\x00y\n"}', {"a": "x�y\n"}),
        (b'{"a":"caf\xe9"}', {"a": "caf�"}),
    ],
)
def test_a_source_whose_bodies_are_not_quite_json_has_them_read(body, payload):
    found, text, _changed = payloads.read(body, leniently=True)
    assert found == payload
    assert json.loads(text) == payload
    with pytest.raises(Refused):
        payloads.read(body)


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"a":', b'{"a":NaN}', b"hello"])
def test_what_is_no_json_object_is_none_however_leniently_it_is_read(body):
    with pytest.raises(Refused):
        payloads.read(body, leniently=True)


def test_of_deliveries_those_that_arrived_are_known_by_what_makes_them_the_same(client):
    body = b'{"a":1}'
    assert post(client, STANDARD, body, standard_headers(body, "msg_1")).status_code == 202
    event = InboundEvent.objects.get()
    assert arrived(event.source, event.account, ["msg_1", "msg_2"]) == {"msg_1"}
    assert arrived(event.source, "another", ["msg_1"]) == set()
