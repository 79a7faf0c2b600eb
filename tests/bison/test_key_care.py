"""Coverage, where a key is used, leaks, revoking, and what runs out."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bison.keys import coverage, entering, expiry, key_for, leaks, revoking, usage
from bison.keys.bulk_making import without_key
from bison.models import Instance, Workspace
from bison.session import session
from core.models import AlertChannel, AlertDelivery, AuditEvent, Incident
from core.signin import roles
from tests.bison import cast
from tests.bison.stand_in import LONG_RUN
from tests.support import people
from tests.support.people import assert_error, client_of


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay):
    return cast.instance(bison_vendor)


def test_coverage_counts_each_instance_and_all_in_one_query(maverick, bison_vendor):
    long_run = cast.instance(bison_vendor, LONG_RUN)
    for number in (3, 4):
        cast.workspace(maverick, number, bison_vendor)
    cast.workspace(maverick, 2)
    cast.workspace(
        maverick, 6, bison_vendor, bison_api_key_expires_at=timezone.now() - timedelta(days=1)
    )
    cast.workspace(maverick, 46, gone_at=timezone.now())
    cast.workspace(long_run, 2)
    with CaptureQueriesContext(connection) as asked:
        rows = coverage.coverage()
    assert len(asked) == 1
    viewer = client_of(people.staff(roles.OPERATIONS_VIEWER))
    assert viewer.get("/api/bison/coverage").json() == [
        {
            "instance": "long-run",
            "total": 1,
            "with_key": 0,
            "without_key": 1,
            "coverage_percent": 0,
        },
        {
            "instance": "maverick",
            "total": 4,
            "with_key": 2,
            "without_key": 2,
            "coverage_percent": 50,
        },
        {"instance": "TOTAL", "total": 5, "with_key": 2, "without_key": 3, "coverage_percent": 40},
    ]
    assert [row.instance for row in rows] == ["long-run", "maverick", "TOTAL"]
    assert {row.workspace_name for row in without_key()} == {
        "Outpost Team",
        "Cobalt Dental",
        "Long Run Team",
    }
    assert_error(client_of(people.staff(roles.AUDITOR)).get("/api/bison/coverage"), 403)


def test_where_a_key_is_used_is_told_from_the_log_of_calls(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    birch = cast.workspace(maverick, 4)
    assert usage.where_used(birch).total == 0
    for number in range(3):
        with session(aspen, function_name="sync", triggered_by="clock") as at:
            at.get("/sender-emails", params={"page": str(number + 1)})
    found = usage.where_used(aspen)
    assert [(each.workspace_name, each.function_name, each.calls) for each in found.calls] == [
        ("Aspen Labs", "sync", 3)
    ]
    assert (found.workspaces, found.total, found.last_call_at is not None) == (
        ["Aspen Labs"],
        3,
        True,
    )


def test_a_leaked_key_is_replaced_and_where_it_was_used_is_kept(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    with session(aspen, function_name="sync", triggered_by="clock") as at:
        at.get("/sender-emails")
    report = leaks.replace_leaked(aspen, actor="ops")
    assert (report.success, report.usage.functions) == (True, ["sync"])
    assert "delete the one that leaked" in report.outcomes[0].message
    aspen.refresh_from_db()
    assert aspen.bison_api_key.reveal() != bison_vendor.key(3)
    event = AuditEvent.objects.get(action="bison.key_leaked")
    assert (event.facts["replaced"], event.facts["used"]["functions"]) == (True, ["sync"])
    assert bison_vendor.key(3) not in str(event.facts)


def test_where_no_new_key_can_be_made_the_leaked_one_stays_and_that_is_told(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    bison_vendor.turn(revoked=[bison_vendor.admin()])
    report = leaks.replace_leaked(aspen, actor="ops")
    assert not report.success
    assert "still in use" in report.outcomes[0].message
    aspen.refresh_from_db()
    assert aspen.bison_api_key.reveal() == bison_vendor.key(3)


def test_a_revoked_key_is_used_no_more_and_the_vendor_has_to_be_told_by_a_person(
    maverick, bison_vendor
):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    entering.enter(aspen, "999|thisKeyIsWellFormedAndUnknown00000001", actor="ops")
    message = revoking.revoke(aspen, actor="ops")
    assert "delete" in message
    assert "super-admin key" in message
    assert (aspen.bison_api_key, aspen.next_api_key, aspen.bison_api_key_status) == (
        None,
        None,
        "revoked",
    )
    assert key_for(aspen).is_shared
    with pytest.raises(ValidationError):
        revoking.revoke(aspen, actor="ops")
    with pytest.raises(ValidationError):
        leaks.replace_leaked(aspen, actor="ops")


def test_keys_past_their_end_are_used_no_more_and_people_hear_of_it_before(maverick, bison_vendor):
    now = timezone.now()
    aspen = cast.workspace(
        maverick, 3, bison_vendor, bison_api_key_expires_at=now + timedelta(days=10)
    )
    birch = cast.workspace(
        maverick, 4, bison_vendor, bison_api_key_expires_at=now + timedelta(days=40)
    )
    assert expiry.look()["ends_soon"] == 1
    assert expiry.look()["ends_soon"] == 1
    incident = Incident.objects.get()
    assert (incident.severity, incident.times_seen) == ("warning", 2)
    assert "Aspen Labs" in incident.headline

    assert expiry.look(now + timedelta(days=11))["expired"] == 1
    assert expiry.look(now + timedelta(days=11))["expired"] == 0
    aspen.refresh_from_db()
    birch.refresh_from_db()
    assert (aspen.bison_api_key_status, birch.bison_api_key_status) == ("expired", "active")
    assert Incident.objects.get().severity == "critical"
    assert AuditEvent.objects.filter(action="bison.key_expired").count() == 1

    entering.enter(aspen, bison_vendor.key(3), actor="ops", expires_at=now + timedelta(days=400))
    assert aspen.bison_api_key_status == "active"
    expiry.look(now + timedelta(days=11))
    assert Incident.objects.get().closed_at is not None


def opened():
    return set(Incident.objects.filter(closed_at=None).values_list("cause", flat=True))


def transitions(incident):
    alerts = AlertDelivery.objects.filter(incident=incident).order_by("created_at")
    return list(alerts.values_list("transition", flat=True))


def test_two_hundred_keys_that_end_are_one_incident_and_one_alert_for_each_instance(
    maverick, bison_vendor
):
    AlertChannel.objects.create(name="Ops", kind="email", target="ops@example.com")
    now = timezone.now()
    long_run = cast.instance(bison_vendor, LONG_RUN)
    for instance, many in ((maverick, 200), (long_run, 2)):
        Workspace.objects.bulk_create(
            Workspace(
                instance=instance,
                bison_workspace_id=number,
                workspace_name=f"{instance.name} {number}",
                bison_api_key=f"{number}|a-well-formed-key-of-no-value-{number:08d}",
                bison_api_key_status=Workspace.KeyStatus.ACTIVE,
                bison_api_key_expires_at=now + timedelta(days=5, hours=number),
            )
            for number in range(1, many + 1)
        )
    alone = {f"bison_key_expiry:{pk}" for pk in long_run.workspaces.values_list("pk", flat=True)}
    with CaptureQueriesContext(connection) as asked:
        assert expiry.look(now)["ends_soon"] == 202
    assert len(asked) < 80
    assert opened() == {"bison_key_expiries:maverick", *alone}
    incident = Incident.objects.get(cause="bison_key_expiries:maverick")
    assert (incident.severity, len(incident.affected), incident.facts["ending"]) == (
        "warning",
        200,
        200,
    )
    expiry.look(now)
    assert transitions(incident) == ["opened"]

    # What ends one after another worsens it once.
    for days in (6, 7, 9):
        expiry.look(now + timedelta(days=days))
    incident.refresh_from_db()
    assert (incident.severity, incident.facts["ending"] + incident.facts["ended"]) == (
        "critical",
        200,
    )
    assert transitions(incident) == ["opened", "worsened"]

    renewed = Workspace.objects.filter(instance=maverick)
    renewed.filter(bison_workspace_id__gt=1).update(
        bison_api_key_expires_at=now + timedelta(days=400)
    )
    expiry.look(now + timedelta(days=10))
    assert opened() == {"bison_key_expiries:maverick", *alone}
    renewed.update(bison_api_key_expires_at=now + timedelta(days=400))
    expiry.look(now + timedelta(days=10))
    assert opened() == alone
    assert transitions(incident) == ["opened", "worsened", "closed"]


def test_an_instance_is_to_get_a_new_key_each_quarter(maverick):
    now = timezone.now()
    assert expiry.look(now)["rotation_due"] == 0
    maverick.refresh_from_db()
    assert maverick.rotation_due_at == now + timedelta(days=91)
    assert expiry.look(now + timedelta(days=92))["rotation_due"] == 1
    assert "Maverick" in Incident.objects.get().headline
    Instance.objects.update(rotation_due_at=now + timedelta(days=200))
    expiry.look(now + timedelta(days=92))
    assert Incident.objects.get().closed_at is not None
    assert Workspace.objects.count() == 0
