"""Email Bison's stand-in: hooks of a workspace, what they are sent, and the log that has it all."""

import json

import pytest

from tests.bison.stand_in import ASPEN, COBALT, documented
from tests.sandbox.listener import Listener
from tests.support.house import wait_for

QUICK = [0.02, 0.02, 0.02, 0.02]


def hook(bison, listener, *events, workspace=ASPEN):
    body = {"name": "Koppel", "url": listener.url, "events": list(events)}
    status, answer = bison.ask("/webhook-url", bison.key(workspace), method="POST", body=body)
    assert status == 201, answer
    return answer["data"]


def test_hooks_belong_to_a_workspace_and_have_no_secret(bison):
    made = hook(bison, Listener(), "email_sent", "lead_interested")
    place = f"/webhook-url/{made['id']}"

    assert set(made) == set(documented("hook"))
    assert bison.total("/webhook-url", bison.key(COBALT)) == 0
    assert bison.ask(place, bison.key(COBALT))[0] == 403
    changed = {"name": "Koppel", "url": made["url"], "events": ["email_sent"]}
    status, body = bison.ask(place, bison.key(ASPEN), method="PUT", body=changed)
    assert (status, body["data"]["events"]) == (200, ["email_sent"])
    dotted = changed | {"events": ["lead.replied"]}
    assert bison.ask(place, bison.key(ASPEN), method="PUT", body=dotted)[0] == 422
    bison.act("edit_hook", hook=made["id"], url="https://elsewhere.example/")
    assert bison.ask(place, bison.key(ASPEN))[1]["data"]["url"] == "https://elsewhere.example/"
    bison.act("delete_hook", hook=made["id"])
    assert bison.ask(place, bison.key(ASPEN))[0] == 404
    assert len(bison.ask("/webhook-events/event-types", bison.key(ASPEN))[1]["data"]) == 13


def test_an_event_is_sent_again_until_a_200_and_bears_no_id_or_signature(bison):
    bison.turn(delivery_pauses=QUICK)
    listener = Listener(500, 202, 200)
    made = hook(bison, listener, "lead_replied")

    [number] = bison.act("reply")

    assert wait_for(lambda: len(listener.came) == 3, 5)
    assert wait_for(lambda: bison.act("deliveries")[0]["statuses"] == [500, 202, 200], 5)
    headers, content = listener.came[0]
    body = json.loads(content)
    assert body["event"] == {
        "type": "LEAD_REPLIED",
        "name": "Contact Replied",
        "instance_url": bison.url(),
        "workspace_id": ASPEN,
        "workspace_name": "Aspen Labs",
    }
    assert (body["data"]["reply"]["id"], "email_subject" in body["data"]["reply"]) == (number, True)
    assert body["data"]["sender_email"]["status"].islower()
    assert not [name for name in headers if "signature" in name or "id" in name.split("-")]
    row = bison.ask("/events", bison.key(ASPEN))[1]["data"][0]
    assert row["payload"] == body
    assert [each["response_code"] for each in row["webhook_deliveries"]] == [500, 202, 200]
    assert {each["webhook_url_id"] for each in row["webhook_deliveries"]} == {made["id"]}


def test_at_most_five_attempts_are_made(bison):
    bison.turn(delivery_pauses=[*QUICK, 0.02])
    listener = Listener(*[204] * 9)
    hook(bison, listener, "email_bounced")

    bison.act("bounce")

    assert wait_for(lambda: len(listener.came) == 5, 5)
    assert not wait_for(lambda: len(listener.came) > 5, 0.2)


def test_a_lead_becomes_interested_once(bison):
    listener = Listener(*[200] * 9)
    hook(bison, listener, "lead_interested")
    [number] = bison.act("reply")
    place = f"/replies/{number}/mark-as-"

    for word in ("interested", "not-interested"):
        assert bison.ask(f"{place}{word}", bison.key(ASPEN), method="PATCH")[0] == 200
    [other] = bison.act("reply", interested=True)

    assert wait_for(lambda: len(listener.came) == 2, 5)
    came = {json.loads(content)["data"]["reply"]["id"] for _headers, content in listener.came}
    assert came == {number, other}
    bison.act("mark", reply=other)
    assert len(bison.act("deliveries")) == 2


