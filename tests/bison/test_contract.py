"""The fixed outside of Email Bison: each answer has at least these names,
whatever else it says besides.

Systems that were built against the old one read these names.
They may be joined by others, and never go.
"""

import io
import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from bison.ledger import checking
from bison.models import LedgerDay, Workspace
from core import runs
from core.http import call_log
from core.models import InboundEvent
from tests.bison import cast
from tests.bison.asking import BISON, Asking, follow, place
from tests.bison.contract import (
    CALLS,
    CHECKLIST,
    EVENTS,
    INSTANCE,
    LEDGER,
    REGISTRY,
    RUNWAY,
    TABLES,
    VALIDATED,
    WEBHOOK,
)
from tests.bison.finished import sync
from tests.bison.webhooks import switch_on
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db(transaction=True)
COBALT, MOSAIC, OUTPOST = 6, 21, 2

PAGE = {"results", "next", "previous"}


@pytest.fixture
def ask(transactional_db, no_calls_stay):
    return Asking()


@pytest.fixture
def maverick(transactional_db, bison_vendor, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    return cast.instance(bison_vendor)


@pytest.fixture
def cobalt(maverick, bison_vendor):
    return cast.workspace(maverick, COBALT, bison_vendor)


def test_every_column_of_the_old_system_is_in_the_database(db):
    with connection.cursor() as cursor:
        for table, names in TABLES.items():
            found = {
                column.name
                for column in connection.introspection.get_table_description(cursor, table)
            }
            assert names <= found, (table, names - found)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("client_registry", "bison_api_key_type"),
        ("client_registry", "bison_api_key_status"),
        ("client_registry", "bison_webhook_status"),
        ("client_registry", "api_health_status"),
        ("client_onboarding_checklist", "onboarding_status"),
        ("webhook_events", "processing_status"),
    ],
)
def test_the_database_refuses_a_word_that_is_none(db, table, column):
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    assert any(facts["check"] and facts["columns"] == [column] for facts in constraints.values())


def test_a_checklist_goes_with_a_workspace_that_is_renamed(ask, cobalt):
    ask("PATCH", f"{BISON}/onboarding/{cobalt.pk}", {"onboarding_notes": "Ask for the logo."})
    Workspace.objects.filter(pk=cobalt.pk).update(workspace_name="Cobalt Smiles")
    found = ask.read(f"/onboarding/{cobalt.pk}")
    assert found.keys() >= CHECKLIST
    assert (found["workspace_name"], found["onboarding_notes"]) == (
        "Cobalt Smiles",
        "Ask for the logo.",
    )
    refused = ask.client.patch(
        f"{BISON}/onboarding/{cobalt.pk}", {"api_key_tested": True}, format="json"
    )
    assert_error(refused, 400)
    Workspace.objects.get(pk=cobalt.pk).delete()


def test_instances(ask, maverick, bison_vendor):
    (row,) = ask.read("/instances")["results"]
    assert row.keys() >= INSTANCE
    assert ask.read(f"/instances/{maverick.pk}").keys() >= INSTANCE
    assert (row["active_key"], bison_vendor.admin() in json.dumps(row)) == ("main", False)
    changed = ask("PATCH", f"{BISON}/instances/{maverick.pk}", {"name": "Maverick"})
    assert changed.keys() >= INSTANCE
    assert (
        ask("POST", f"{BISON}/instances/{maverick.pk}/use-key", {"key": "backup"})["active_key"]
        == "backup"
    )
    run = follow(ask, ask("POST", f"{BISON}/instances/{maverick.pk}/discover", status=202))
    assert run["evidence"].keys() >= {"at_vendor", "here", "new", "gone"}
    assert run["evidence"]["at_vendor"] == run["evidence"]["here"] == Workspace.objects.count()


def test_the_registry(ask, cobalt, bison_vendor):
    Workspace.objects.update(
        api_total_calls_today=9, api_total_errors_today=4, api_counted_on="2026-01-01"
    )
    switch_on(cobalt)
    page = ask.read(
        "/workspaces?instance=maverick&key_status=active&health=healthy&search=cobalt&pageSize=200"
    )
    assert page.keys() >= PAGE
    (row,) = page["results"]
    assert row.keys() >= REGISTRY | {"email_accounts"}
    assert row["email_accounts"].keys() >= {"here", "at_vendor", "checked_at", "state"}
    cobalt.refresh_from_db()
    token = cobalt.bison_webhook_secret.reveal()
    assert cobalt.bison_webhook_url.reveal().endswith(f"/api/webhooks/bison/{token}")
    assert row["bison_webhook_url"].endswith(f"/api/webhooks/bison/****...{token[-8:]}")
    assert row["bison_webhook_secret"] == "•" * 18
    assert row["bison_api_key"] == f"****...{bison_vendor.key(COBALT)[-8:]}"
    # The counters of another day are none of today's.
    assert row["api_total_errors_today"] == 0
    assert ask.read(f"/workspaces/{cobalt.pk}").keys() >= REGISTRY
    assert ask("PATCH", f"{BISON}/workspaces/{cobalt.pk}", {"api_notes": "x"}).keys() >= REGISTRY


