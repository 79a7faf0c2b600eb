"""How many workspaces are well, and how calls go by the hour, by the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from bison.models import Workspace
from core.models import ApiCall, User
from core.signin import roles
from tests.bison import cast
from tests.support.people import staff
from tests.support.rows import id_at

SUMMARY, SERIES = "/api/bison/health/summary", "/api/bison/health/series"


@pytest.fixture
def viewer(db: None) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(pk=staff(roles.OPERATIONS_VIEWER).pk))
    return client


def test_the_summary_counts_each_state_with_its_share(viewer: APIClient, bison_vendor: Any) -> None:
    maverick = cast.instance(bison_vendor)
    for number, state in ((2, "healthy"), (3, "healthy"), (6, "failing")):
        cast.workspace(
            maverick, number, bison_vendor if number == 3 else None, api_health_status=state
        )
    cast.workspace(maverick, 8, api_health_status="failing", gone_at=datetime.now(UTC))
    assert viewer.get(SUMMARY).json() == {
        "total": 3,
        "healthy": {"count": 2, "percent": 66.6},
        "degraded": {"count": 0, "percent": 0.0},
        "failing": {"count": 1, "percent": 33.3},
        "unknown": {"count": 0, "percent": 0.0},
        "by_shared_key": {"count": 2, "percent": 66.6},
    }


def test_without_workspaces_there_is_nothing_to_divide_by(viewer: APIClient) -> None:
    assert viewer.get(SUMMARY).json()["healthy"] == {"count": 0, "percent": 0.0}


def test_the_series_has_every_hour_and_their_sum(viewer: APIClient) -> None:
    now = datetime.now(UTC)
    for hours, success in ((0, True), (0, False), (2, True), (30, False)):
        at = now - timedelta(hours=hours)
        ApiCall.objects.create(
            id=id_at(at), created_at=at, vendor="email-bison", workspace_name="Aspen Labs",
            endpoint="/users", method="GET", status_code=200 if success else 500, success=success,
            response_time_ms=100,
        )  # fmt: skip
    body = viewer.get(SERIES, {"workspace": "Aspen Labs"}).json()
    assert (body["workspace"], body["hours"], len(body["results"])) == ("Aspen Labs", 24, 24)
    assert body["total"] | {"p50": None, "p95": None} == {
        "calls": 3, "failures": 1, "success_rate": 66.6, "p50": None, "p95": None,
    }  # fmt: skip
    assert body["total"]["p50"] == pytest.approx(100, rel=0.1)
    assert [hour["calls"] for hour in body["results"][-3:]] == [1, 0, 2]
    assert viewer.get(SERIES, {"workspace": "Nobody"}).json()["total"]["calls"] == 0
    assert viewer.get(SERIES, {"hours": "48"}).json()["total"]["calls"] == 4


@pytest.mark.parametrize("hours", ["0", "2161", "a", "-1", "²"])
def test_hours_that_are_none_are_400(viewer: APIClient, hours: str) -> None:
    assert viewer.get(SERIES, {"hours": hours}).status_code == 400


def test_both_are_a_few_statements_however_many_there_are(
    viewer: APIClient, bison_vendor: Any, django_assert_max_num_queries: Any
) -> None:
    maverick = cast.instance(bison_vendor)
    Workspace.objects.bulk_create(
        Workspace(instance=maverick, workspace_name=f"C{number}", bison_workspace_id=1000 + number)
        for number in range(100)
    )
    viewer.get(SUMMARY)
    with django_assert_max_num_queries(3):
        assert viewer.get(SUMMARY).json()["total"] == 100
    with django_assert_max_num_queries(4):
        viewer.get(SERIES)
