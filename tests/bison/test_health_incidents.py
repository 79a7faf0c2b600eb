"""One cause is one incident, one alert and one recovery, however many it hits;
flapping tells nobody anything.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bison import health
from bison.client import fingerprint
from bison.health import incidents, subjects
from bison.health.choosing import Asked
from bison.health.incidents import Found
from bison.models import Instance, Workspace
from core import runs
from core.errors import Temporary, VendorError
from core.incidents import maintenance, observe
from core.models import AlertChannel, AlertDelivery, Incident
from core.vendors import Values
from tests.bison import cast
from tests.support import people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def maverick(bison_vendor: Any) -> Instance:
    AlertChannel.objects.create(name="Ops", kind="email", target="ops@example.com")
    return cast.instance(bison_vendor)


def round_() -> None:
    runs.execute(health.start(trigger="test").run.pk)


def alerts() -> list[str]:
    return list(AlertDelivery.objects.order_by("created_at").values_list("transition", flat=True))


def many(of: Instance, vendor: Any, count: int) -> None:
    """So many workspaces, of which half have a key; the stand-in takes one key for all of them."""
    key = vendor.key(3)
    rows = []
    for number in range(count):
        row = Workspace(
            instance=of, bison_workspace_id=10_000 + number, workspace_name=f"Client {number:03}"
        )
        if number % 2:
            row.bison_api_key = key
            row.key_fingerprint = fingerprint(key)
            row.bison_api_key_type, row.bison_api_key_status = "workspace", "active"
        rows.append(row)
    Workspace.objects.bulk_create(rows)


def test_a_dead_instance_over_200_workspaces_is_one_incident_one_alert_one_recovery(
    maverick: Instance, bison_vendor: Any
) -> None:
    many(maverick, bison_vendor, 200)
    bison_vendor.turn(down="maverick")
    for _round in range(5):
        round_()
    incident = Incident.objects.get()
    assert incident.cause == "bison_instance:maverick"
    assert (incident.severity, len(incident.affected), incident.closed_at) == (
        "critical",
        200,
        None,
    )
    assert alerts() == ["opened"]
    failing = Workspace.objects.filter(api_health_status="failing").count()
    assert failing == 200
    maverick.refresh_from_db()
    assert maverick.health_status == "failing"
    bison_vendor.turn(down="")
    # Keys are of another workspace as the stand-in knows them: what matters is that it answers.
    Workspace.objects.exclude(bison_api_key=None).update(bison_api_key_status="revoked")
    for _round in range(3):
        round_()
    incident.refresh_from_db()
    assert incident.closed_at is not None
    assert Incident.objects.filter(cause="bison_instance:maverick").count() == 1
    assert [name for name in alerts() if name == "closed"] == ["closed"]
    maverick.refresh_from_db()
    assert maverick.health_status == "healthy"


def look(
    part: Asked, own: Sequence[VendorError | None], failure: VendorError | None = None
) -> None:
    found = Found(part, was_asked=True, failure=failure)
    found.own = dict(zip(Workspace.objects.order_by("pk"), own, strict=True))
    incidents.settle([found])


@pytest.fixture
def part(maverick: Instance, bison_vendor: Any) -> Asked:
    for number in (3, 6, 8, 12, 14, 2):
        cast.workspace(maverick, number)
    return Asked(maverick, Values({}))


BAD = Temporary("email-bison")


def test_a_workspace_that_flaps_tells_nobody(part: Asked) -> None:
    for number in range(12):
        look(part, [BAD if number % 2 else None, *[None] * 5])
    assert not Incident.objects.exists()


def test_a_workspace_opens_after_two_rounds_and_closes_after_two(part: Asked) -> None:
    seen = []
    for failure in (BAD, BAD, BAD, None, BAD, None, None):
        look(part, [failure, *[None] * 5])
        seen.append(Incident.objects.filter(closed_at=None).count())
    assert seen == [0, 1, 1, 1, 1, 1, 0]
    assert alerts() == ["opened", "closed"]


def test_it_is_critical_from_the_moment_that_its_calls_keep_failing(part: Asked) -> None:
    workspace = Workspace.objects.order_by("pk")[0]
    look(part, [BAD, *[None] * 5])
    look(part, [BAD, *[None] * 5])
    assert Incident.objects.get().severity == "warning"
    Workspace.objects.filter(pk=workspace.pk).update(api_health_status="failing")
    look(part, [BAD, *[None] * 5])
    assert Incident.objects.get().severity == "critical"
    assert alerts() == ["opened", "worsened"]


def test_most_that_fail_alike_are_the_instances(part: Asked) -> None:
    look(part, [BAD] * 4 + [None] * 2)
    look(part, [BAD] * 4 + [None] * 2)
    incident = Incident.objects.get()
    assert (incident.cause, len(incident.affected)) == ("bison_instance:maverick", 4)
    # While it is not over yet, what is left of it is not told for each workspace.
    look(part, [BAD, *[None] * 5])
    look(part, [BAD, *[None] * 5])
    assert list(Incident.objects.filter(closed_at=None)) == []
    assert Incident.objects.count() == 1


def test_half_of_them_are_not_most(part: Asked) -> None:
    look(part, [BAD] * 3 + [None] * 3)
    look(part, [BAD] * 3 + [None] * 3)
    assert {incident.cause.partition(":")[0] for incident in Incident.objects.all()} == {
        "bison_workspace"
    }


def test_a_workspace_that_went_away_takes_its_incident_along(part: Asked) -> None:
    look(part, [BAD, *[None] * 5])
    look(part, [BAD, *[None] * 5])
    workspace = Workspace.objects.order_by("pk")[0]
    Workspace.objects.filter(pk=workspace.pk).delete()
    look(part, [None] * 5)
    assert not Incident.objects.filter(closed_at=None).exists()


def test_maintenance_of_an_instance_covers_a_workspace_that_comes_later(
    maverick: Instance, bison_vendor: Any
) -> None:
    staff = people.person(is_staff=True, is_superuser=True)
    now = timezone.now()
    subject = next(each for each in subjects.instances(staff) if each.key == maverick.slug)
    times = {"starts": now, "ends": now + timedelta(hours=1)}
    maintenance.plan(subject, organization_id=None, **times, reason="Moves", actor=staff)
    late = cast.workspace(maverick, 9, bison_vendor)
    for_it = f"{incidents.OF_WORKSPACE}{late.pk}"
    for cause in (for_it, f"{incidents.OF_INSTANCE}another"):
        observe(cause, ok=False, title="It is broken")
    assert list(AlertDelivery.objects.values_list("incident__cause", flat=True)) == [
        "bison_instance:another"
    ]
