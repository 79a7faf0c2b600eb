"""Pipedrive's stand-in: answers fit the vendor's schemas;
costs, cursors, the index and refusals are its own.
"""

import base64
import json
import time
from pathlib import Path

import pytest

from sandbox.vendors.pipedrive.cast import KEYS
from tests.sandbox.crm import ask, faults_of
from tests.sandbox.listener import Listener
from tests.support.house import wait_for

SCHEMAS = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "pipedrive" / "answers.json").read_text()
)
ADMIN = "Northwind, administrator"
PERSONS = "/api/v2/persons"
HOOK = {"event_action": "*", "event_object": "person", "name": "Koppel", "version": "2.0"}


def call(sandbox, method, path, body=None, *, key=ADMIN, **query):
    headers = {"x-api-token": KEYS[key].token}
    return ask(
        sandbox, "pipedrive", method, path, body, query=query.items(), headers=headers.items()
    )


def person(address="new@example.com", **more):
    return {
        "name": "New Person",
        "emails": [{"value": address, "primary": True, "label": "work"}],
        **more,
    }


@pytest.fixture(autouse=True)
def unhurried(sandbox):
    sandbox.turn("pipedrive", rate_limits=False)


def test_clean_answers_fit_the_vendors_schemas(sandbox):
    hook = HOOK | {"subscription_url": "https://koppel.example/hook"}
    asked = [
        ("me", "GET", "/api/v1/users/me", None, {}),
        ("persons", "GET", PERSONS, None, {}),
        ("person", "GET", f"{PERSONS}/1", None, {}),
        (
            "search",
            "GET",
            f"{PERSONS}/search",
            None,
            {"term": "person1@1.example.com", "fields": "email"},
        ),
        ("created", "POST", PERSONS, person(), {}),
        ("updated", "PATCH", f"{PERSONS}/1", {"name": "Other"}, {}),
        ("fields", "GET", "/api/v2/personFields", None, {}),
        ("webhook", "POST", "/v1/webhooks", hook, {}),
        ("webhooks", "GET", "/v1/webhooks", None, {}),
    ]

    found = {
        name: (call(sandbox, method, path, body, **query))
        for name, method, path, body, query in asked
    }

    assert {name: faults_of(SCHEMAS[name], each[1]) for name, each in found.items()} == {
        each[0]: [] for each in asked
    }


def test_a_list_is_read_to_its_end_by_cursor(sandbox):
    cursor, sizes, names = "", [], set()
    while cursor is not None:
        body = call(sandbox, "GET", PERSONS, limit=100, **({"cursor": cursor} if cursor else {}))[1]
        sizes.append(len(body["data"]))
        names |= {row["id"] for row in body["data"]}
        cursor = body["additional_data"]["next_cursor"]

    assert (sizes, len(names)) == ([100, 100, 40], 240)
    assert call(sandbox, "GET", PERSONS, limit=501)[0] == 400


def test_what_changed_since_is_listed_and_a_fraction_of_a_second_is_refused(sandbox):
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    sandbox.act("pipedrive", "change", id=7, called="Changed")

    rows = call(sandbox, "GET", PERSONS, updated_since=since, sort_by="update_time")[1]["data"]

    assert [row["id"] for row in rows] == [7]
    assert call(sandbox, "GET", PERSONS, updated_since=since.replace("Z", ".5Z"))[0] == 400


def test_nothing_keeps_two_persons_from_one_address(sandbox):
    statuses = [call(sandbox, "POST", PERSONS, person())[0] for _ in range(2)]

    assert statuses == [201, 201]
    assert len(sandbox.act("pipedrive", "find", email="new@example.com")) == 2


def test_a_search_lags_and_does_not_see_who_was_just_made(sandbox):
    sandbox.turn("pipedrive", index_lag=30)
    call(sandbox, "POST", PERSONS, person())
    query = {"term": "NEW@example.com", "fields": "email", "exact_match": "true"}

    before = call(sandbox, "GET", f"{PERSONS}/search", **query)[1]["data"]["items"]
    sandbox.turn("pipedrive", index_lag=0)
    after = call(sandbox, "GET", f"{PERSONS}/search", **query)[1]["data"]["items"]

    assert (before, [each["item"]["name"] for each in after]) == ([], ["New Person"])


