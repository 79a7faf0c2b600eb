"""Chatwoot's stand-in: its refusals are the vendor's own, its lists page as the vendor's,
its deliveries are signed.
"""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from sandbox.vendors.chatwoot.hooks import signature
from sandbox.vendors.demo_keys import (
    CHATWOOT_ADMIN_TOKEN,
    CHATWOOT_AGENT_TOKEN,
    CHATWOOT_OTHER_TOKEN,
    CHATWOOT_PLATFORM_TOKEN,
)
from tests.sandbox.listener import Listener
from tests.support.house import wait_for

ACCOUNT = "/api/v1/accounts/1"
WEBSITE = {"name": "Shop", "channel": {"type": "web_widget", "website_url": "https://shop.example"}}


def ask(sandbox, method, path, body=None, *, token=CHATWOOT_ADMIN_TOKEN, header="api_access_token"):
    """The status and the body of one call: JSON where it is, else the text."""
    headers = {"Content-Type": "application/json"} | ({header: token} if token else {})
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(
            Request(sandbox.url("chatwoot", path), data, headers, method=method), timeout=10
        ) as answer:
            status, content = answer.status, answer.read().decode()
    except HTTPError as error:
        status, content = error.code, error.read().decode()
    return status, json.loads(content) if content[:1] in {"{", "["} else content


@pytest.mark.parametrize(
    ("path", "token", "status", "body"),
    [
        (ACCOUNT, "", 401, {"errors": ["You need to sign in or sign up before continuing."]}),
        (ACCOUNT, "unknown", 401, {"error": "Invalid Access Token"}),
        (ACCOUNT, CHATWOOT_OTHER_TOKEN, 404, {"error": "Resource could not be found"}),
        (
            f"{ACCOUNT}/agents",
            CHATWOOT_OTHER_TOKEN,
            401,
            {"error": "You are not authorized to access this account"},
        ),
        (
            f"{ACCOUNT}/webhooks",
            CHATWOOT_AGENT_TOKEN,
            401,
            {"error": "You are not authorized to do this action"},
        ),
        (
            "/api/v1/accounts/99/agents",
            CHATWOOT_ADMIN_TOKEN,
            404,
            {"error": "Resource could not be found"},
        ),
        (
            f"{ACCOUNT}/agents",
            CHATWOOT_PLATFORM_TOKEN,
            401,
            {"error": "Access to this endpoint is not authorized for bots"},
        ),
    ],
)
def test_each_refusal_has_the_vendors_own_body(sandbox, path, token, status, body):
    assert ask(sandbox, "GET", path, token=token) == (status, body)


def test_a_proxy_that_drops_underscores_drops_one_spelling_of_the_header(sandbox):
    sandbox.turn("chatwoot", drops_underscores=True)

    assert ask(sandbox, "GET", ACCOUNT)[0] == 401
    assert ask(sandbox, "GET", ACCOUNT, header="Api-Access-Token")[0] == 200


def test_throttled_is_plain_text_without_a_time(sandbox):
    sandbox.turn("chatwoot", fewest_calls=1)
    ask(sandbox, "GET", ACCOUNT)

    assert ask(sandbox, "GET", ACCOUNT) == (429, "Retry later\n")


def test_a_suspended_account_and_full_seats_have_their_own_refusals(sandbox):
    sandbox.turn("chatwoot", seats=2)
    wish = {"name": "Ada", "email": "ada@northwind.example"}
    assert ask(sandbox, "POST", f"{ACCOUNT}/agents", wish)[0] == 402
    assert ask(sandbox, "POST", f"{ACCOUNT}/agents", {"email": "x", "role": "owner"})[0] == 500
    sandbox.act("chatwoot", "suspend", account=1)
    assert ask(sandbox, "GET", f"{ACCOUNT}/agents") == (401, {"error": "Account is suspended"})


def test_contacts_come_by_fifteen_and_one_address_is_had_once(sandbox):
    status, first = ask(sandbox, "GET", f"{ACCOUNT}/contacts")
    assert (status, len(first["payload"]), first["meta"]) == (
        200,
        15,
        {"count": 40, "current_page": 1},
    )
    assert ask(sandbox, "GET", f"{ACCOUNT}/contacts?page=3")[1]["meta"] == {
        "count": 40,
        "current_page": "3",
    }

    known = first["payload"][0]["email"]
    status, body = ask(
        sandbox, "POST", f"{ACCOUNT}/contacts", {"name": "Again", "email": known.upper()}
    )
    assert (status, body) == (
        422,
        {"message": "Email has already been taken", "attributes": ["email"]},
    )


def test_a_search_is_for_a_part_and_counts_its_own_page(sandbox):
    status, body = ask(sandbox, "GET", f"{ACCOUNT}/contacts/search?q=VISITOR")

    assert (status, body["meta"]) == (200, {"count": 15, "current_page": 1, "has_more": True})


def test_members_are_replaced_by_patch_and_texts_are_no_numbers(sandbox):
    inbox = sandbox.act("chatwoot", "facts")["inboxes"][0]["id"]
    members = f"{ACCOUNT}/inbox_members"
    ask(sandbox, "POST", members, {"inbox_id": inbox, "user_ids": [1, 2]})

    assert [row["id"] for row in ask(sandbox, "GET", f"{members}/{inbox}")[1]["payload"]] == [1, 2]
    ask(sandbox, "PATCH", members, {"inbox_id": inbox, "user_ids": [2]})
    ask(sandbox, "DELETE", members, {"inbox_id": inbox, "user_ids": ["2"]})
    assert [row["id"] for row in ask(sandbox, "GET", f"{members}/{inbox}")[1]["payload"]] == [2]
    assert ask(sandbox, "POST", members, {"inbox_id": inbox, "user_ids": [99]})[0] == 422


