"""Email Bison's stand-in: which token opens what at which moment, and every way to say no."""

import json
from http.client import RemoteDisconnected

import pytest

from sandbox.vendors import demo_keys
from sandbox.vendors.email_bison.refusals import NOT_THE_WORKSPACE
from tests.bison.stand_in import (
    ASPEN,
    BIRCHWOOD,
    COBALT,
    LONG_RUN,
    OWN_KEY_ONLY,
    SWITCH,
    documented,
)
from tests.support import web


# --- Tokens and workspaces ------------------------------------------------------------------------
def test_a_super_admins_token_reads_where_its_user_looks_until_a_switch(bison):
    assert bison.total() == 403
    assert bison.ask(SWITCH, method="POST", body={"team_id": ASPEN}) == (
        200,
        {"data": {"name": "Aspen Labs"}},
    )

    assert bison.total() == 282
    assert bison.ask("/users")[1]["data"]["team"]["id"] == ASPEN
    assert bison.ask("/users", bison.backup())[1]["data"]["team"]["id"] == 2
    bison.turn(switch_seconds=30.0)
    bison.ask(SWITCH, method="POST", body={"team_id": COBALT})
    assert bison.total() == 282


def test_a_person_moves_a_super_admins_token_between_two_pages(bison):
    bison.turn(person_every=2)
    totals = [
        bison.ask("/sender-emails", query={"page": page})[1]["meta"]["total"] for page in (1, 2, 3)
    ]

    assert totals == [403, 403, 33]
    assert bison.act("person_switches", workspace=COBALT) == COBALT
    assert bison.total() == 15


def test_a_workspaces_token_opens_its_own_alone(bison):
    key = bison.key(COBALT)
    refused = (403, {"data": {"success": False, "message": NOT_THE_WORKSPACE}})

    assert [row["id"] for row in bison.rows("/workspaces/v1.1", key)] == [COBALT]
    assert bison.ask(f"/workspaces/v1.1/{ASPEN}", key) == refused
    assert bison.ask(SWITCH, key, method="POST", body={"team_id": ASPEN}) == refused
    assert (
        bison.ask(f"/workspaces/v1.1/{COBALT}/api-tokens", key, method="POST", body={"name": "x"})
        == refused
    )
    account = bison.act("facts", workspace=ASPEN)["accounts"][0]
    assert bison.ask(f"/sender-emails/{account}", key) == refused
    status, body = bison.ask("/sender-emails/1", key)
    assert (status, list(body["data"]["record_not_found"])) == (404, ["sender email"])
    bison.turn(silent_switch=True)
    assert bison.ask(SWITCH, key, method="POST", body={"team_id": ASPEN})[0] == 200
    assert bison.total(token=key) == 15


def test_a_workspace_that_wants_its_own_token_refuses_a_super_admins(bison):
    bison.ask(SWITCH, slug=LONG_RUN, method="POST", body={"team_id": OWN_KEY_ONLY})
    assert bison.ask("/sender-emails", slug=LONG_RUN)[1]["data"]["message"] == NOT_THE_WORKSPACE

    place = f"/workspaces/v1.1/{OWN_KEY_ONLY}/api-tokens"
    status, made = bison.ask(place, slug=LONG_RUN, method="POST", body={"name": "Koppel"})

    assert (status, set(made["data"])) == (200, set(documented("token")))
    assert (
        bison.ask("/sender-emails", made["data"]["plain_text_token"], LONG_RUN)[1]["meta"]["total"]
        == 92
    )
    assert bison.ask("/users", made["data"]["plain_text_token"])[0] == 401
    # What a trial has stored still works after the next start.
    bison.vendor.reset()
    assert (
        bison.ask("/users", made["data"]["plain_text_token"], LONG_RUN)[1]["data"]["team"]["id"]
        == OWN_KEY_ONLY
    )


def test_a_token_dies_when_it_is_revoked_or_its_workspace_is_deleted(bison):
    unknown = (401, {"message": "Unauthenticated."})
    assert bison.ask("/users", "77|nothing") == unknown
    bison.act("revoke", token=bison.key(ASPEN))
    assert bison.ask("/users", bison.key(ASPEN)) == unknown
    bison.act("restore", token=bison.key(ASPEN))
    assert bison.ask("/users", bison.key(ASPEN))[0] == 200

    bison.turn(queued_seconds=60.0)
    bison.ask(f"/workspaces/v1.1/{BIRCHWOOD}", method="DELETE")
    assert bison.ask("/users", bison.key(BIRCHWOOD))[0] == 200
    bison.act("delete_workspace", workspace=ASPEN)
    assert bison.ask("/users", bison.key(ASPEN)) == unknown
    assert len(bison.rows("/workspaces/v1.1")) == 23


# --- Refusals -------------------------------------------------------------------------------------
def test_each_refusal_has_the_vendors_shape(bison):
    key = bison.key(ASPEN)
    assert bison.ask("/webhooks", key, method="POST", body={}) == (
        404,
        {
            "data": {
                "success": False,
                "message": "The route api/webhooks could not be found.",
                "record_not_found": None,
            }
        },
    )
    status, body = bison.ask("/sender-emails", key, method="PUT")
    assert (status, "Supported methods: GET." in body["message"]) == (405, True)
    status, body = bison.ask("/webhook-url", key, method="POST", body={"name": "x"})
    assert (status, list(body["errors"])) == (422, ["url", "events"])
    assert body["message"] == "The url field is required. (and 1 more error)"
    lead = bison.ask("/leads", key)[1]["data"][0]["id"]
    bison.ask(f"/leads/{lead}/blacklist", key, method="POST")
    again = bison.ask(f"/leads/{lead}/blacklist", key, method="POST")
    assert again == (400, {"data": {"success": False, "message": "Lead is already blacklisted"}})
    assert bison.ask(SWITCH, method="POST", body={"team_id": 999})[0] == 404
    bison.turn(quiet_refusals=True)
    status, body = bison.ask(SWITCH, method="POST", body={"team_id": 999})
    assert (status, body["data"]["success"]) == (200, False)
    assert bison.ask("/tags/304", key)[0] == 403
    assert web.ask("GET", f"{bison.url()}/api/users").status == 302


def test_an_instance_is_down_alone_and_a_limit_says_when_to_come_back(bison):
    bison.turn(down=LONG_RUN)
    assert [bison.ask("/users", slug=slug)[0] for slug in ("maverick", LONG_RUN)] == [200, 503]
    bison.turn(down_as="timeout", down_seconds=0.01)
    with pytest.raises(RemoteDisconnected):
        bison.ask("/users", slug=LONG_RUN)
    bison.turn(down="", html_500=True)
    status, body = bison.ask("/users")
    assert (status, body[:15]) == (500, "<!DOCTYPE html>")
    bison.turn(html_500=False, calls_per_minute=1)
    assert bison.ask("/users", bison.key(ASPEN))[0] == 200
    status, content, headers = bison.raw("/users", bison.key(ASPEN))
    assert (status, json.loads(content)) == (429, {"message": "Too Many Attempts."})
    assert 50 < int(headers["Retry-After"]) <= 61


def test_what_is_asked_stands_in_the_journal_and_the_page_shows_the_tokens(bison):
    bison.ask("/users", bison.key(ASPEN))

    [call] = bison.calls("maverick", "/users")
    assert (call["method"], call["status"]) == ("GET", 200)
    page = web.ask("GET", bison.sandbox.url("")).text
    for token in (
        demo_keys.BISON_SUPER_ADMINS["long-run"],
        bison.backup(),
        bison.key(ASPEN),
        "person_every",
    ):
        assert token in page