@pytest.mark.parametrize(
    "body",
    [
        {"emails": []},
        {"name": "A", "first_name": "A"},
        {"name": "A", "org_id": "7"},
        {"name": "A", "emails": [{"value": "a@b.co", "primary": 1}]},
        {"name": "A", "custom_fields": {"unknown": "x"}},
    ],
)
def test_a_body_that_is_not_quite_right_is_refused(sandbox, body):
    status, answer, _headers = call(sandbox, "POST", PERSONS, body)

    assert (status, answer["success"], answer["code"]) == (
        400,
        False,
        "ERR_SCHEMA_VALIDATION_FAILED",
    )


def test_a_change_replaces_the_whole_list_of_addresses(sandbox):
    call(
        sandbox,
        "PATCH",
        f"{PERSONS}/3",
        {"emails": [{"value": "only@example.com", "primary": True}]},
    )

    body = call(sandbox, "GET", f"{PERSONS}/3")[1]["data"]

    assert [each["value"] for each in body["emails"]] == ["only@example.com"]


def test_who_is_no_administrator_sees_a_part_in_silence(sandbox):
    body = call(sandbox, "GET", PERSONS, key="Northwind, sees a third", limit=500)[1]

    assert (body["success"], len(body["data"])) == (True, 80)


def test_a_deleted_person_is_listed_no_more_and_found_by_id(sandbox):
    sandbox.act("pipedrive", "delete", id=5)
    listed = call(sandbox, "GET", PERSONS, limit=500)[1]["data"]

    assert 5 not in [row["id"] for row in listed]
    assert call(sandbox, "GET", f"{PERSONS}/5")[1]["data"]["is_deleted"] is True
    assert call(sandbox, "PATCH", f"{PERSONS}/5", {"name": "A"})[0] == 410


def test_refusals_have_the_vendors_shapes(sandbox):
    sandbox.turn("pipedrive", revoked=[KEYS["Contoso"].token])
    unknown = call(sandbox, "GET", PERSONS, key="Contoso")
    missing = call(sandbox, "GET", f"{PERSONS}/99999")
    sandbox.turn("pipedrive", banned=True)
    banned = call(sandbox, "GET", PERSONS)

    assert (unknown[0], unknown[1]["errorCode"]) == (401, 401)
    assert (missing[0], missing[1]["success"]) == (404, False)
    assert (banned[0], banned[2]["content-type"]) == (403, "text/html; charset=UTF-8")


def test_the_burst_has_headers_and_the_day_has_none(sandbox):
    sandbox.turn("pipedrive", rate_limits=True, daily_tokens=100)
    first = call(sandbox, "GET", PERSONS)
    rest = [call(sandbox, "GET", PERSONS) for _ in range(10)]

    assert first[2]["x-ratelimit-remaining"] == "19"
    assert [each[0] for each in rest] == [200] * 9 + [429]
    assert "retry-after" not in rest[-1][2]


def test_a_change_is_sent_with_the_credentials_that_were_chosen(sandbox):
    listener = Listener(500, 200)
    sandbox.turn("pipedrive", webhook_pauses=[0.05])
    wish = HOOK | {
        "subscription_url": listener.url,
        "http_auth_user": "koppel",
        "http_auth_password": "chosen-secret",
    }
    call(sandbox, "POST", "/v1/webhooks", wish)
    sandbox.act("pipedrive", "change", id=3, called="Renamed Person")
    wait_for(lambda: len(listener.came) == 2, 5)
    headers, body = listener.came[1]
    event = json.loads(body)

    assert headers["authorization"] == "Basic " + base64.b64encode(b"koppel:chosen-secret").decode()
    assert (event["meta"]["action"], event["meta"]["attempt"], event["previous"]) == (
        "change",
        2,
        {"name": "Chloé Peeters"},
    )
    assert (
        call(sandbox, "GET", "/v1/webhooks")[1]["data"][0]["http_auth_password"] == "chosen-secret"
    )