def test_a_repeated_inbox_is_a_second_inbox_with_a_token_of_its_own(sandbox):
    made = [ask(sandbox, "POST", f"{ACCOUNT}/inboxes", WEBSITE)[1] for _ in range(2)]

    assert made[0]["id"] != made[1]["id"]
    assert made[0]["website_token"] != made[1]["website_token"]
    assert made[0]["channel_type"] == "Channel::WebWidget"


def test_a_bot_is_set_and_taken_away(sandbox):
    inbox = ask(sandbox, "POST", f"{ACCOUNT}/inboxes", WEBSITE)[1]["id"]
    bot = ask(sandbox, "POST", f"{ACCOUNT}/agent_bots", {"name": "Answers", "bot_type": "webhook"})[
        1
    ]

    path = f"{ACCOUNT}/inboxes/{inbox}"
    assert ask(sandbox, "POST", f"{path}/set_agent_bot", {"agent_bot": bot["id"]}) == (200, "")
    assert ask(sandbox, "GET", f"{path}/agent_bot")[1]["agent_bot"]["id"] == bot["id"]
    assert ask(sandbox, "POST", f"{path}/set_agent_bot", {"agent_bot": None}) == (200, "")
    assert ask(sandbox, "GET", f"{path}/agent_bot") == (200, {})


@pytest.mark.parametrize(
    "password", ["Ab1!", "abcdef1!", "ABCDEF1!", "Abcdefg!", "Abcdefg1", "Abcdef1!é"]
)
def test_the_platform_takes_no_weak_password(sandbox, password):
    wish = {"name": "Ada", "email": "ada@northwind.example", "password": password}

    assert (
        ask(sandbox, "POST", "/platform/api/v1/users", wish, token=CHATWOOT_PLATFORM_TOKEN)[0]
        == 422
    )


def test_a_user_of_the_platform_joins_only_an_account_that_was_granted(sandbox):
    wish = {"name": "Ada", "email": "ada@northwind.example", "password": "Secure-pass-1"}
    user = ask(sandbox, "POST", "/platform/api/v1/users", wish, token=CHATWOOT_PLATFORM_TOKEN)[1]
    joined = {"user_id": user["id"], "role": "agent"}

    first = ask(
        sandbox,
        "POST",
        "/platform/api/v1/accounts/1/account_users",
        joined,
        token=CHATWOOT_PLATFORM_TOKEN,
    )
    second = ask(
        sandbox,
        "POST",
        "/platform/api/v1/accounts/2/account_users",
        joined,
        token=CHATWOOT_PLATFORM_TOKEN,
    )
    assert (first[0], first[1]["role"]) == (200, "agent")
    assert second == (401, {"error": "Non permissible resource"})


def test_a_delivery_is_signed_with_the_webhooks_own_secret_and_tried_once(sandbox):
    listener = Listener(500)
    hook = ask(
        sandbox,
        "POST",
        f"{ACCOUNT}/webhooks",
        {"url": listener.url, "subscriptions": ["contact_created"]},
    )[1]
    ask(sandbox, "POST", f"{ACCOUNT}/contacts", {"name": "Ada", "email": "ada@example.com"})

    wait_for(lambda: listener.came, 10)
    headers, body = listener.came[0]
    secret = hook["payload"]["webhook"]["secret"]
    assert headers["x-chatwoot-signature"] == signature(
        secret, headers["x-chatwoot-timestamp"], body
    )
    assert json.loads(body)["event"] == "contact_created"
    assert wait_for(lambda: sandbox.act("chatwoot", "deliveries")[0]["statuses"] == [500], 10)
    [delivery] = sandbox.act("chatwoot", "deliveries")
    assert delivery["id"] == headers["x-chatwoot-delivery"]

    sandbox.turn("chatwoot", loses_webhooks=True)
    ask(sandbox, "POST", f"{ACCOUNT}/contacts", {"name": "Bram", "email": "bram@example.com"})
    assert len(sandbox.act("chatwoot", "deliveries")) == 1


def test_the_signature_is_the_vendors_worked_example():
    body = b'{"event":"message_created","id":101,"content":"hi"}'

    found = signature("made-up-chatwoot-secret", "1767225600", body)
    assert found == "sha256=8260052488a5d712127f30d822b1720a19308f6b5c21a13d49b45697ae68a9a6"


def test_the_nth_write_breaks_and_the_nth_answer_is_lost(sandbox):
    sandbox.turn("chatwoot", fails_write=2)
    assert [ask(sandbox, "POST", f"{ACCOUNT}/inboxes", WEBSITE)[0] for _ in range(3)] == [
        200,
        500,
        200,
    ]

    sandbox.turn("chatwoot", fails_write=0, loses_answer=1)
    before = len(sandbox.act("chatwoot", "facts")["inboxes"])
    with pytest.raises(OSError, match=r"closed connection|reset"):
        ask(sandbox, "POST", f"{ACCOUNT}/inboxes", WEBSITE)
    assert len(sandbox.act("chatwoot", "facts")["inboxes"]) == before + 1


def test_what_a_website_loads_needs_no_token(sandbox):
    token = sandbox.act("chatwoot", "facts")["inboxes"][0]["website_token"]

    assert ask(sandbox, "GET", "/api", token="")[1]["version"] == "4.15.1"
    assert "chatwootSDK" in ask(sandbox, "GET", "/packs/js/sdk.js", token="")[1]
    assert ask(sandbox, "GET", f"/widget?website_token={token}", token="")[0] == 200
    assert ask(sandbox, "GET", "/widget?website_token=unknown", token="") == (
        404,
        {"error": "web widget does not exist"},
    )