def test_keys(ask, cobalt, maverick, bison_vendor):
    key = bison_vendor.key(COBALT)
    entered = ask("PUT", place(cobalt, "api-key"), {"api_key": key})
    assert entered["workspace"].keys() >= REGISTRY
    for path, body in (
        (place(cobalt, "test"), None),
        (place(cobalt, "validate-api-key"), {"api_key": key}),
        ("/functions/v1/validate-api-key", {"workspace_name": "Cobalt Dental", "api_key": key}),
    ):
        found = ask("POST", path, body)
        assert found.keys() >= VALIDATED, path
        assert (found["valid"], found["status_code"], found["workspace_access"]) == (
            True,
            200,
            ["Cobalt Dental"],
        )
        assert found["scopes"]
    outpost = cast.workspace(maverick, OUTPOST)
    for path, body in (
        (place(outpost, "generate-api-key"), None),
        ("/functions/v1/generate-workspace-api-key/", {"workspace_name": outpost.workspace_name}),
    ):
        found = ask("POST", path, body)
        assert found.keys() >= VALIDATED | {"key_name", "api_key"}, path
        assert (found["valid"], found["api_key"][:7]) == (True, "****...")
        assert found["workspace_access"] == [outpost.workspace_name]
    assert (
        ask("DELETE", place(outpost, "api-key"))["workspace"]["bison_api_key_status"] == "revoked"
    )


def test_a_file_of_keys_is_only_looked_at_unless_the_wish_is_plain(ask, cobalt):
    text = (
        "workspace_name,bison_instance,api_key,api_key_name,api_key_type\n"
        "Nobody,maverick,1|x,Mine,workspace\n"
    )
    file = io.BytesIO(text.encode())
    file.name = "keys.csv"
    body = encode_multipart(BOUNDARY, {"file": file})
    found = ask(
        "POST", f"{BISON}/api-keys/import", body, format=None, content_type=MULTIPART_CONTENT
    )
    assert found.keys() >= {"rows", "valid", "invalid", "applied", "errors"}
    assert (found["rows"], found["valid"], found["invalid"], found["applied"]) == (1, 0, 1, 0)
    assert all(problem.keys() >= {"row", "column", "message"} for problem in found["errors"])


def test_coverage_and_health(ask, cobalt, maverick):
    cast.workspace(maverick, OUTPOST)
    rows = ask.read("/coverage")
    assert rows == [
        {
            "instance": "maverick",
            "total": 2,
            "with_key": 1,
            "without_key": 1,
            "coverage_percent": 50,
        },
        {"instance": "TOTAL", "total": 2, "with_key": 1, "without_key": 1, "coverage_percent": 50},
    ]
    summary = ask.read("/health/summary")
    assert summary["total"] == 2
    for state in ("healthy", "degraded", "failing", "unknown"):
        assert summary[state].keys() == {"count", "percent"}
    series = ask.read("/health/series?workspace=Cobalt%20Dental&hours=24")
    assert series["results"]
    assert series["results"][0].keys() >= {
        "hour",
        "calls",
        "failures",
        "success_rate",
        "p50",
        "p95",
    }


def test_a_webhook_and_its_events(ask, cobalt, bison_vendor):
    wish = {"enabled": True, "events": ["lead.interested", "email.sent"]}
    shown = ask("PUT", place(cobalt, "webhook"), wish)
    assert shown["bison_webhook_events"] == ["email_sent", "lead_interested"]
    for act in ("check", "repair", "sample", "rotate"):
        assert ask("POST", place(cobalt, f"webhook/{act}")).keys() >= WEBHOOK, act
    cobalt.refresh_from_db()
    token = cobalt.bison_webhook_secret.reveal()
    hook = bison_vendor.act("facts", workspace=COBALT)["hooks"][0]
    bison_vendor.act(
        "edit_hook", workspace=COBALT, hook=hook["id"], url="https://elsewhere.example/x"
    )
    found = ask("POST", place(cobalt, "webhook/check"))
    assert found["drift"].keys() >= {"what", "expected", "found"}
    assert token not in json.dumps(found)


