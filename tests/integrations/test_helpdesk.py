"""Agents and inboxes at Chatwoot, by the API."""

import threading

import pytest
from django.db import connections

from core.models import ApiCall, AuditEvent
from integrations.models import HelpdeskAgent
from sandbox.vendors import demo_keys
from tests.integrations.chatwoot_cast import (
    PASSWORD,
    agent,
    chatwoot,
    connect,
    demo,
    facts,
    installation,
)
from tests.integrations.conftest import API
from tests.support import people
from tests.support.people import assert_error

__all__ = ["chatwoot", "installation"]
pytestmark = pytest.mark.django_db
AGENTS, INBOXES, ASSIGN = (
    f"{API}/chatwoot/agents",
    f"{API}/chatwoot/inboxes",
    f"{API}/chatwoot/assign-agent",
)


def test_agents_are_listed_with_the_tiers_limit(closer, chatwoot):
    connect(closer, chatwoot)
    answer = closer.get(AGENTS).json()
    assert (answer["limit"], answer["used"]) == (10, 0)
    assert [row["name"] for row in answer["agents"]] == ["Saar Visser", "Teun Bakker"]
    assert answer["agents"][0]["role"] == "administrator"
    assert demo_keys.CHATWOOT_ADMIN_TOKEN not in str(answer)


def test_inboxes_are_listed_with_their_people_and_without_their_secrets(closer, chatwoot):
    connect(closer, chatwoot)
    answer = closer.get(INBOXES).json()
    by_name = {row["name"]: row for row in answer["inboxes"]}
    assert by_name["Northwind Support website"]["channel"] == "website"
    assert by_name["Mail of the API"]["channel"] == "api"
    assert set(by_name["Mail of the API"]) == {"id", "name", "channel", "websiteUrl", "agentIds"}
    secrets = [
        row[name]
        for row in facts(chatwoot)["inboxes"]
        for name in ("hmac_token", "secret")
        if name in row
    ]
    assert secrets
    assert not [secret for secret in secrets if secret in str(answer)]


def test_an_agent_is_made_under_the_persons_own_address(closer, chatwoot):
    connect(closer, chatwoot)
    answer = agent(closer, "Front Desk")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["agent"]["email"] == "closer+front-desk@example.com"
    assert (body["isInvited"], body["limit"], body["used"]) == (True, 10, 1)
    assert "closer+front-desk@example.com" in [row["email"] for row in facts(chatwoot)["agents"]]
    listed = closer.get(AGENTS).json()
    assert [row["isOurs"] for row in listed["agents"] if row["name"] == "Front Desk"] == [True]
    assert PASSWORD not in str(list(AuditEvent.objects.values())) + str(
        list(ApiCall.objects.values())
    )
    assert AuditEvent.objects.filter(action="helpdesk.agent_created").exists()


def test_with_the_platform_app_the_agent_has_the_password_at_once(closer, installation, settings):
    settings.CHATWOOT_PLATFORM_TOKEN = demo_keys.CHATWOOT_PLATFORM_TOKEN
    body = agent(closer).json()
    assert body["isInvited"] is False
    assert facts(installation)["passwords"]["closer+front-desk@example.com"] == PASSWORD


def test_the_platform_apps_token_goes_to_no_other_server(closer, chatwoot, settings, monkeypatch):
    settings.CHATWOOT_PLATFORM_TOKEN = demo_keys.CHATWOOT_PLATFORM_TOKEN
    monkeypatch.setenv("CHATWOOT_BASE_URL", "https://other.example")
    connect(closer, chatwoot)
    assert agent(closer).json()["isInvited"] is True
    assert not chatwoot.journal("chatwoot", "/platform")


def test_somebody_elses_account_is_never_taken_over(closer, installation, settings):
    settings.CHATWOOT_PLATFORM_TOKEN = demo_keys.CHATWOOT_PLATFORM_TOKEN
    other = people.client_of(
        people.member("CEO", people.organization("Contoso", tier="TEAM"), "noor")
    )
    connect(other, installation, accountId="2", apiKey=demo_keys.CHATWOOT_OTHER_TOKEN)
    installation.act("chatwoot", "grant", account=2)
    assert agent(other).status_code == 201
    people.User.objects.filter(username="closer").update(email="noor@example.com")
    assert_error(agent(closer), 409, "already_there")
    assert HelpdeskAgent.objects.count() == 1


@pytest.mark.parametrize("password", ["short1!", "no digit here!", "nospecial123", "", "x" * 201])
def test_a_weak_password_is_refused_before_anybody_is_asked(closer, chatwoot, password):
    connect(closer, chatwoot)
    chatwoot.forget()
    body = assert_error(agent(closer, password=password), 400)
    assert "password" in body["fields"]
    assert not chatwoot.journal("chatwoot")


