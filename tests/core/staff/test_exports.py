"""Exports stream, keep the list's filters, are audited first, and belong to those who may."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.admin.export import cell, in_slices
from core.models import ApiCall, AuditEvent
from core.signin import roles
from tests.support.people import staff
from tests.support.rows import api_calls, audit_rows

pytestmark = pytest.mark.django_db
CALLS, AUDIT = "/admin/core/apicall/export/", "/admin/core/auditevent/export/"


def signed_in(client, role):
    client.force_login(staff(role), backend="core.signin.Backend")
    return client


def rows_of(response):
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_the_export_of_calls_has_every_row_once_newest_first(client):
    made = api_calls(25, workspace_name="Acme")
    response = signed_in(client, roles.OPERATIONS_ADMIN).post(CALLS)
    assert response.streaming
    assert response["Content-Type"].startswith("text/csv")
    assert response["Content-Disposition"].startswith('attachment; filename="api-calls-')
    rows = rows_of(response)
    assert [row["id"] for row in rows] == [
        str(call.pk) for call in sorted(made, key=lambda c: c.pk, reverse=True)
    ]
    assert rows[0]["workspace_name"] == "Acme"
    assert "metadata" not in rows[0]


def test_it_keeps_the_filters_of_the_list_and_says_them_in_the_audit_log(client):
    api_calls(3, workspace_name="Acme")
    api_calls(2, workspace_name="Globex")
    response = signed_in(client, roles.OPERATIONS_ADMIN).post(f"{CALLS}?q=Globex&since=7d")
    assert AuditEvent.objects.filter(action="export.made").count() == 1  # before a line was read
    assert {row["workspace_name"] for row in rows_of(response)} == {"Globex"}
    event = AuditEvent.objects.get(action="export.made")
    assert event.facts == {"export": "api-calls", "filters": "q=Globex&since=7d"}
    assert event.actor_name


def test_the_audit_log_itself_can_be_exported_with_its_hashes(client):
    audit_rows(5)
    rows = rows_of(signed_in(client, roles.AUDITOR).post(AUDIT))
    assert [row["action"] for row in rows].count("export.made") == 5
    assert rows[0]["action"] == "audit.exported"
    assert all(len(row["hash"]) == 64 for row in rows)


@pytest.mark.parametrize(
    ("role", "url"),
    [(roles.OPERATIONS_VIEWER, CALLS), (roles.OPERATIONS_VIEWER, AUDIT), (roles.AUDITOR, CALLS)],
)
def test_others_get_nothing_and_leave_no_row(role, url, client):
    assert signed_in(client, role).post(url).status_code == 403
    assert not AuditEvent.objects.filter(action__in=["export.made", "audit.exported"]).exists()


def test_a_link_cannot_set_an_export_off(client):
    assert signed_in(client, roles.OPERATIONS_ADMIN).get(CALLS).status_code == 405


def test_rows_are_fetched_in_slices_by_key(client):
    api_calls(10)
    with CaptureQueriesContext(connection) as queries:
        rows = list(in_slices(ApiCall.objects.all(), ("created_at", "id"), size=3))
    assert len(rows) == len({row.pk for row in rows}) == 10
    assert [row.pk for row in rows] == sorted((row.pk for row in rows), reverse=True)
    assert len(queries) == 4
    assert all("OFFSET" not in query["sql"] for query in queries)


def test_a_full_last_slice_ends_the_export():
    api_calls(6)
    assert len(list(in_slices(ApiCall.objects.all(), ("created_at", "id"), size=3))) == 6
    assert list(in_slices(ApiCall.objects.none(), ("created_at", "id"), size=3)) == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text):
    assert cell(text) == f"'{text}"
    assert cell("plain") == "plain"
    assert cell(None) == ""
