"""The registry and its keys over the API: what is shown, what is changed, and who may not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bison.keys import MustHaveItsOwn, key_for
from bison.models import Workspace
from bison.session import session
from core.models import AuditEvent
from core.signin import roles
from tests.bison import cast
from tests.bison.stand_in import LONG_RUN
from tests.support import people
from tests.support.people import assert_error, client_of

BASE = "/api/bison/workspaces"
WRONG = "999|thisKeyIsWellFormedAndUnknown00000001"


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay):
    return cast.instance(bison_vendor)


@pytest.fixture
def ops(db):
    return client_of(people.staff())


def test_a_workspace_is_shown_with_its_key_masked(maverick, bison_vendor, ops):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    answer = ops.get(f"{BASE}/{aspen.pk}")
    row = answer.json()
    assert row["workspace_name"] == "Aspen Labs"
    assert row["bison_instance"] == "maverick"
    assert row["bison_api_key"] == "****...00000003"
    assert (row["key_in_use"], row["next_api_key"]) == ("own", None)
    assert row["email_accounts"] == {
        "here": 0,
        "at_vendor": None,
        "checked_at": None,
        "state": "unchecked",
    }
    assert bison_vendor.key(3) not in answer.content.decode()


def test_a_list_costs_the_same_for_few_and_for_many_and_is_filtered(maverick, bison_vendor, ops):
    for number in (3, 4):
        cast.workspace(maverick, number, bison_vendor)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert len(ops.get(BASE).json()["results"]) == 2
    for number in (2, 5, 6, 8, 9, 10, 11):
        cast.workspace(maverick, number)
    with CaptureQueriesContext(connection) as many:
        assert len(ops.get(BASE).json()["results"]) == 9
    assert len(many) == len(few) <= 8
    names = [
        row["workspace_name"] for row in ops.get(f"{BASE}?key_status=active").json()["results"]
    ]
    assert names == ["Aspen Labs", "Birchwood Freight"]
    assert len(ops.get(f"{BASE}?instance=maverick&search=aspen").json()["results"]) == 1
    assert ops.get(f"{BASE}?instance=long-run").json()["results"] == []
    assert_error(ops.get(f"{BASE}?health=splendid"), 400)
    first = ops.get(f"{BASE}?pageSize=4").json()
    assert len(ops.get(first["next"]).json()["results"]) == 4


def test_a_key_is_entered_shown_waiting_and_revoked(maverick, bison_vendor, ops):
    aspen = cast.workspace(maverick, 3)
    saved = ops.put(
        f"{BASE}/{aspen.pk}/api-key", {"api_key": bison_vendor.key(3), "api_key_name": "Aspen"}
    ).json()
    assert (saved["success"], saved["waits"], saved["workspace"]["bison_api_key"]) == (
        True,
        False,
        "****...00000003",
    )
    assert [step["state"] for step in saved["steps"]] == ["passed"] * 4
    waits = ops.put(f"{BASE}/{aspen.pk}/api-key", {"api_key": WRONG}).json()
    assert (waits["success"], waits["waits"]) == (False, True)
    assert waits["workspace"]["next_api_key"]["api_key"] == "****...00000001"
    gone = ops.delete(f"{BASE}/{aspen.pk}/api-key").json()
    assert "delete “Aspen” there too" in gone["message"]
    assert (gone["workspace"]["bison_api_key"], gone["workspace"]["bison_api_key_status"]) == (
        None,
        "revoked",
    )
    assert gone["workspace"]["key_in_use"] == "shared"
    again = ops.put(f"{BASE}/{aspen.pk}/api-key", {"api_key": bison_vendor.key(3)})
    assert "revoked" in assert_error(again, 400, "invalid")["fields"]["api_key"][0]
    assert_error(ops.delete(f"{BASE}/{aspen.pk}/api-key"), 400)


def test_what_cannot_be_a_key_is_refused_by_its_field(maverick, bison_vendor, ops):
    aspen = cast.workspace(maverick, 3)
    body = assert_error(
        ops.put(f"{BASE}/{aspen.pk}/api-key", {"api_key": "nonsense"}), 400, "invalid"
    )
    assert list(body["fields"]) == ["api_key"]
    body = assert_error(
        ops.put(f"{BASE}/{aspen.pk}/api-key", {"api_key": bison_vendor.key(4)}), 400, "invalid"
    )
    assert "another workspace" in body["fields"]["api_key"][0]
    past = {"api_key": bison_vendor.key(3), "expires_at": "2020-01-01T00:00:00Z"}
    assert list(assert_error(ops.put(f"{BASE}/{aspen.pk}/api-key", past), 400)["fields"]) == [
        "expires_at"
    ]
    aspen.refresh_from_db()
    assert (aspen.bison_api_key, aspen.next_api_key) == (None, None)


def test_a_connection_is_tested_in_steps_ten_times_a_minute(maverick, bison_vendor, ops):
    aspen, outpost = cast.workspace(maverick, 3, bison_vendor), cast.workspace(maverick, 2)
    assert ops.post(f"{BASE}/{aspen.pk}/test").json()["success"]
    shared = ops.post(f"{BASE}/{outpost.pk}/test").json()
    assert [step["name"] for step in shared["steps"] if step["state"] == "passed"] == [
        "The address answers",
        "The key is accepted",
        "The key opens this workspace",
        "A record can be read",
    ]
    bison_vendor.turn(revoked=[bison_vendor.key(3)])
    failed = ops.post(f"{BASE}/{aspen.pk}/test").json()
    assert [step["state"] for step in failed["steps"]] == ["passed", "failed", "skipped", "skipped"]
    bison_vendor.turn(revoked=[])
    for _number in range(7):
        assert ops.post(f"{BASE}/{aspen.pk}/test").status_code == 200
    limited = ops.post(f"{BASE}/{aspen.pk}/test")
    assert_error(limited, 429)
    assert int(limited["Retry-After"]) > 0
    assert (
        AuditEvent.objects.filter(action="connection.tested", target_id=str(aspen.pk)).count() == 9
    )


def test_an_address_that_does_not_answer_fails_at_the_first_step(maverick, bison_vendor, ops):
    bison_vendor.turn(down="maverick")
    failed = ops.post(f"{BASE}/{cast.workspace(maverick, 3, bison_vendor).pk}/test").json()
    assert [step["state"] for step in failed["steps"]] == [
        "failed",
        "skipped",
        "skipped",
        "skipped",
    ]


def test_a_stored_key_that_works_at_last_is_used_from_then_on(maverick, bison_vendor, ops):
    aspen = cast.workspace(
        maverick,
        3,
        bison_vendor,
    )
    Workspace.objects.update(bison_api_key_status="inactive")
    assert ops.post(f"{BASE}/{aspen.pk}/test").json()["success"]
    aspen.refresh_from_db()
    assert aspen.bison_api_key_status == "active"


def test_a_key_is_validated_and_nothing_is_stored(maverick, bison_vendor, ops):
    aspen = cast.workspace(maverick, 3)
    path = f"{BASE}/{aspen.pk}/validate-api-key"
    good = ops.post(path, {"api_key": bison_vendor.key(3)}).json()
    assert (good["valid"], good["workspace_access"], good["status_code"]) == (
        True,
        ["Aspen Labs"],
        200,
    )
    assert good["scopes"] == ["users:read", "workspaces:read", "sender_emails:read"]
    bad = ops.post(path, {"api_key": WRONG}).json()
    assert (bad["valid"], bad["scopes"], bad["workspace_access"], bad["status_code"]) == (
        False,
        [],
        [],
        401,
    )
    other = ops.post(path, {"api_key": bison_vendor.key(4)}).json()
    assert (other["valid"], other["workspace_access"]) == (False, ["Birchwood Freight"])
    shared = ops.post(path).json()
    assert (shared["valid"], len(shared["workspace_access"])) == (True, 24)
    by_name = ops.post(
        "/functions/v1/validate-api-key",
        {"workspace_name": "Aspen Labs", "api_key": bison_vendor.key(3)},
    ).json()
    assert by_name["valid"]
    aspen.refresh_from_db()
    assert (aspen.bison_api_key, aspen.next_api_key) == (None, None)


def test_a_workspace_that_requires_its_own_key_is_refused_until_one_is_generated(
    bison_vendor, db, no_calls_stay, ops
):
    long_run = cast.instance(bison_vendor, LONG_RUN)
    parks = cast.workspace(long_run, 14, requires_workspace_key=True)
    refused = ops.post(f"{BASE}/{parks.pk}/test").json()
    assert not refused["success"]
    assert "requires a key of its own" in refused["message"]
    assert ops.get(f"{BASE}/{parks.pk}").json()["key_in_use"] == "missing"
    with pytest.raises(MustHaveItsOwn):
        key_for(parks)
    made = ops.post(f"{BASE}/{parks.pk}/generate-api-key").json()
    assert (made["key_name"], made["scopes"], made["waits"]) == (
        "Workbench Parks Workspace API",
        ["*"],
        False,
    )
    assert made["api_key"].startswith("****...")
    parks.refresh_from_db()
    assert parks.bison_api_key.reveal() not in str(made)
    with session(parks, function_name="test", triggered_by="test") as at:
        assert at.get("/sender-emails").json()["meta"]["total"] == 92
    assert ops.post(f"{BASE}/{parks.pk}/test").json()["success"]


def test_a_key_is_generated_by_name_too_and_not_without_a_super_admin_key(
    bison_vendor, db, no_calls_stay, ops
):
    bare = cast.instance(bison_vendor, super_admin_key="", backup_key="")
    outpost = cast.workspace(bare, 2)
    assert_error(ops.post(f"{BASE}/{outpost.pk}/generate-api-key"), 409, "not_configured")
    cast.instance(bison_vendor)
    made = ops.post(
        "/functions/v1/generate-workspace-api-key", {"workspace_name": "Outpost Team"}
    ).json()
    assert made["key_name"] == "Outpost Team Workspace API"
    outpost.refresh_from_db()
    assert outpost.has_key
    assert_error(
        ops.post("/functions/v1/generate-workspace-api-key", {"workspace_name": "Nobody"}), 404
    )


def test_an_entry_is_changed_and_what_cannot_be_is_refused(maverick, bison_vendor, ops):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    of = people.organization()
    changes = {
        "api_notes": "Call first",
        "requires_workspace_key": True,
        "organization_id": str(of.pk),
    }
    row = ops.patch(f"{BASE}/{aspen.pk}", changes).json()
    assert {name: row[name] for name in changes} == changes
    event = AuditEvent.objects.get(action="bison.workspace_changed")
    assert event.facts["fields"] == ["api_notes", "requires_workspace_key", "organization_id"]
    assert "Call first" not in str(event.facts)
    for wrong in (
        {"organization_id": "00000000-0000-0000-0000-000000000000"},
        {"bison_api_key_expires_at": "2020-01-01T00:00:00Z"},
        {"requires_workspace_key": "yes"},
    ):
        body = assert_error(ops.patch(f"{BASE}/{aspen.pk}", wrong), 400, "invalid")
        assert list(body["fields"]) == list(wrong)


WRITES = (
    ("patch", "", {"api_notes": "x"}),
    ("put", "/api-key", {"api_key": WRONG}),
    ("delete", "/api-key", None),
    ("post", "/test", None),
    ("post", "/generate-api-key", None),
    ("post", "/validate-api-key", None),
)
BY_NAME = (
    ("/functions/v1/generate-workspace-api-key", {"workspace_name": "Aspen Labs"}),
    ("/functions/v1/validate-api-key", {"workspace_name": "Aspen Labs", "api_key": WRONG}),
)


@pytest.mark.parametrize("who", ["viewer", "auditor", "CEO", "CLOSER"])
def test_whoever_only_looks_changes_nothing(maverick, bison_vendor, who):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    groups = {"viewer": roles.OPERATIONS_VIEWER, "auditor": roles.AUDITOR}
    user = people.staff(groups[who]) if who in groups else people.member(who, people.organization())
    client = client_of(user)
    before, calls = Workspace.objects.values().get(), len(bison_vendor.calls())
    for method, path, body in WRITES:
        assert_error(getattr(client, method)(f"{BASE}/{aspen.pk}{path}", body), 403)
    for path, body in BY_NAME:
        assert_error(client.post(path, body), 403)
    looks = client.get(f"{BASE}/{aspen.pk}")
    if who == "viewer":
        assert looks.json()["bison_api_key"] == "****...00000003"
        assert client.get(BASE).status_code == 200
    else:
        assert_error(looks, 403)
        assert_error(client.get(BASE), 403)
    after = Workspace.objects.values().get()
    assert {name: str(value) for name, value in after.items()} == {
        name: str(value) for name, value in before.items()
    }
    assert len(bison_vendor.calls()) == calls


def test_whoever_is_not_signed_in_is_401(maverick):
    aspen = cast.workspace(maverick, 3)
    assert_error(client_of().get(f"{BASE}/{aspen.pk}"), 401)
    assert_error(client_of().post(f"{BASE}/{aspen.pk}/test"), 401)