def test_what_chatwoot_asks_of_a_password_counts_where_it_gets_it(closer, installation, settings):
    assert agent(closer, "One", "only-small-1").status_code == 201
    settings.CHATWOOT_PLATFORM_TOKEN = demo_keys.CHATWOOT_PLATFORM_TOKEN
    assert "capital" in str(assert_error(agent(closer, "Two", "only-small-1"), 400)["fields"])


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "n" * 201, 7, None])
def test_a_name_is_one_line(closer, chatwoot, name):
    connect(closer, chatwoot)
    assert "name" in assert_error(agent(closer, name), 400)["fields"]


@pytest.mark.parametrize(
    ("name", "word"),
    [("Élise d'Été", "elise-dete"), ("客服", "agent-"), ("a" * 200, "a" * 57), ("+@<>", "agent-")],
)
def test_any_name_becomes_an_address(closer, chatwoot, name, word):
    connect(closer, chatwoot)
    body = agent(closer, name).json()
    assert body["agent"]["email"].startswith(f"closer+{word}")
    assert body["agent"]["name"] == name


def test_the_same_name_twice_is_refused_and_takes_no_place(closer, chatwoot):
    connect(closer, chatwoot)
    agent(closer)
    assert_error(agent(closer), 409, "already_there")
    assert closer.get(AGENTS).json()["used"] == 1


@pytest.mark.parametrize(
    ("tier", "limit", "required"),
    [
        ("FREE", 1, "STARTER"),
        ("STARTER", 2, "TEAM"),
        ("TEAM", 3, "BUSINESS"),
        ("BUSINESS", 5, "PRO_PLUS"),
    ],
)
def test_each_tier_has_its_limit(chatwoot, tier, limit, required):
    client = people.client_of(people.member("CEO", people.organization("Contoso", tier=tier)))
    connect(client, chatwoot)
    for number in range(limit):
        assert agent(client, f"Agent {number}").status_code == 201
    body = assert_error(agent(client, "One too many"), 403, "TIER_LIMIT")
    assert body["requiredTier"] == required
    assert (client.get(AGENTS).json()["limit"], client.get(AGENTS).json()["used"]) == (limit, limit)


def test_an_enterprise_has_no_limit(chatwoot):
    client = people.client_of(
        people.member("CEO", people.organization("Contoso", tier="ENTERPRISE"))
    )
    connect(client, chatwoot)
    for number in range(11):
        assert agent(client, f"Agent {number}").status_code == 201
    assert client.get(AGENTS).json()["limit"] == -1


def test_a_place_whose_agent_is_gone_is_free_again(chatwoot):
    client = people.client_of(people.member("CEO", people.organization("Contoso", tier="FREE")))
    connect(client, chatwoot)
    agent(client, "First")
    HelpdeskAgent.objects.update(reserved_at="2026-01-01T00:00:00Z")
    chatwoot.act("chatwoot", "remove_agent", email=HelpdeskAgent.objects.get().email)
    assert client.get(AGENTS).json()["used"] == 0
    assert agent(client, "Second").status_code == 201


@pytest.mark.parametrize("turned", [{"seats": 2}, {"fails_write": 1}])
def test_an_agent_who_was_not_made_takes_no_place(closer, chatwoot, turned):
    connect(closer, chatwoot)
    chatwoot.turn("chatwoot", **turned)
    answer = agent(closer)
    assert answer.status_code >= 500
    assert answer.json()["message"]
    assert not HelpdeskAgent.objects.exists()


def test_an_agent_whose_answer_was_lost_is_found(closer, chatwoot):
    connect(closer, chatwoot)
    chatwoot.turn("chatwoot", loses_answer=1)
    assert agent(closer).status_code == 201
    assert HelpdeskAgent.objects.get().state == "created"
    assert len(facts(chatwoot)["agents"]) == 3


@pytest.mark.parametrize("step", [1, 2, 3])
def test_each_step_by_the_platform_app_that_fails_leaves_nobody(
    closer, installation, settings, step
):
    settings.CHATWOOT_PLATFORM_TOKEN = demo_keys.CHATWOOT_PLATFORM_TOKEN
    # A call that may be repeated is tried again: so it fails for good.
    paths = {
        1: "/platform/api/v1/users",
        2: "/platform/api/v1/users/",
        3: "/platform/api/v1/accounts",
    }
    method = {1: "POST", 2: "PATCH", 3: "POST"}[step]
    installation.fault("chatwoot", "error", path=paths[step], method=method)
    assert agent(closer).status_code >= 500
    assert not HelpdeskAgent.objects.exists()
    installation.heal("chatwoot")
    assert agent(closer).status_code == 201


