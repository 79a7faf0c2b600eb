"""The round: each integration is tested, and what is wrong is one incident for each cause."""

import pytest
from django.utils import timezone

from core import runs
from core.models import Incident, Run, User, Watch
from crm.models import Organization
from integrations import health, naming, services
from integrations.health.round import in_turn
from integrations.models import Integration
from tests.integrations.toys import integration_of
from tests.support import people
from tests.toy.service import Service

pytestmark = pytest.mark.django_db(transaction=True)


def owner_in(organization: Organization) -> User:
    return people.member("CLOSER", organization, f"closer-{str(organization.pk)[:8]}")


def round_() -> Run:
    run = health.start(trigger="test").run
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def opened() -> list[Incident]:
    return list(Incident.objects.filter(closed_at=None).order_by("opened_at"))


def connect(
    service: Service, organization: Organization, count: int, **values: str
) -> list[Integration]:
    owner = owner_in(organization)
    return [
        integration_of(owner, organization, name=f"Toys {number:02}", baseUrl=service.url, **values)
        for number in range(count)
    ]


def test_each_that_is_switched_on_is_tested_and_the_counts_add_up(
    toybox: Service, northwind: Organization
) -> None:
    first, second, off = connect(toybox, northwind, 3)
    Integration.objects.filter(pk=off.pk).update(is_active=False)
    second.account.secrets.all().delete()
    run = round_()
    assert (run.state, run.counts["asked"], run.outcomes) == (
        "succeeded",
        2,
        {"working": 1, "failed": 1},
    )
    first.account.refresh_from_db()
    off.account.refresh_from_db()
    assert (first.account.state, off.account.last_checked_at) == ("connected", None)
    assert not opened()


def test_an_outage_of_a_host_is_one_incident_after_two_rounds(
    toybox: Service, northwind: Organization
) -> None:
    connect(toybox, northwind, 12)
    toybox.status = 503
    first = round_()
    assert first.outcomes == {"no_answer": 12}
    assert not opened()
    round_()
    (incident,) = opened()
    assert incident.organization_id == northwind.pk
    assert incident.title == f"{toybox.host} does not answer"
    assert incident.affected == [f"Toys {number:02}" for number in range(12)]
    round_()
    assert opened() == [incident]
    toybox.status = 0
    round_()
    assert opened() == [incident]
    round_()
    assert not opened()
    assert Incident.objects.count() == 1
    assert not Watch.objects.exists()


def test_a_host_that_comes_and_goes_tells_nobody(toybox: Service, northwind: Organization) -> None:
    connect(toybox, northwind, 2)
    for status in (503, 0, 503, 0, 503):
        toybox.status = status
        round_()
    assert not Incident.objects.exists()


def test_two_organizations_of_one_host_each_have_their_own(
    toybox: Service, northwind: Organization
) -> None:
    contoso = people.organization(name="Contoso Growth", tier="PRO_PLUS")
    connect(toybox, northwind, 1)
    connect(toybox, contoso, 1)
    toybox.status = 503
    round_()
    round_()
    assert {incident.organization_id for incident in opened()} == {northwind.pk, contoso.pk}
    assert [incident.affected for incident in opened()] == [["Toys 00"], ["Toys 00"]]


def test_a_refused_key_is_its_own_incident_at_once(
    toybox: Service, northwind: Organization
) -> None:
    connect(toybox, northwind, 2)
    connect_refused = integration_of(
        people.member("SETTER", northwind, "setter"),
        northwind,
        name="Wrong key",
        baseUrl=toybox.url,
        apiKey="toy-key-nobody-knows",
    )
    run = round_()
    assert run.outcomes == {"working": 2, "bad_key": 1}
    (incident,) = opened()
    assert "Wrong key" in incident.title
    services.deactivate(connect_refused, actor=connect_refused.owner)
    assert not opened()


def test_one_that_fails_alone_has_an_incident_alone(
    toybox: Service, northwind: Organization
) -> None:
    rows = connect(toybox, northwind, 3)
    alone = integration_of(
        rows[0].owner, northwind, name="Slow key", baseUrl=toybox.url, apiKey="toy-key-slow"
    )
    toybox.broken = {"toy-key-slow"}
    round_()
    assert not opened()
    round_()
    (incident,) = opened()
    assert incident.cause == naming.cause_of(alone)
    assert "Slow key" in incident.title
    toybox.broken = set()
    toybox.keys.add("toy-key-slow")
    round_()
    assert not opened()


def test_what_is_removed_takes_its_incident_along(toybox: Service, northwind: Organization) -> None:
    (row,) = connect(toybox, northwind, 1)
    toybox.status = 503
    round_()
    round_()
    assert len(opened()) == 1
    services.remove(row, actor=row.owner)
    round_()
    assert not opened()


def test_a_person_who_tests_during_an_outage_opens_nothing(
    toybox: Service, northwind: Organization
) -> None:
    (row,) = connect(toybox, northwind, 1)
    toybox.status = 503
    assert not services.try_stored(row, actor=row.owner).success
    row.account.refresh_from_db()
    assert row.account.state == "error"
    assert not opened()
    assert row.account.last_checked_at <= timezone.now()


def test_one_that_is_switched_off_while_it_is_tried_leaves_no_incident(
    toybox: Service, northwind: Organization
) -> None:
    (refused,) = connect(toybox, northwind, 1, apiKey="toy-key-that-nobody-knows")
    Integration.objects.filter(pk=refused.pk).update(is_active=False)
    # As it was read by the round: still on.
    assert not services.check(refused, by="health").success
    assert opened() == []


def test_nobody_waits_for_all_that_another_organization_has(
    toybox: Service, northwind: Organization
) -> None:
    """Slow hosts of one organization would else keep every other's from being looked at."""
    many = connect(toybox, northwind, 5)
    few = connect(toybox, people.organization("Contoso Growth"), 2)
    assert in_turn([*many, *few]) == [many[0], few[0], many[1], few[1], *many[2:]]
