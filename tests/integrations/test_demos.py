"""Demos: made once, found again, cleaned up, taken away; and what their bot does."""

import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from core import runs
from core.models import AuditEvent, Run
from integrations.models import Demo
from sandbox.vendors import demo_keys
from tests.integrations.chatwoot_cast import (
    WEBSITE,
    chatwoot,
    connect,
    demo,
    installation,
    made_by_us,
    work,
)
from tests.integrations.conftest import API
from tests.support import people
from tests.support.house import wait_for
from tests.support.people import assert_error

__all__ = ["chatwoot", "installation"]
pytestmark = pytest.mark.django_db
DEMOS = f"{API}/demos"
# What is written at the vendor to make one: the inbox, its name, the bot, the bot into the inbox.
STEPS = {
    "inbox": ("POST", "/api/v1/accounts/1/inboxes"),
    "name": ("PATCH", "/api/v1/accounts/1/inboxes/"),
    "bot": ("POST", "/api/v1/accounts/1/agent_bots"),
    "together": ("POST", "/api/v1/accounts/1/inboxes/"),
}


def shown(client, answer):
    return client.get(f"{DEMOS}/{answer.json()['id']}").json()


def test_a_demo_is_an_inbox_with_a_bot_in_it(closer, chatwoot):
    connect(closer, chatwoot)
    answer = demo(closer)
    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert (body["state"], body["inboxId"], body["websiteToken"]) == ("creating", None, "")
    assert closer.get(body["statusUrl"]).json()["state"] == "succeeded"
    made = shown(closer, answer)
    [inbox], [bot] = made_by_us(chatwoot)
    assert (made["state"], made["inboxId"], made["botId"]) == ("ready", inbox["id"], bot["id"])
    assert made["websiteToken"] == inbox["website_token"]
    assert (inbox["name"], inbox["website_url"], inbox["bot"]) == ("Shop", WEBSITE, bot["id"])
    listed = closer.get(DEMOS).json()["results"]
    assert [row["id"] for row in listed] == [made["id"]]
    assert bot["secret"] not in str(listed) + str(
        list(Demo.objects.values("bot_token_hash", "key"))
    )


def test_the_same_wish_again_comes_to_the_same_demo(closer, chatwoot):
    connect(closer, chatwoot)
    first = demo(closer).json()
    for website in (WEBSITE, f"{WEBSITE}/", "https://SHOP.example"):
        again = demo(closer, website=website)
        assert (again.status_code, again.json()["id"], again.json()["state"]) == (
            201,
            first["id"],
            "ready",
        )
    assert demo(closer, "Another").json()["id"] != first["id"]
    inboxes, bots = made_by_us(chatwoot)
    assert (len(inboxes), len(bots)) == (2, 2)


def test_a_wish_while_it_is_under_way_joins_it(closer, chatwoot):
    connect(closer, chatwoot)
    body = {"name": "Shop", "websiteUrl": WEBSITE}
    first, second = closer.post(DEMOS, body).json(), closer.post(DEMOS, body).json()
    assert (first["id"], first["runId"]) == (second["id"], second["runId"])
    assert_error(closer.delete(f"{DEMOS}/{first['id']}"), 409, "being_made")


@pytest.mark.parametrize("step", list(STEPS))
def test_each_step_that_fails_leaves_nothing_behind(closer, chatwoot, step):
    connect(closer, chatwoot)
    method, path = STEPS[step]
    chatwoot.fault("chatwoot", "error", path=path, method=method)
    answer = demo(closer)
    chatwoot.heal("chatwoot")
    made = shown(closer, answer)
    assert (made["state"], made["inboxId"], made["botId"]) == ("failed", None, None)
    assert made["error"]
    assert made_by_us(chatwoot) == ([], [])
    again = demo(closer)
    assert (again.json()["id"], shown(closer, again)["state"]) == (made["id"], "ready")
    inboxes, bots = made_by_us(chatwoot)
    assert (len(inboxes), len(bots)) == (1, 1)


