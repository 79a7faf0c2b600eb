"""A connection to Chatwoot is tried in steps, and each way in which it fails says what to do."""

import pytest

from sandbox.vendors import demo_keys
from tests.integrations.chatwoot_cast import chatwoot, given
from tests.integrations.conftest import API

__all__ = ["chatwoot"]
pytestmark = pytest.mark.django_db


def tried(client, chatwoot, **values):
    answer = client.post(f"{API}/test", given(chatwoot, **values))
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_every_step_says_what_it_found(closer, chatwoot):
    answer = tried(closer, chatwoot)
    assert answer["success"] is True, answer
    details = answer["details"]
    assert details["accountInfo"] == {"id": "1", "name": "Northwind Support"}
    assert details["version"] == "4.15.1"
    assert details["features"] == ["agent_bots", "website_channel"]
    assert [step["state"] for step in details["steps"]] == ["passed"] * 6
    assert details["steps"][3]["message"] == "The token belongs to Saar Visser."


@pytest.mark.parametrize(
    ("values", "error", "passed", "words"),
    [
        ({"apiKey": "a-token-that-nobody-has"}, "BAD_CREDENTIALS", 3, "does not accept the key"),
        ({"apiKey": demo_keys.CHATWOOT_PLATFORM_TOKEN}, "BAD_CREDENTIALS", 3, "platform app"),
        ({"apiKey": demo_keys.CHATWOOT_AGENT_TOKEN}, "REJECTED", 4, "only administrators"),
        ({"apiKey": demo_keys.CHATWOOT_OTHER_TOKEN}, "MISCONFIGURED", 4, "Check the account ID"),
        ({"accountId": "77"}, "MISCONFIGURED", 4, "Check the account ID"),
    ],
)
def test_each_failure_says_what_to_do(closer, chatwoot, values, error, passed, words):
    answer = tried(closer, chatwoot, **values)
    assert (answer["success"], answer["error"]) == (False, error)
    assert words in answer["message"]
    states = [step["state"] for step in answer["details"]["steps"]]
    assert states == ["passed"] * passed + ["failed"] + ["skipped"] * (5 - passed)


def test_a_suspended_account_is_told_apart(closer, chatwoot):
    chatwoot.act("chatwoot", "suspend", account=1)
    assert "suspended" in tried(closer, chatwoot)["message"]


def test_what_is_no_chatwoot_is_told_apart(closer, chatwoot):
    answer = tried(closer, chatwoot, baseUrl=chatwoot.url("fathom"))
    assert (answer["error"], answer["details"]["steps"][0]["state"]) == ("MISCONFIGURED", "passed")
    assert "There is no Chatwoot at this address" in answer["message"]


def test_a_proxy_that_drops_underscores_does_no_harm(closer, chatwoot):
    chatwoot.turn("chatwoot", drops_underscores=True)
    assert tried(closer, chatwoot)["success"] is True


@pytest.mark.parametrize(
    ("kind", "error"),
    [("error", "UNREACHABLE"), ("malformed", "UNREACHABLE"), ("html", "MISCONFIGURED")],
)
def test_a_vendor_out_of_order_is_not_the_keys_fault(closer, chatwoot, kind, error):
    chatwoot.fault("chatwoot", kind, path="/api/v1/profile")
    assert tried(closer, chatwoot)["error"] == error


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"apiKey": "short"}, "configuration.apiKey"),
        ({"accountId": "one"}, "configuration.accountId"),
        ({"accountId": ""}, "configuration.accountId"),
        ({"baseUrl": "https://10.0.0.7"}, "configuration.baseUrl"),
        ({"features": {"autoCreateBots": "perhaps"}}, "configuration.features.autoCreateBots"),
    ],
)
def test_what_cannot_be_is_refused_before_anybody_is_asked(closer, chatwoot, values, field):
    answer = closer.post(f"{API}/test", given(chatwoot, **values))
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not chatwoot.journal("chatwoot")


def test_switches_come_back_as_booleans(closer, chatwoot):
    body = given(chatwoot, features={"autoCreateBots": False})
    shown = closer.post(API, body).json()["integration"]["configuration"]
    assert shown["features"] == {
        "autoCreateInboxes": True,
        "autoCreateBots": False,
        "syncContacts": True,
    }
    assert demo_keys.CHATWOOT_ADMIN_TOKEN not in str(shown)
