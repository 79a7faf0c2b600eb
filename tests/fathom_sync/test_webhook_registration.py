"""Koppel's own webhook at Fathom: one, whatever happens; its id and secret from that one answer."""

import json
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.models import AuditEvent, InboundEvent
from core.redis import connection as redis_connection
from fathom_sync import accounts
from fathom_sync.accounts import registration
from fathom_sync.models import FathomAccount
from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.people import assert_error, client_of, person, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db

PATH = "/api/settings/fathom/webhook"
KEY, OTHER = DEMO_KEYS[0], DEMO_KEYS[1]


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    for key in redis_connection().scan_iter("koppel:quota:*"):
        redis_connection().delete(key)
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    return sandbox


@pytest.fixture
def ops():
    return client_of(staff())


def at_fathom(fathom):
    return fathom.act("fathom", "webhooks")


def asked(fathom):
    """The bodies of what was asked of Fathom."""
    found = [row for row in fathom.journal("fathom") if row["method"] == "POST"]
    return [
        row["body"] if isinstance(row["body"], dict) else json.loads(row["body"]) for row in found
    ]


def test_it_is_registered_at_an_address_of_its_own_and_what_fathom_said_is_kept(
    ops, fathom, settings
):
    answer = ops.post(PATH)
    account = accounts.installation()
    (made,) = at_fathom(fathom)
    assert answer.status_code == 200
    assert made["url"] == f"{settings.PUBLIC_URL}/api/webhooks/fathom/{account.webhook_token}"
    assert (account.webhook_id, account.registered_secret.reveal()) == (made["id"], made["secret"])
    assert (made["include_transcript"], made["include_summary"], made["include_action_items"]) == (
        True,
        True,
        True,
    )
    assert len(made["triggered_for"]) == 4
    body = answer.json()
    assert (body["success"], body["webhook"]["registered"], body["webhook"]["address"]) == (
        True,
        True,
        made["url"],
    )
    assert made["secret"] not in answer.content.decode()
    assert ops.get("/api/settings/fathom").json()["hasWebhookSecret"] is True


@pytest.mark.parametrize("refusal", [400, 422])
def test_where_the_plan_has_no_teams_it_asks_for_what_the_plan_has(ops, fathom, refusal):
    fathom.turn("fathom", team_plan=False, team_refusal=refusal)
    assert ops.post(PATH).status_code == 200
    (made,) = at_fathom(fathom)
    assert made["triggered_for"] == ["my_recordings", "shared_external_recordings"]