@pytest.mark.parametrize("write", [1, 2, 3, 4])
def test_each_step_whose_answer_is_lost_is_done_once(closer, chatwoot, write):
    connect(closer, chatwoot)
    chatwoot.turn("chatwoot", loses_answer=write)
    assert shown(closer, demo(closer))["state"] == "ready"
    inboxes, bots = made_by_us(chatwoot)
    assert (len(inboxes), len(bots), inboxes[0]["bot"]) == (1, 1, bots[0]["id"])


def test_what_cannot_be_cleaned_up_is_named_and_found_again(closer, chatwoot):
    connect(closer, chatwoot)
    chatwoot.fault("chatwoot", "error", path="/api/v1/accounts/1/agent_bots", method="POST")
    chatwoot.fault("chatwoot", "error", path="/api/v1/accounts/1/inboxes/", method="DELETE")
    made = shown(closer, demo(closer))
    assert made["state"] == "failed"
    assert f"inboxes/{made['inboxId']}" in made["error"]
    chatwoot.heal("chatwoot")
    assert shown(closer, demo(closer))["inboxId"] == made["inboxId"]
    assert len(made_by_us(chatwoot)[0]) == 1


def test_a_full_account_says_so(closer, chatwoot):
    connect(closer, chatwoot)
    chatwoot.turn("chatwoot", inbox_limit=2)
    made = shown(closer, demo(closer))
    assert (made["state"], "no room left" in made["error"]) == ("failed", True)


def test_a_pause_is_waited_for_and_it_goes_on(closer, chatwoot):
    connect(closer, chatwoot)
    chatwoot.fault(
        "chatwoot",
        "rate_limited",
        path="/api/v1/accounts/1/agent_bots",
        method="POST",
        retry_after="1",
    )
    made = demo(closer)
    assert Run.objects.get().state == "queued"
    assert shown(closer, made)["state"] == "creating"
    chatwoot.heal("chatwoot")

    def is_over():
        Run.objects.update(waits_until=None)
        work()
        return Run.objects.get().state == "succeeded"

    assert wait_for(is_over, 10)
    assert shown(closer, made)["state"] == "ready"
    assert [len(found) for found in made_by_us(chatwoot)] == [1, 1]


def test_what_was_interrupted_is_not_shown_as_under_way(closer, chatwoot):
    connect(closer, chatwoot)
    made = closer.post(DEMOS, {"name": "Shop", "websiteUrl": WEBSITE})
    runs.cancel(Run.objects.get(), actor=None)
    found = shown(closer, made)
    assert (found["state"], "interrupted" in found["error"]) == ("failed", True)


def test_deletion_takes_inbox_and_bot_away(closer, chatwoot):
    connect(closer, chatwoot)
    made = demo(closer).json()
    assert closer.delete(f"{DEMOS}/{made['id']}").status_code == 204
    assert made_by_us(chatwoot) == ([], [])
    assert_error(closer.get(f"{DEMOS}/{made['id']}"), 404)
    assert_error(closer.delete(f"{DEMOS}/{made['id']}"), 404)
    assert AuditEvent.objects.filter(action="helpdesk.demo_deleted").exists()


def test_deletion_of_what_is_gone_already_is_no_error(closer, chatwoot):
    connect(closer, chatwoot)
    made = demo(closer).json()
    chatwoot.reset()
    assert closer.delete(f"{DEMOS}/{made['id']}").status_code == 204


@pytest.mark.parametrize(("part", "state"), [("agent_bots", "ready"), ("inboxes", "failed")])
def test_what_cannot_be_deleted_there_stays_here_too(closer, chatwoot, part, state):
    connect(closer, chatwoot)
    made = demo(closer).json()
    chatwoot.fault("chatwoot", "error", path=f"/api/v1/accounts/1/{part}/", method="DELETE")
    assert_error(closer.delete(f"{DEMOS}/{made['id']}"), 502)
    assert closer.get(f"{DEMOS}/{made['id']}").json()["state"] == state
    chatwoot.heal("chatwoot")
    assert closer.delete(f"{DEMOS}/{made['id']}").status_code == 204
    assert made_by_us(chatwoot) == ([], [])