def test_what_the_vendor_sends(ask, cobalt):
    switch_on(cobalt)
    secret = Workspace.objects.get(pk=cobalt.pk).bison_webhook_secret.reveal()

    def send(token, number, end=""):
        event = {"type": "LEAD_REPLIED", "workspace_id": number}
        body = {"event": event, "data": {"reply": {"id": 5}}}
        return Client(raise_request_exception=False).post(
            f"/api/webhooks/bison/{token}{end}", json.dumps(body), content_type="application/json"
        )

    assert send(secret, COBALT).status_code == send(secret, COBALT, "/").status_code == 200
    assert_error(send("nobody-knows-this-token", COBALT), 404)
    assert_error(send(secret, MOSAIC), 403)
    (row,) = ask.read("/webhook-events?workspace=Cobalt%20Dental&status=pending&type=lead.replied")[
        "results"
    ]
    assert row.keys() >= EVENTS
    day = datetime.now(UTC).date().isoformat()
    assert ask.read(f"/webhook-events?from={day}&to={day}&search=cobalt")["results"] == [row]
    InboundEvent.objects.update(processing_status="failed")
    replayed = ask("POST", f"{BISON}/webhook-events/{row['id']}/replay")
    assert (replayed["success"], replayed["replayed"]) == (True, True)


def test_calls_and_what_syncs_brought(ask, cobalt):
    body = {"kind": "email_accounts", "instance": "maverick", "workspaces": ["Cobalt Dental"]}
    run = follow(ask, ask("POST", f"{BISON}/syncs", body, status=202))
    assert run["evidence"]["workspaces"] == {
        "Cobalt Dental": {"at_vendor": 15, "here": 15, "state": "complete"}
    }
    sync("pipeline")
    call_log.flush()
    day = datetime.now(UTC).date().isoformat()
    asked = f"workspace=Cobalt%20Dental&status=200&from={day}&to={day}&search=sender-emails"
    rows = ask.read(f"/api-calls?{asked}")["results"]
    assert rows
    assert rows[0].keys() >= CALLS
    assert (rows[0]["bison_instance"], len(rows[0]["api_key_used"])) == ("maverick", 8)
    head = next(iter(ask.client.get(f"{BISON}/api-calls.csv?{asked}").streaming_content)).decode()
    assert set(head.lstrip("\ufeff").splitlines()[0].split(",")) >= CALLS
    for path, names in (
        (
            "/email-accounts?workspace=Cobalt%20Dental&status=connected&search=a",
            {"email", "status", "daily_limit"},
        ),
        ("/campaigns?workspace=Cobalt%20Dental", {"name", "status"}),
        ("/replies?workspace=Cobalt%20Dental&interested=true", {"subject", "interested"}),
    ):
        rows = ask.read(path)["results"]
        assert all(row.keys() >= names | {"id", "workspace_name", "seen_at"} for row in rows)
        assert rows, path


@pytest.mark.parametrize("kind", ["email_accounts", "pipeline", "analytics", "volume", "backfill"])
def test_each_kind_of_sync_names_every_workspace_with_its_proof(ask, cobalt, kind):
    body = {"kind": kind, "from": "2026-11-01", "to": "2026-11-03"}
    run = follow(ask, ask("POST", f"{BISON}/syncs", body, status=202))
    facts = run["evidence"]["workspaces"]["Cobalt Dental"]
    assert facts.keys() >= {"at_vendor", "here", "state"}
    assert (facts["state"], run["state"]) == ("complete", "succeeded")


def test_the_ledger_and_the_runway(ask, cobalt):
    switch_on(cobalt)
    runs.execute(checking.start(days=1, trigger="test").run.pk)
    assert LedgerDay.objects.exists()
    (row,) = ask.read("/ledger?workspace=Cobalt%20Dental&from=2020-01-01&to=2999-01-01")["results"][
        :1
    ]
    assert row.keys() >= LEDGER | {"workspace_name", "day"}
    run = follow(ask, ask("POST", f"{BISON}/runway/compute", status=202))
    assert run["state"] == "succeeded"
    (row,) = ask.read("/runway")["results"]
    assert row.keys() >= RUNWAY | {"workspace_name"}


def test_suppressions(ask, cobalt):
    wish = {
        "value": "rival.example",
        "reason": "a rival",
        "scope": "workspace",
        "workspaces": ["Cobalt Dental"],
    }
    made = ask("POST", f"{BISON}/suppressions", wish, status=202)
    assert made.keys() >= {"id", "value", "state"}
    follow(ask, made)
    (row,) = ask.read("/suppressions")["results"]
    assert row.keys() >= {"id", "value", "state"}
    state = row["state"]["Cobalt Dental"]
    assert state.keys() >= {"blacklisted", "unsubscribed", "read_back_at"}
    assert (state["blacklisted"], "error" in state) == (True, False)
    follow(ask, ask("DELETE", f"{BISON}/suppressions/{row['id']}", status=202))
    assert ask.read("/suppressions")["results"] == []