def test_a_second_press_makes_no_second_one(ops, fathom):
    first = ops.post(PATH).json()
    assert ops.post(PATH).json()["webhook"] == first["webhook"]
    assert len(at_fathom(fathom)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one(fathom):
    fathom.fault("fathom", "latency", path="/external/v1/webhooks", seconds=0.5)
    client, statuses = client_of(staff()), []

    def press():
        statuses.append(client.post(PATH).status_code)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(statuses) == [200, 409, 409, 409]
    assert len(at_fathom(fathom)) == 1
    assert client.post(PATH).status_code == 200
    assert len(at_fathom(fathom)) == 1


def test_it_is_removed_there_and_here_and_may_be_asked_for_again(ops, fathom):
    ops.post(PATH)
    for _ in range(2):
        answer = ops.delete(PATH)
        assert (answer.status_code, answer.json()["webhook"]["registered"]) == (200, False)
    account = accounts.installation()
    assert (account.webhook_id, account.registered_secret, at_fathom(fathom)) == ("", None, [])
    assert ops.post(PATH).status_code == 200
    assert len(at_fathom(fathom)) == 1


def test_one_that_fathom_does_not_know_any_more_is_forgotten(ops, fathom):
    ops.post(PATH)
    FathomAccount.objects.update(webhook_id="wh_removed_by_hand")
    assert ops.delete(PATH).status_code == 200
    assert accounts.installation().webhook_id == ""


def test_an_answer_that_was_lost_is_not_asked_for_twice_and_stays_visible(ops, fathom):
    fathom.fault("fathom", "cut", path="/external/v1/webhooks")
    assert ops.post(PATH).status_code in (502, 504)
    fathom.heal("fathom")
    account = accounts.installation()
    assert account.webhook_id == ""
    assert account.unfinished_since is not None
    assert len(asked(fathom)) == 1
    assert ops.post(PATH).json()["webhook"]["unfinishedSince"] is not None
    assert ops.delete(PATH).json()["webhook"]["unfinishedSince"] is None


def test_a_worker_killed_between_the_answer_and_storing_leaves_a_note_and_no_lock(ops, fathom):
    """What the dead one left: a claim, and a webhook at Fathom whose secret nobody has."""
    account = accounts.installation()
    assert registration._claim(account)
    assert_error(ops.post(PATH), 409, "under_way")
    long_ago = timezone.now() - registration.CLAIM - timedelta(seconds=1)
    FathomAccount.objects.update(registering_since=long_ago)
    body = ops.post(PATH).json()
    assert body["webhook"]["registered"] is True
    account = accounts.installation()
    assert account.unfinished_since == long_ago
    assert account.registering_since is None
    assert len(at_fathom(fathom)) == 1


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_after_its_claim_ran_out_takes_its_own_webhook_away_again(ops, fathom):
    fathom.fault(
        "fathom", "latency", path="/external/v1/webhooks", method="POST", seconds=1.0, times=1
    )
    late = threading.Thread(target=lambda: (ops.post(PATH), connection.close()))
    late.start()
    time.sleep(0.4)
    FathomAccount.objects.update(
        registering_since=timezone.now() - registration.CLAIM - timedelta(seconds=1)
    )
    assert client_of(staff()).post(PATH).status_code == 200
    late.join()
    (left,) = at_fathom(fathom)
    assert accounts.installation().webhook_id == left["id"]


@pytest.mark.parametrize(("key", "status"), [("a-key-that-fathom-never-gave", 502), ("", 409)])
def test_without_a_good_key_it_is_refused_and_nothing_is_left_behind(ops, key, status):
    accounts.save(accounts.installation(), api_key=key, actor="a test")
    assert_error(ops.post(PATH), status)
    account = accounts.installation()
    assert (account.webhook_id, account.registering_since, account.unfinished_since) == (
        "",
        None,
        None,
    )


def test_with_a_dead_key_it_is_forgotten_here_and_noted_as_still_there(ops, fathom):
    ops.post(PATH)
    fathom.turn("fathom", revoked=[KEY])
    body = ops.delete(PATH).json()
    assert body["webhook"]["registered"] is False
    assert body["webhook"]["unfinishedSince"] is not None


def test_after_the_key_was_replaced_it_is_said_to_be_at_fathom_still(ops, fathom):
    ops.post(PATH)
    saved = ops.post("/api/settings/fathom", {"apiKey": OTHER}).json()
    assert saved["message"].startswith(
        "Configuration updated successfully The webhook at Fathom was made with the ear"
    )
    assert ops.get("/api/settings/fathom").json()["webhook"]["ofAnotherKey"] is True
    body = ops.delete(PATH).json()
    assert len(at_fathom(fathom)) == 1
    assert body["message"].startswith(
        "Koppel has let go of the webhook, but could not remove it at Fathom"
    )
    assert (body["webhook"]["registered"], body["webhook"]["ofAnotherKey"]) == (False, False)
    assert body["webhook"]["unfinishedSince"] is not None
    assert (
        AuditEvent.objects.filter(action="webhook.changed").latest("id").facts["at_fathom"]
        == "unknown"
    )


def test_the_key_that_made_it_is_not_another(ops, fathom):
    assert ops.post(PATH).json()["webhook"]["ofAnotherKey"] is False
    assert ops.post("/api/settings/fathom", {"apiKey": OTHER}).status_code == 200
    saved = ops.post("/api/settings/fathom", {"apiKey": KEY}).json()
    assert saved["message"] == "Configuration updated successfully"
    body = ops.delete(PATH).json()
    assert (body["message"], body["webhook"]["unfinishedSince"]) == (
        "The webhook is removed.",
        None,
    )
    assert at_fathom(fathom) == []


def test_a_key_that_is_removed_leaves_the_webhook_at_fathom_and_that_is_said(ops, fathom):
    ops.post(PATH)
    body = ops.delete("/api/settings/fathom").json()
    assert body["message"].startswith(
        "The key is removed. The webhook at Fathom was made with the earlier key"
    )
    assert len(at_fathom(fathom)) == 1


def test_when_fathom_is_away_it_stays_registered(ops, fathom):
    ops.post(PATH)
    fathom.fault("fathom", "error")
    assert ops.delete(PATH).status_code == 502
    assert accounts.installation().webhook_id != ""


def test_each_act_is_audited_once_with_no_secret(ops, fathom):
    ops.post(PATH)
    ops.post(PATH)
    secret = at_fathom(fathom)[0]["secret"]
    ops.delete(PATH)
    ops.delete(PATH)
    rows = list(AuditEvent.objects.filter(action="webhook.changed").order_by("id"))
    assert [row.facts["what"] for row in rows] == ["registered", "removed"]
    assert secret not in "".join(str(row.__dict__) for row in rows)


def test_who_may_not_save_a_key_may_not_register_either(fathom):
    world = World()
    for user in (world.users["MANAGER"], world.users["CLOSER"], world.users["SETTER"], person()):
        client = client_of(user)
        assert_error(client.post(PATH), 403)
        assert_error(client.delete(PATH), 403)
    other = World("Contoso", prefix="c")
    assert_error(client_of(other.users["CEO"]).post(f"{PATH}?rep={world.rep.pk}"), 404)
    assert at_fathom(fathom) == []


@pytest.mark.django_db(transaction=True)
def test_a_meeting_that_is_ready_at_fathom_comes_in_by_the_registered_address(
    ops, fathom, live_server, settings
):
    settings.PUBLIC_URL = live_server.url
    ops.post(PATH)
    (recording,) = fathom.act("fathom", "arrive", count=1)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not InboundEvent.objects.exists():
        time.sleep(0.05)
    event = InboundEvent.objects.get()
    assert event.event_data["recording_id"] == recording
    assert event.account == str(accounts.installation().pk)