def test_what_is_being_deleted_is_not_made_again(closer, chatwoot):
    connect(closer, chatwoot)
    demo(closer)
    Demo.objects.update(state="removing")
    assert_error(demo(closer), 409, "being_deleted")


def test_the_installations_chatwoot_serves_who_has_none(closer, installation):
    made = shown(closer, demo(closer))
    assert (made["state"], made["integrationId"]) == ("ready", None)
    assert closer.delete(f"{DEMOS}/{made['id']}").status_code == 204


def test_without_a_chatwoot_there_are_no_demos(closer):
    assert_error(demo(closer), 409, "not_connected")


def test_switches_are_kept_to(closer, chatwoot):
    made = connect(closer, chatwoot, features={"autoCreateBots": False})
    found = shown(closer, demo(closer))
    assert (found["state"], found["botId"]) == ("ready", None)
    body = {"configuration": {"features": {"autoCreateInboxes": False}}, "insist": True}
    assert closer.patch(f"{API}/{made['id']}", body).status_code == 200
    assert_error(demo(closer, "Another"), 409, "no_inboxes")


@pytest.mark.parametrize(
    ("name", "website", "field"),
    [
        ("", WEBSITE, "name"),
        ("two\nlines", WEBSITE, "name"),
        ("n" * 201, WEBSITE, "name"),
        ("Shop", "javascript:alert(1)", "websiteUrl"),
        ("Shop", "https://user:pass@shop.example", "websiteUrl"),
        ("Shop", "shop", "websiteUrl"),
        ("Shop", "", "websiteUrl"),
        ("Shop", 7, "websiteUrl"),
    ],
)
def test_what_cannot_be_is_named(closer, chatwoot, name, website, field):
    connect(closer, chatwoot)
    assert field in assert_error(demo(closer, name, website), 400)["fields"]
    assert not Demo.objects.exists()


def test_any_name_is_only_a_name(closer, chatwoot):
    connect(closer, chatwoot)
    name = 'Zoë\'s "<b>Shop</b>" & 客服 ' + "é" * 150
    assert shown(closer, demo(closer, name))["name"] == name
    assert made_by_us(chatwoot)[0][0]["name"] == name


def test_demos_are_their_owners(closer, chatwoot, northwind):
    connect(closer, chatwoot)
    made = demo(closer).json()
    for other in (
        people.member("CEO", northwind),
        people.member("CEO", people.organization("Contoso")),
    ):
        client = people.client_of(other)
        assert client.get(DEMOS).json()["results"] == []
        assert_error(client.get(f"{DEMOS}/{made['id']}"), 404)
        assert_error(client.delete(f"{DEMOS}/{made['id']}"), 404)
    assert len(people.client_of(people.staff()).get(DEMOS).json()["results"]) == 1
    northwind.members.get(user__username="closer").delete()
    assert closer.get(DEMOS).json()["results"] == []


def test_a_list_costs_the_same_however_long_it_is(closer, chatwoot):
    connect(closer, chatwoot)
    demo(closer)
    with CaptureQueriesContext(connection) as few:
        closer.get(DEMOS)
    for number in range(3):
        demo(closer, f"Shop {number}")
    with CaptureQueriesContext(connection) as many:
        closer.get(DEMOS)
    assert len(few) == len(many) <= 6


@pytest.mark.django_db(transaction=True)
def test_the_same_wish_at_once_makes_one(chatwoot):
    owner = people.member("CEO", people.organization("Contoso", tier="STARTER"), "racer")
    connect(people.client_of(owner), chatwoot, apiKey=demo_keys.CHATWOOT_ADMIN_TOKEN)
    found = []
    gate = threading.Barrier(4)

    def go():
        try:
            gate.wait()
            found.append(
                people.client_of(owner).post(DEMOS, {"name": "Shop", "websiteUrl": WEBSITE}).json()
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({body["id"] for body in found}) == len({body["runId"] for body in found}) == 1
    work()
    assert [len(rows) for rows in made_by_us(chatwoot)] == [1, 1]
