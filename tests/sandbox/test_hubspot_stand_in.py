"""HubSpot's stand-in: answers fit the vendor's schemas; limits, batches,
the index and refusals are its own.
"""

import base64
import hmac
import json
import time
from pathlib import Path

import pytest

from sandbox.vendors.hubspot.cast import KEYS
from sandbox.vendors.oauth_server import CLIENT_SECRET
from tests.sandbox.crm import ask, faults_of
from tests.sandbox.listener import Listener
from tests.support.house import wait_for

SCHEMAS = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "hubspot" / "schemas.json").read_text()
)
CONTACTS = "/crm/objects/2026-09/contacts"
WHOLE = {"after": "0", "filterGroups": [], "limit": 200, "properties": [], "sorts": []}


def fits(body, name):
    return faults_of({"$ref": f"#/components/schemas/{name}", **SCHEMAS}, body)


def call(sandbox, method, path, body=None, *, key="Northwind", **query):
    headers = {"Authorization": f"Bearer {KEYS[key].token}"}
    return ask(sandbox, "hubspot", method, path, body, query=query.items(), headers=headers.items())


def inputs(*rows):
    return {
        "inputs": [
            {"idProperty": "email", "id": address, "properties": rest} for address, rest in rows
        ]
    }


def test_clean_answers_fit_the_vendors_schemas(sandbox):
    new = {"properties": {"email": "new@example.com", "firstname": "New"}, "associations": []}
    asked = [
        ("GET", "/account-info/2026-03/details", None, "PortalInformationResponse"),
        (
            "GET",
            CONTACTS,
            None,
            "CollectionResponseSimplePublicObjectWithAssociationsForwardPaging",
        ),
        ("POST", f"{CONTACTS}/search", WHOLE, "CollectionResponseWithTotalSimplePublicObject"),
        ("POST", CONTACTS, new, "SimplePublicObject"),
        (
            "POST",
            f"{CONTACTS}/batch/upsert",
            inputs(("a@b.co", {})),
            "BatchResponseSimplePublicUpsertObject",
        ),
    ]

    assert [fits(call(sandbox, *each[:3])[1], each[3]) for each in asked] == [[]] * len(asked)


def test_a_list_is_read_to_its_end_by_hundreds(sandbox):
    after, sizes, names = None, [], set()
    while after != "":
        body = call(sandbox, "GET", CONTACTS, limit=100, **({"after": after} if after else {}))[1]
        sizes.append(len(body["results"]))
        names |= {row["id"] for row in body["results"]}
        after = body.get("paging", {}).get("next", {}).get("after", "")

    assert (sizes, len(names)) == ([100, 100, 40], 240)
    assert call(sandbox, "GET", CONTACTS, limit=101)[0] == 400


def test_a_list_names_few_properties_unless_more_are_asked_for(sandbox):
    (row,) = call(sandbox, "GET", CONTACTS, limit=1, properties="company,favourite_colour")[1][
        "results"
    ]

    assert row["properties"]["company"] == "Harbour Foods"
    assert "phone" not in row["properties"]
    assert all(value is None or isinstance(value, str) for value in row["properties"].values())


def test_a_search_finds_what_was_changed_since_and_lags(sandbox):
    found = sandbox.act("hubspot", "find", email="contact3@1.example.com")[0]
    sandbox.act("hubspot", "change", id=found["id"], phone="+32 1")
    since = str(int(time.time() * 1000) - 60_000)
    rule = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": since}
    wish = WHOLE | {"filterGroups": [{"filters": [rule]}]}

    at_once = call(sandbox, "POST", f"{CONTACTS}/search", wish)[1]
    sandbox.turn("hubspot", index_lag=30)
    later = call(sandbox, "POST", f"{CONTACTS}/search", wish)[1]

    assert ([row["id"] for row in at_once["results"]], later["total"]) == ([found["id"]], 0)


@pytest.mark.parametrize(
    "wish",
    [
        WHOLE | {"limit": 201},
        WHOLE | {"after": "9900"},
        WHOLE | {"filterGroups": [{"filters": [{"operator": "IS"}]}]},
    ],
)
def test_a_search_beyond_its_limits_is_refused(sandbox, wish):
    assert call(sandbox, "POST", f"{CONTACTS}/search", wish)[0] == 400


def test_an_upsert_by_address_finds_who_is_known_and_empties_what_it_does_not_name(sandbox):
    rows = inputs(
        ("Contact1@1.example.com", {"firstname": "Anna"}),
        ("new@example.com", {"firstname": "Nora"}),
    )

    status, body, _headers = call(sandbox, "POST", f"{CONTACTS}/batch/upsert", rows)
    (known,) = sandbox.act("hubspot", "find", email="contact1@1.example.com")

    assert (status, [row["new"] for row in body["results"]]) == (200, [False, True])
    assert (known["properties"]["firstname"], known["properties"]["company"]) == ("Anna", None)


