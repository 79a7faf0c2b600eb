"""The admin's home page: real numbers, cheap ones, and words where there is nothing yet."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import incidents
from core.admin import home
from core.models import ApiCall, InboundEvent, Run
from core.signin import roles
from tests.support.people import staff
from tests.support.rows import api_calls, deliveries

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)


def page(client, role=roles.OPERATIONS_ADMIN):
    client.force_login(staff(role), backend="core.signin.Backend")
    response = client.get("/admin/")
    assert response.status_code == 200
    return response


def test_an_empty_house_says_what_will_be_where(client):
    text = page(client).content.decode()
    assert "Nothing is wrong." in text
    assert "Nothing has run yet." in text
    assert "No vendor has been asked for anything in the last 24 hours." in text


def test_it_shows_health_incidents_runs_deliveries_and_calls(client):
    incidents.observe("a", ok=False, title="A small thing")
    incidents.observe("b", ok=False, title="A grave thing", severity="critical")
    Run.objects.create(kind="fathom.sync", state="running", progress_done=42, progress_total=100)
    deliveries(3, processing_status="processed")
    deliveries(2, processing_status="failed")
    deliveries(1, processing_status="pending")
    deliveries(4, processing_status="ignored")
    api_calls(9)
    failed, neutral, *_good = ApiCall.objects.all()
    ApiCall.objects.filter(pk=failed.pk).update(success=False)
    ApiCall.objects.filter(pk=neutral.pk).update(success=None)
    context = page(client).context
    assert [part["name"] for part in context["health"]] == [
        "Database",
        "Encryption keys",
        "Queue",
        "Worker",
        "Timetable",
    ]
    assert [incident.title for incident in context["incidents"]] == [
        "A grave thing",
        "A small thing",
    ]
    [row] = context["runs"]
    assert row["run"].kind == "fathom.sync"
    assert 'value="42"' in row["how_far"]
    found = {row["status"]: row["count"] for row in context["deliveries"]}
    assert found == {"processed": 3, "failed": 2, "pending": 1, "ignored": 4}
    calls = context["calls"]
    assert (calls["total"], calls["neutral"], calls["bad"], calls["share"]) == (9, 1, 1, "77.8")


def test_a_run_without_a_known_end_says_what_it_did_and_no_nought(client):
    counts = {"processed": 1590, "pages": 159}
    run = Run.objects.create(kind="fathom.sync", state="succeeded", counts=counts)
    words = "Meetings looked at: 1,590 · Pages read: 159"
    assert words in page(client).content.decode()
    for address in ("/admin/core/run/", f"/admin/core/run/{run.pk}/change/"):
        assert words in client.get(address).content.decode(), address
    Run.objects.update(state="failed", progress_done=100, progress_total=100)
    assert 'value="99"' in client.get("/admin/core/run/").content.decode()


def test_hours_that_are_over_are_counted_once(client):
    with time_machine.travel(NOW, tick=False):
        for back in (0, 1, 5, 30):
            (call,) = api_calls(1)
            ApiCall.objects.filter(pk=call.pk).update(created_at=NOW - timedelta(hours=back))
        first = home.calls_by_hour(NOW)
        assert (len(first), sum(hour["good"] for hour in first.values())) == (24, 3)
        with CaptureQueriesContext(connection) as queries:
            assert home.calls_by_hour(NOW) == first
        (sql,) = [query["sql"] for query in queries]
        assert "'2026-11-21 15:00:00+00:00'" in sql  # the hour that runs, no older one
        cache.clear()
        assert home.calls_by_hour(NOW) == first


def test_an_hour_is_final_only_when_the_last_batch_of_its_log_has_come():
    with time_machine.travel(NOW, tick=False):
        early = NOW.replace(minute=5)
        home.calls_by_hour(early)
        (call,) = api_calls(1)
        ApiCall.objects.filter(pk=call.pk).update(created_at=NOW.replace(hour=14, minute=59))
        assert sum(hour["good"] for hour in home.calls_by_hour(early).values()) == 1


def test_a_delivery_that_is_replayed_moves_from_failed_to_processed():
    (event,) = deliveries(1, processing_status="failed")
    now = event.received_at + timedelta(hours=3)
    assert {row["status"]: row["count"] for row in home.deliveries_today(now)}["failed"] == 1
    InboundEvent.objects.update(processing_status="processed")
    found = {row["status"]: row["count"] for row in home.deliveries_today(now)}
    assert found == {"processed": 1, "failed": 0, "pending": 0, "ignored": 0}


def test_a_number_that_takes_too_long_is_left_out(monkeypatch):
    monkeypatch.setattr(home, "LONGEST_LOOK_MS", 20)

    def slow():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")

    assert home._in_time(slow) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the connection is good afterwards
        assert cursor.fetchone() == (1,)


def test_the_page_costs_a_fixed_number_of_queries(client):
    for _number in range(8):
        Run.objects.create(
            kind="k",
        )
        incidents.observe(str(_number), ok=False, title="Broken")
    page(client)
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/")
    assert len(queries) <= 24, [query["sql"][:90] for query in queries]


def test_an_auditor_sees_the_page_and_navigation_of_his_role(client):
    text = page(client, roles.AUDITOR).content.decode()
    assert "/admin/core/auditevent/" in text
    assert "/admin/core/auditevent/" not in page(client, roles.OPERATIONS_VIEWER).content.decode()


def test_every_later_apps_tables_find_their_way_into_the_navigation(client, monkeypatch):
    monkeypatch.delitem(home.site.PAGES, "Now")
    assert "/admin/core/apicall/" in page(client).content.decode()