def test_a_share_of_the_deliveries_is_lost_though_the_log_has_their_events(bison):
    bison.turn(drop_deliveries=50)
    listener = Listener(*[200] * 40)
    hook(bison, listener, "lead_replied")

    replies = bison.act("reply", count=30)

    sent = len(bison.act("deliveries"))
    assert 5 < sent < 25
    assert wait_for(lambda: len(listener.came) == sent, 5)
    rows, cursor = [], ""
    while cursor is not None:
        body = bison.ask("/events", bison.key(ASPEN), query={"cursor": cursor})[1]
        rows += body["data"]
        cursor = body["meta"]["next_cursor"]
    found = [row["payload"]["data"].get("reply", {}).get("id") for row in rows]
    assert set(replies) <= set(found)
    assert len({row["id"] for row in rows}) == len(rows)
    kinds = {row["payload"]["event"]["type"] for row in rows}
    assert {"EMAIL_SENT", "EMAIL_SEND_FAILED", "LEAD_REPLIED", "LEAD_INTERESTED"} <= kinds


def test_a_test_event_looks_real_and_is_of_workspace_1(bison):
    listener = Listener(200)
    body = {"event_type": "email_sent", "url": listener.url}

    status, answer = bison.ask(
        "/webhook-events/test-event", bison.key(ASPEN), method="POST", body=body
    )

    assert (status, answer["data"]["success"]) == (200, True)
    assert wait_for(lambda: len(listener.came) == 1, 5)
    assert json.loads(listener.came[0][1]) == answer["data"]["payload"]
    sample = documented("email_sent")
    assert answer["data"]["payload"]["event"] == sample["event"]
    assert set(answer["data"]["payload"]["data"]) == set(sample["data"])
    shown = bison.ask(
        "/webhook-events/sample-payload", bison.key(ASPEN), query={"event_type": "email_sent"}
    )
    assert shown == (200, {"data": answer["data"]["payload"]})


def test_every_act_is_an_event_that_the_log_has(bison):
    for name in (
        "send",
        "bounce",
        "account_added",
        "account_disconnected",
        "account_reconnected",
        "account_removed",
    ):
        bison.act(name)
    bison.act("reply", untracked=True)
    bison.act("unsubscribe", lead=bison.ask("/leads", bison.key(ASPEN))[1]["data"][0]["id"])

    kinds = [
        row["payload"]["event"]["type"] for row in bison.ask("/events", bison.key(ASPEN))[1]["data"]
    ]
    assert kinds[:8] == [
        "LEAD_UNSUBSCRIBED", "UNTRACKED_REPLY_RECEIVED", "EMAIL_ACCOUNT_REMOVED",
        "EMAIL_ACCOUNT_RECONNECTED", "EMAIL_ACCOUNT_DISCONNECTED", "EMAIL_ACCOUNT_ADDED",
        "EMAIL_BOUNCED", "EMAIL_SENT",
    ]  # fmt: skip
    assert len(bison.act("facts")["accounts"]) == 282
    with pytest.raises(ValueError, match="A reply has no"):
        bison.act("reply", words="Hello")


def test_replies_come_in_and_are_delivered_as_time_passes_where_it_is_switched_on(bison):
    bison.turn(live=True)
    listener = Listener(*[200] * 99)
    hook(bison, listener, "lead_replied")
    before = bison.total("/replies", bison.key(ASPEN))

    # Past the switch, which would make the rows anew.
    bison.vendor.switched["now"] = "2026-12-04T22:00:00Z"
    come = bison.total("/replies", bison.key(ASPEN)) - before

    assert come > 0
    assert wait_for(lambda: len(listener.came) == come, 5)
    assert bison.total("/replies", bison.key(ASPEN)) == before + come
    later = set(bison.act("facts")["replies"])
    bison.turn(now="2026-12-04T22:00:00Z")
    assert len(later & set(bison.act("facts")["replies"])) > come