def test_a_batch_says_of_each_input_why_it_was_refused(sandbox):
    rows = inputs(("not an address", {}), ("good@example.com", {}))
    for number, row in enumerate(rows["inputs"]):
        row["objectWriteTraceId"] = str(number)

    status, body, _headers = call(sandbox, "POST", f"{CONTACTS}/batch/upsert", rows)

    assert (status, body["numErrors"], len(body["results"])) == (207, 1, 1)
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["0"]
    assert fits(body, "BatchResponseSimplePublicUpsertObjectWithErrors") == []


def test_a_batch_without_marks_or_with_doubles_is_refused_whole(sandbox):
    path = f"{CONTACTS}/batch/upsert"

    assert call(sandbox, "POST", path, inputs(("nonsense", {}), ("good@example.com", {})))[0] == 400
    assert call(sandbox, "POST", path, inputs(("a@b.co", {}), ("A@b.co", {})))[0] == 400
    assert (
        call(sandbox, "POST", path, inputs(*[(f"n{number}@b.co", {}) for number in range(101)]))[0]
        == 400
    )
    assert sandbox.act("hubspot", "find", email="a@b.co") == []


def test_a_second_contact_of_an_address_is_a_conflict_that_names_the_first(sandbox):
    body = {"properties": {"email": "contact5@1.example.com"}, "associations": []}

    status, answer, _headers = call(sandbox, "POST", CONTACTS, body)

    assert (status, answer["category"]) == (409, "CONFLICT")
    assert answer["message"].endswith("Existing ID: 10006")


def test_after_a_merge_the_old_ids_lead_to_the_new(sandbox):
    merged = sandbox.act("hubspot", "merge", ids=["10001", "10002"])

    body = call(sandbox, "GET", f"{CONTACTS}/10001", properties="hs_additional_emails")[1]

    assert (body["id"], body["properties"]["hs_additional_emails"]) == (
        merged,
        "contact1@1.example.com",
    )


@pytest.mark.parametrize(
    ("key", "method", "path", "status", "category"),
    [
        ("Northwind, without contacts", "GET", CONTACTS, 403, "MISSING_SCOPES"),
        ("Northwind, reading only", "POST", f"{CONTACTS}/batch/upsert", 403, "MISSING_SCOPES"),
        ("Northwind", "GET", f"{CONTACTS}/1", 404, "OBJECT_NOT_FOUND"),
        ("Northwind", "GET", "/crm/objects/2025-01/contacts", 404, "OBJECT_NOT_FOUND"),
    ],
)
def test_a_refusal_has_the_vendors_shape(sandbox, key, method, path, status, category):
    found, body, _headers = call(sandbox, method, path, {} if method == "POST" else None, key=key)

    assert (found, body["category"], fits(body, "Error")) == (status, category, [])


def test_a_key_that_is_not_known_is_refused(sandbox):
    sandbox.turn("hubspot", revoked=[KEYS["Contoso"].token])

    status, body, headers = call(sandbox, "GET", CONTACTS, key="Contoso")

    assert (status, body["category"]) == (401, "INVALID_AUTHENTICATION")
    assert headers["x-hubspot-correlation-id"] == body["correlationId"]


def test_limits_are_counted_as_the_vendor_counts_them(sandbox):
    headers = call(sandbox, "GET", CONTACTS)[2]
    searches = [call(sandbox, "POST", f"{CONTACTS}/search", WHOLE) for _ in range(6)]
    sandbox.turn("hubspot", daily_spent=True)

    assert headers["x-hubspot-ratelimit-remaining"] == "99"
    assert [each[0] for each in searches] == [200] * 5 + [429]
    assert searches[-1][1]["policyName"] == "SECONDLY"
    assert call(sandbox, "GET", CONTACTS)[1]["policyName"] == "DAILY"


def test_a_change_is_sent_to_the_app_signed(sandbox):
    listener = Listener(500, 202)
    sandbox.turn("hubspot", hook=listener.url, pushes=True, webhook_pauses=[0.05])
    number = sandbox.act("hubspot", "add", email="pushed@example.com")
    wait_for(lambda: len(listener.came) == 2, 5)
    headers, body = listener.came[1]
    signed = (
        b"POST" + listener.url.encode() + body + headers["x-hubspot-request-timestamp"].encode()
    )
    expected = base64.b64encode(hmac.digest(CLIENT_SECRET.encode(), signed, "sha256")).decode()

    assert headers["x-hubspot-signature-v3"] == expected
    assert json.loads(body)[0]["objectId"] == int(number)
    assert json.loads(body)[0]["attemptNumber"] == 1


def test_there_may_be_thousands(sandbox):
    sandbox.turn("hubspot", contacts=20_000, rate_limits=False)

    assert len(call(sandbox, "GET", CONTACTS, limit=100, after=29_901)[1]["results"]) == 100
