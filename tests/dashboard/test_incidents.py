"""Incidents on their pages: who sees and does what, what the badge counts, history,
maintenance and uptime.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from core import incidents
from core.models import Incident, MaintenanceWindow
from crm.models import Organization
from tests.dashboard.conftest import make_incident, signed_in
from tests.support import people

pytestmark = pytest.mark.django_db


def page_of(client: Client, address: str = "/incidents") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def over(title: str, of: Organization, *, ago: int = 3, lasted: int = 12) -> Incident:
    closed = timezone.now() - timedelta(minutes=ago)
    opened = closed - timedelta(minutes=lasted)
    return make_incident(title, of, opened_at=opened, last_seen_at=closed, closed_at=closed)


def test_everybody_sees_theirs_and_those_who_run_nothing_have_no_such_page(
    ceo: Client, closer: Client, ops: Client, northwind: Organization, contoso: Organization
):
    ours, theirs = (
        make_incident("Our key expires", northwind),
        make_incident("Their key expires", contoso),
    )
    make_incident("The house is slow")
    make_incident(
        "Fathom is away", for_everybody="Your agency looks after it.", affected=["Contoso's key"]
    )
    page, staff = page_of(ceo), page_of(ops)
    assert "Our key expires" in page
    assert "Your agency looks after it." in page
    assert all(
        word not in page for word in ("Their key expires", "The house is slow", "Contoso's key")
    )
    assert all(
        word in staff
        for word in ("Our key expires", "Their key expires", "The house is slow", "Contoso")
    )
    assert ceo.get(f"/incidents/{ours.pk}").status_code == 200
    for address in (f"/incidents/{theirs.pk}", f"/incidents/{theirs.pk}/acknowledge"):
        assert ceo.post(address).status_code in (404, 405)
    for address in (
        "/incidents",
        "/incidents/uptime",
        "/incidents/maintenance",
        f"/incidents/{ours.pk}",
    ):
        assert closer.get(address).status_code == 404


def test_the_worst_stand_first_and_those_that_somebody_looks_after_last(
    ceo: Client, northwind: Organization
):
    make_incident("A warning", northwind)
    make_incident("A bad thing", northwind, severity="critical")
    taken = make_incident(
        "In good hands", northwind, severity="critical", acknowledged_at=timezone.now()
    )
    over("It was slow", northwind)
    answer = ceo.get("/incidents")
    assert [row.incident.title for row in answer.context["open_rows"]] == [
        "A bad thing",
        "A warning",
        taken.title,
    ]
    page = answer.content.decode()
    assert "3 minutes ago" in page
    assert "12 min 0 s" in page


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("state=open", {"Open"}),
        ("state=acknowledged", {"Taken"}),
        ("state=snoozed", {"Asleep"}),
        ("state=closed", {"Over"}),
        ("severity=critical", {"Taken"}),
        ("source=fathom", {"Open"}),
        ("search=asl", {"Asleep"}),
        ("search=Berlin", {"Over"}),
    ],
)
def test_the_filters(query: str, seen: set[str], ceo: Client, northwind: Organization):
    now = timezone.now()
    make_incident("Open", northwind, cause="fathom_account:1")
    make_incident("Taken", northwind, acknowledged_at=now, severity="critical")
    make_incident("Asleep", northwind, snoozed_until=now + timedelta(hours=1))
    make_incident("Over", northwind, closed_at=now, affected=["Berlin"])
    page = page_of(ceo, f"/incidents?{query}")
    listed = {title for title in ("Open", "Taken", "Asleep", "Over") if f">{title}</a>" in page}
    assert listed == seen


def test_acknowledging_names_who_did_and_takes_it_off_the_badge(
    ceo: Client, northwind: Organization
):
    incident = make_incident("Our key expires", northwind)
    assert 'tone-bad">' in page_of(ceo, "/runs")
    answer = ceo.post(
        f"/incidents/{incident.pk}/acknowledge", {"note": "Asked the vendor", "next": "/incidents"}
    )
    assert answer["Location"] == "/incidents"
    incident.refresh_from_db()
    assert (incident.state, incident.note, incident.acknowledged_by.username) == (
        "acknowledged",
        "Asked the vendor",
        "ceo",
    )
    assert "nav-count" not in page_of(ceo, "/runs")
    page = page_of(ceo, f"/incidents/{incident.pk}")
    assert "Asked the vendor" in page
    assert "Acknowledged" in page
    manager = signed_in(people.member("MANAGER", northwind, "manager"))
    again = manager.post(f"/incidents/{incident.pk}/acknowledge", follow=True).content.decode()
    assert "ceo acknowledged this just now" in again


def test_snoozing_for_a_while_until_a_time_and_waking(ceo: Client, northwind: Organization):
    incident = make_incident("Our key expires", northwind)
    for form, hours in (({"choice": "4h"}, 4), ({"choice": "1h"}, 1)):
        ceo.post(f"/incidents/{incident.pk}/snooze", form)
        incident.refresh_from_db()
        assert abs(incident.snoozed_until - timezone.now() - timedelta(hours=hours)) < timedelta(
            minutes=1
        )
    ceo.post(f"/incidents/{incident.pk}/snooze", {"choice": "wake"})
    incident.refresh_from_db()
    assert incident.snoozed_until is None
    past = ceo.post(
        f"/incidents/{incident.pk}/snooze",
        {"choice": "at", "until": "2020-01-01T10:00"},
        follow=True,
    )
    assert "Choose a time that lies ahead." in past.content.decode()
    assert [note.kind for note in incident.notes.all()] == ["snoozed", "snoozed", "woken"]


def test_staff_who_may_only_look_and_members_of_what_hits_everybody_press_nothing(
    ceo: Client, northwind: Organization
):
    incident = make_incident("Fathom is away", for_everybody="Your agency looks after it.")
    viewer = signed_in(people.staff("Operations viewer"))
    for client in (ceo, viewer):
        assert "Acknowledge</span>" not in page_of(client)
        assert client.post(f"/incidents/{incident.pk}/acknowledge").status_code == 403
        assert client.post(f"/incidents/{incident.pk}/snooze", {"choice": "1h"}).status_code == 403
    assert viewer.get("/incidents/maintenance/new").status_code == 403


def test_the_list_and_the_badge_ask_the_database_as_often_for_twenty_as_for_one(
    ceo: Client, ops: Client, northwind: Organization, django_assert_num_queries
):
    for number in range(20):
        if number in (1, 19):
            for client, count in ((ceo, 11), (ops, 12)):
                with django_assert_num_queries(count):
                    client.get("/incidents")
        make_incident(f"Number {number}", northwind)
        over(f"Over {number}", northwind)


def test_the_badge_says_how_many_wait_for_somebody(ceo: Client, northwind: Organization):
    assert 'class="nav-count' not in page_of(ceo, "/settings/profile")
    incidents.observe("a cause", ok=False, title="It is slow", organization_id=northwind.pk)
    assert 'class="nav-count' in page_of(ceo, "/settings/profile")


def test_an_owner_plans_maintenance_of_the_own_organization_and_ends_it(
    ceo: Client, northwind: Organization
):
    form = page_of(ceo, "/incidents/maintenance/new")
    assert f"organization|{northwind.pk}" in form
    assert "installation|" not in form
    values = {
        "subject": f"organization|{northwind.pk}",
        "starts": "2020-01-01T10:00",
        "ends": "2020-01-01T09:00",
    }
    refused = ceo.post("/incidents/maintenance/new", values | {"reason": "Moves"}).content.decode()
    assert "The end must be after the beginning." in refused
    now = timezone.localtime(timezone=ZoneInfo("Europe/Amsterdam"))
    times = {
        "starts": f"{now:%Y-%m-%dT%H:%M}",
        "ends": f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}",
    }
    ceo.post(
        "/incidents/maintenance/new",
        {"subject": f"organization|{northwind.pk}", **times, "reason": "Moves"},
    )
    window = MaintenanceWindow.objects.get()
    assert (window.organization_id, window.state, window.made_by.username) == (
        northwind.pk,
        "running",
        "ceo",
    )
    incidents.observe("anything", ok=False, title="It is slow", organization_id=northwind.pk)
    assert "In maintenance" in page_of(ceo)
    ceo.post(f"/incidents/maintenance/{window.pk}", {**times, "reason": "Moves to Berlin"})
    assert "Moves to Berlin" in page_of(ceo, "/incidents/maintenance")
    ceo.post(f"/incidents/maintenance/{window.pk}/end")
    window.refresh_from_db()
    assert window.state == "over"
    assert "Save</span>" not in page_of(ceo, f"/incidents/maintenance/{window.pk}")


def test_notifications_are_switches_and_kept(ceo: Client, closer: Client):
    page = page_of(ceo, "/settings/notifications")
    assert page.count('type="checkbox"') == 3
    assert page.count(" checked") == 1
    ceo.post("/settings/notifications", {"daily_summary": "on"})
    page = page_of(ceo, "/settings/notifications")
    assert page.count(" checked") == 1
    assert 'name="daily_summary"' in page
    assert closer.get("/settings/notifications").status_code == 404


def test_a_day_among_the_facts_is_said_in_the_readers_words(ops: Client):
    incident = make_incident("Dry soon", facts={"day": "2019-12-01", "name": "2026-13-45"})
    page = page_of(ops, f"/incidents/{incident.pk}")
    assert "1 December 2019" in page
    assert "2026-13-45" in page
    assert "2019-12-01" not in page
