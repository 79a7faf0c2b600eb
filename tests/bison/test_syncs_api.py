"""`/api/bison/syncs` and the lists of what they brought."""

import pytest

from bison.models import EmailAccount
from core import runs
from core.models import Run
from core.signin import roles
from crm.models import Organization
from tests.bison import cast
from tests.bison.finished import sync
from tests.support.people import assert_error, client_of, member, staff

PATH = "/api/bison/syncs"
LISTS = ("/api/bison/email-accounts", "/api/bison/campaigns", "/api/bison/replies")
COBALT, MOSAIC = 6, 21
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def maverick(bison_vendor):
    made = cast.instance(bison_vendor)
    for number in (COBALT, MOSAIC):
        cast.workspace(made, number, bison_vendor)
    return made


def test_a_sync_is_a_run_whose_evidence_names_each_workspace(maverick):
    client = client_of(staff())
    body = {"kind": "email_accounts", "instance": "maverick", "workspaces": ["Cobalt Dental"]}
    answer = client.post(PATH, body)
    assert answer.status_code == 202
    started = answer.json()
    assert (started["joined"], started["waits"]) == (False, False)
    assert client.post(PATH, body).json() == started | {
        "joined": True,
        "message": "A sync is under way already; this is it.",
    }
    runs.execute(started["runId"])
    shown = client.get(started["statusUrl"]).json()
    assert (shown["state"], shown["kind"], shown["trigger"]) == (
        "succeeded",
        "bison.email_accounts",
        "api",
    )
    assert shown["evidence"]["workspaces"] == {
        "Cobalt Dental": {"at_vendor": 15, "here": 15, "state": "complete"}
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "counts"}, "kind"),
        ({"kind": "volume", "instance": "nowhere"}, "instance"),
        ({"kind": "volume", "workspaces": ["Nobody"]}, "workspaces"),
        ({"kind": "volume", "workspaces": []}, "workspaces"),
        ({"kind": "volume", "workspaces": "Cobalt Dental"}, "workspaces"),
        ({"kind": "backfill", "from": "yesterday"}, "from"),
        ({"kind": "backfill", "from": "2026-02-01", "to": "2026-01-01"}, "to"),
        ({"kind": "backfill", "from": "1971-02-01"}, "from"),
    ],
)
def test_what_cannot_be_synced_is_refused_by_its_field(maverick, body, field):
    assert field in assert_error(client_of(staff()).post(PATH, body), 400)["fields"]
    assert not Run.objects.exists()


def test_without_workspaces_there_is_nothing_to_sync(db):
    assert_error(client_of(staff()).post(PATH, {"kind": "volume"}), 409, "not_configured")


def test_who_may(maverick):
    northwind = Organization.objects.create(name="Northwind")
    viewer, auditor = client_of(staff(roles.OPERATIONS_VIEWER)), client_of(staff(roles.AUDITOR))
    for path in LISTS:
        assert viewer.get(path).status_code == 200
        assert_error(auditor.get(path), 403)
        assert_error(client_of(member("CEO", northwind, f"ceo{path[-4:]}")).get(path), 403)
        assert_error(client_of().get(path), 401)
    for client in (viewer, auditor, client_of(member("ADMIN", northwind, "admin-x"))):
        assert_error(client.post(PATH, {"kind": "volume"}), 403)
    assert not Run.objects.exists()


def test_accounts_are_listed_as_the_vendor_names_them(
    maverick, bison_vendor, django_assert_num_queries
):
    sync()
    client = client_of(staff())
    rows = client.get(f"{LISTS[0]}?workspace=Cobalt Dental").json()["results"]
    assert len(rows) == 15
    by_id = {row["id"]: row for row in rows}
    [raw] = [
        row
        for row in bison_vendor.rows("/sender-emails", bison_vendor.key(COBALT))
        if row["id"] == 60001
    ]
    row = by_id[60001]
    for name in (
        "email",
        "name",
        "type",
        "daily_limit",
        "warmup_enabled",
        "emails_sent_count",
        "bounced_count",
    ):
        assert row[name] == raw[name]
    assert row["status"] == raw["status"].lower()
    assert row["tags"] == [tag["name"] for tag in raw["tags"]]
    assert (row["workspace_name"], row["bison_instance"]) == ("Cobalt Dental", "maverick")
    assert row["seen_at"].endswith("Z")
    for spelling in ("Not connected", "not_connected", "not connected"):
        found = client.get(LISTS[0], {"status": spelling}).json()["results"]
        assert len(found) == EmailAccount.objects.filter(status="not connected").count()
    assert len(client.get(f"{LISTS[0]}?search=mosaic").json()["results"]) == 14
    assert_error(client.get(f"{LISTS[0]}?workspce=x"), 400)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_asks_as_often_for_many_rows_as_for_few(
    maverick, path, django_assert_max_num_queries
):
    sync()
    sync("pipeline")
    client = client_of(staff())
    client.get(path)
    with django_assert_max_num_queries(6):
        rows = client.get(f"{path}?pageSize=200").json()["results"]
    assert len(rows) > 2


def test_campaigns_and_replies_say_their_workspace(maverick):
    sync("pipeline")
    client = client_of(staff())
    campaigns = client.get(f"{LISTS[1]}?workspace=Mosaic Legal").json()["results"]
    assert {row["workspace_name"] for row in campaigns} == {"Mosaic Legal"}
    assert all(
        isinstance(row["emails_sent"], int) and isinstance(row["opened"], int) for row in campaigns
    )
    replies = client.get(f"{LISTS[2]}?workspace=Mosaic Legal&interested=true").json()["results"]
    assert {(row["interested"], row["source"]) for row in replies} == {(True, "sync")}
    assert {row["no_lead_reason"] for row in replies} == {"no_organization"}
    assert client.get(f"{LISTS[2]}?interested=false").json()["results"] == []