def test_an_agent_is_put_into_an_inbox_and_taken_out_and_others_stay(closer, chatwoot):
    connect(closer, chatwoot)
    number = agent(closer).json()["agent"]["id"]
    inbox = closer.get(INBOXES).json()["inboxes"][0]["id"]
    other = closer.get(AGENTS).json()["agents"][1]["id"]
    for who in (number, other, number):
        answer = closer.post(ASSIGN, {"agentId": who, "inboxId": inbox, "action": "add"})
        assert answer.status_code == 200, answer.content
    assert sorted(closer.get(INBOXES).json()["inboxes"][0]["agentIds"]) == sorted([number, other])
    for _twice in range(2):
        closer.post(ASSIGN, {"agentId": number, "inboxId": inbox, "action": "remove"})
    assert closer.get(INBOXES).json()["inboxes"][0]["agentIds"] == [other]
    assert AuditEvent.objects.filter(action="helpdesk.agent_unassigned").count() == 2


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"agentId": 999}, "agentId"),
        ({"inboxId": 999}, "inboxId"),
        ({"action": "replace"}, "action"),
        ({"agentId": "1"}, "agentId"),
        ({"agentId": True}, "agentId"),
        ({"inboxId": 2**60}, "inboxId"),
    ],
)
def test_who_or_what_is_not_there_is_named(closer, chatwoot, wish, field):
    connect(closer, chatwoot)
    body = {"agentId": 1, "inboxId": 1, "action": "add", **wish}
    assert field in assert_error(closer.post(ASSIGN, body), 400)["fields"]


def test_without_a_chatwoot_it_says_so(closer):
    for answer in (closer.get(AGENTS), closer.get(INBOXES), agent(closer)):
        body = assert_error(answer, 409, "not_connected")
        assert "Connect Chatwoot first" in body["message"]


def test_of_several_one_must_be_named(closer, chatwoot):
    first, second = connect(closer, chatwoot), connect(closer, chatwoot)
    assert "integration" in assert_error(closer.get(AGENTS), 400)["fields"]
    for made in (first, second):
        assert closer.get(f"{AGENTS}?integration={made['id']}").status_code == 200
    closer.post(f"{API}/{second['id']}/deactivate")
    assert closer.get(AGENTS).status_code == 200
    assert_error(closer.get(f"{AGENTS}?integration={second['id']}"), 409, "not_connected")
    assert_error(closer.get(f"{AGENTS}?integration=nonsense"), 400)


def test_somebody_elses_chatwoot_serves_only_where_it_is_shared(closer, chatwoot, northwind):
    made = connect(closer, chatwoot)
    setter = people.client_of(people.member("SETTER", northwind, "setter"))
    assert_error(setter.get(AGENTS), 409, "not_connected")
    assert_error(setter.get(f"{AGENTS}?integration={made['id']}"), 404)
    closer.patch(f"{API}/{made['id']}", {"isShared": True})
    assert setter.get(AGENTS).status_code == 200
    stranger = people.client_of(people.member("CEO", people.organization("Contoso")))
    assert_error(stranger.get(f"{AGENTS}?integration={made['id']}"), 404)


def test_the_installations_chatwoot_serves_who_has_none_and_shows_each_only_their_own(
    closer, installation
):
    assert closer.get(AGENTS).json() == {"agents": [], "limit": 10, "used": 0}
    assert closer.get(INBOXES).json() == {"inboxes": []}
    number = agent(closer).json()["agent"]["id"]
    demo(closer)
    inbox = closer.get(INBOXES).json()["inboxes"][0]["id"]
    stranger = people.client_of(people.member("CEO", people.organization("Contoso"), "stranger"))
    assert stranger.get(AGENTS).json()["agents"] == []
    for wish in ({"agentId": number, "inboxId": inbox}, {"agentId": 1, "inboxId": 1}):
        assert_error(stranger.post(ASSIGN, {**wish, "action": "add"}), 400)
        assert_error(stranger.post(ASSIGN, {**wish, "action": "remove"}), 400)
    assert_error(closer.post(ASSIGN, {"agentId": 1, "inboxId": inbox, "action": "add"}), 400)
    assert (
        closer.post(ASSIGN, {"agentId": number, "inboxId": inbox, "action": "add"}).status_code
        == 200
    )


def test_ones_own_chatwoot_goes_before_the_installations(closer, installation):
    connect(closer, installation, accountId="2", apiKey=demo_keys.CHATWOOT_OTHER_TOKEN)
    assert [row["name"] for row in closer.get(AGENTS).json()["agents"]] == ["Noor Dupont"]


@pytest.mark.parametrize("kind", ["error", "rate_limited", "unauthorized", "html", "empty"])
def test_a_vendor_out_of_order_is_said_as_such(closer, chatwoot, kind):
    connect(closer, chatwoot)
    chatwoot.fault("chatwoot", kind, path="/api/v1/accounts", retry_after="600")
    body = assert_error(closer.get(AGENTS), 502, "vendor_failed")
    assert "Chatwoot" in body["message"]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_last_place_one_gets_it(chatwoot):
    owner = people.member("CEO", people.organization("Contoso", tier="STARTER"), "racer")
    client = people.client_of(owner)
    connect(client, chatwoot)
    agent(client, "First")
    statuses = []
    gate = threading.Barrier(4)

    def go(number):
        try:
            gate.wait()
            statuses.append(agent(people.client_of(owner), f"Racer {number}").status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 403, 403, 403]
    assert len(facts(chatwoot)["agents"]) == 4
    assert client.get(AGENTS).json()["used"] == 2
