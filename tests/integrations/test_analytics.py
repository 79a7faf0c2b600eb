"""How integrations did in a span of days, and what a person might connect next."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.connections import Connection
from core.ids import uuid7
from core.models import ApiCall, VendorAccount
from crm.models import Organization
from integrations import services
from integrations.models import Integration
from tests.integrations.conftest import API, connected
from tests.integrations.toys import integration_of
from tests.support import people
from tests.toy.service import Service

pytestmark = pytest.mark.django_db

NUMBERS = {"calls": 0, "succeeded": 0, "failed": 0, "successRate": None, "p50": None, "p95": None}


def called(
    integration: Integration, day: date, *, took: int = 100, success: bool | None = True
) -> None:
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    ApiCall.objects.create(
        id=uuid7(),
        created_at=moment,
        vendor="toybox",
        integration_id=integration.pk,
        endpoint="/me",
        method="GET",
        status_code=200 if success else 503,
        response_time_ms=took,
        success=success,
    )


@pytest.fixture
def today() -> date:
    return timezone.now().date()


def test_calls_are_counted_by_day_and_by_integration(northwind: Organization, today: date) -> None:
    closer = people.member("CLOSER", northwind, "closer")
    busy, quiet = (
        integration_of(closer, northwind, name="Busy"),
        integration_of(closer, northwind, name="Quiet"),
    )
    yesterday = today - timedelta(days=1)
    for day in (yesterday, today):
        for number in range(3):
            called(busy, day, success=number != 0)
    called(busy, today, success=None)
    called(quiet, today, took=2000)
    answer = people.client_of(closer).get(f"{API}/analytics?from={yesterday}&to={today}").json()
    assert (answer["from"], answer["to"]) == (str(yesterday), str(today))
    assert answer["total"]["calls"] == 8
    assert (answer["total"]["succeeded"], answer["total"]["failed"]) == (5, 2)
    assert answer["total"]["successRate"] == 71.4
    assert [(day["day"], day["calls"]) for day in answer["days"]] == [
        (str(yesterday), 3),
        (str(today), 5),
    ]
    assert [share["name"] for share in answer["integrations"]] == ["Busy", "Quiet"]
    assert answer["integrations"][0]["numbers"]["calls"] == 7
    assert 1800 < answer["integrations"][1]["numbers"]["p95"] < 2200


def test_without_calls_nothing_is_claimed(
    northwind: Organization, closer: Any, today: date
) -> None:
    answer = closer.get(f"{API}/analytics").json()
    assert answer["total"] == NUMBERS
    assert len(answer["days"]) == 30
    assert (answer["days"][-1]["day"], answer["integrations"]) == (str(today), [])


def test_a_long_span_is_cut_and_a_wrong_day_is_refused(closer: Any) -> None:
    answer = closer.get(f"{API}/analytics?from=2020-01-01&to=2026-03-31").json()
    assert (answer["from"], len(answer["days"])) == ("2026-01-01", 90)
    assert closer.get(f"{API}/analytics?from=soon").status_code == 400
    assert closer.get(f"{API}/analytics?to=").status_code == 400
    assert closer.get(f"{API}/analytics?form=2026-01-01").status_code == 400
    assert closer.get(f"{API}/analytics?from=2026-02-01&to=2026-01-01").status_code == 400
    assert closer.get(f"{API}/analytics?from=2999-01-01").status_code == 400
    assert len(closer.get(f"{API}/analytics?from=0001-01-01&to=0001-01-02").json()["days"]) == 2
    assert len(closer.get(f"{API}/analytics?to=9999-12-31").json()["days"]) == 30


def test_nobody_else_s_calls_are_counted(northwind: Organization, closer: Any, today: date) -> None:
    other = people.member("CLOSER", northwind, "other")
    called(integration_of(other, northwind), today)
    assert closer.get(f"{API}/analytics").json()["total"] == NUMBERS


def test_the_number_of_queries_does_not_grow(
    northwind: Organization, today: date, django_assert_num_queries: Any
) -> None:
    closer = people.member("CLOSER", northwind, "closer")
    for number in range(12):
        called(integration_of(closer, northwind, name=f"Toys {number}"), today)
    client = people.client_of(closer)
    with django_assert_num_queries(5):
        assert client.get(f"{API}/analytics").json()["total"]["calls"] == 12


def test_what_works_for_colleagues_is_recommended(
    toybox: Service, northwind: Organization, closer: Any
) -> None:
    assert closer.get(f"{API}/recommendations").json() == []
    for username in ("ann", "ben"):
        integration_of(
            people.member("SETTER", northwind, username), northwind, name=f"Of {username}"
        )
    # Nobody has seen them work.
    assert closer.get(f"{API}/recommendations").json() == []
    VendorAccount.objects.filter(vendor="toybox").update(state=Connection.CONNECTED)
    (found,) = closer.get(f"{API}/recommendations").json()
    assert found == {
        "provider": "TOYBOX",
        "name": "Toybox",
        "type": "CRM",
        "colleagues": 2,
        "shared": None,
    }
    shared = Integration.objects.get(name="Of ben")
    services.share(shared, is_shared=True, actor=shared.owner)
    (found,) = closer.get(f"{API}/recommendations").json()
    assert found["shared"] == {"id": str(shared.pk), "name": "Of ben"}
    connected(closer, toybox)
    assert closer.get(f"{API}/recommendations").json() == []


def test_another_organization_s_services_are_not_recommended(
    northwind: Organization, closer: Any
) -> None:
    contoso = people.organization(name="Contoso Growth", tier="PRO_PLUS")
    integration_of(people.member("SETTER", contoso, "other"), contoso)
    VendorAccount.objects.filter(vendor="toybox").update(state=Connection.CONNECTED)
    assert closer.get(f"{API}/recommendations").json() == []
