"""The webhooks of Fathom's stand-in: made and refused as the vendor does,
delivered signed until they are taken.
"""

import json

import pytest
from standardwebhooks import Webhook

from sandbox.vendors.fathom import DEMO_KEYS
from tests.sandbox.fathom_api import ask, fits
from tests.sandbox.listener import Listener
from tests.support.house import wait_for

HOOK = {
    "destination_url": "https://koppel.example/hook",
    "triggered_for": ["my_recordings"],
    "include_summary": True,
}


@pytest.fixture
def fathom(sandbox):
    """Without limits, as most tests want it."""
    sandbox.turn("fathom", rate_limits=False, meetings=35)
    return sandbox


def test_a_webhook_is_made_told_once_and_removed(fathom):
    status, made = ask(fathom, "/webhooks", method="POST", body=HOOK)

    assert (status, fits(made, "Webhook")) == (201, [])
    assert made["url"] == HOOK["destination_url"]
    assert made["secret"].startswith("whsec_")
    assert ask(fathom, "/webhooks")[0] == 404
    assert ask(fathom, f"/webhooks/{made['id']}", method="DELETE", key=DEMO_KEYS[1])[0] == 404
    assert ask(fathom, f"/webhooks/{made['id']}", method="DELETE") == (204, None)
    assert ask(fathom, f"/webhooks/{made['id']}", method="DELETE")[0] == 404


@pytest.mark.parametrize(
    "change",
    [
        {"include_highlights": True},
        {"include_summary": False},
        {"triggered_for": []},
        {"triggered_for": ["shared_with_me_external_recordings"]},
        {"destination_url": "koppel.example"},
        {"include_summary": "true"},
    ],
)
def test_a_webhook_that_the_vendor_refuses_is_not_made(change, fathom):
    assert ask(fathom, "/webhooks", method="POST", body=HOOK | change)[0] == 400
    assert fathom.act("fathom", "webhooks") == []


def test_a_plan_without_teams_refuses_their_triggers(fathom):
    fathom.turn("fathom", team_plan=False, team_refusal=422)
    both = HOOK | {"triggered_for": ["my_recordings", "shared_team_recordings"]}

    assert ask(fathom, "/webhooks", method="POST", body=both)[0] == 422
    assert ask(fathom, "/webhooks", method="POST", body=HOOK)[0] == 201


def test_a_meeting_is_delivered_signed_again_until_it_is_taken_with_the_same_id(fathom):
    listener = Listener(500, 503, 202)
    fathom.turn("fathom", webhook_pauses=[0.05, 0.05, 0.05], webhook_repeats=1)
    made = ask(fathom, "/webhooks", method="POST", body=HOOK | {"destination_url": listener.url})[1]

    meeting = fathom.act("fathom", "arrive")[0]

    assert wait_for(lambda: len(listener.came) == 4, 5)
    headers, body = listener.came[0]
    delivered = Webhook(made["secret"]).verify(body, headers)
    assert delivered["recording_id"] == meeting
    assert (delivered["default_summary"] is not None, delivered["transcript"]) == (True, None)
    assert fits(delivered, "Meeting") == []
    assert len({headers["webhook-id"] for headers, _body in listener.came}) == 1
    assert fathom.act("fathom", "deliveries")[0]["statuses"] == [500, 503, 202, 202]


def test_no_summary_no_delivery_and_an_edit_is_told_to_nobody(fathom):
    listener = Listener()
    ask(fathom, "/webhooks", method="POST", body=HOOK | {"destination_url": listener.url})
    meeting = fathom.act("fathom", "arrive", default_summary=None)[0]
    assert fathom.act("fathom", "deliveries") == []

    summary = {"template_name": "general", "markdown_formatted": "At last"}
    fathom.act("fathom", "change", recording_id=meeting, default_summary=summary)
    fathom.act("fathom", "change", recording_id=meeting, title="Edited")

    assert wait_for(lambda: len(listener.came) == 1, 5)
    assert json.loads(listener.came[0][1])["default_summary"] == summary
    assert len(fathom.act("fathom", "deliveries")) == 1
