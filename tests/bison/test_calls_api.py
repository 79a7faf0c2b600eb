"""The log of calls by the API: filters, pages, the file in flat memory, and who may see it."""

import csv
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from core.ids import uuid7
from core.models import ApiCall, AuditEvent, User
from core.outgoing import Wanted, exporting
from core.signin import roles
from tests.support.people import person, staff
from tests.support.rows import id_at

NOW = datetime.now(UTC)
URL = "/api/bison/api-calls"


def signed_in(role: str) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(pk=staff(role).pk))
    return client


@pytest.fixture
def ops(db: None) -> APIClient:
    return signed_in(roles.OPERATIONS_ADMIN)


def call(minutes: float = 0, **values: Any) -> ApiCall:
    at = NOW - timedelta(minutes=minutes)
    known: dict[str, Any] = {
        "id": id_at(at), "created_at": at, "vendor": "email-bison", "workspace_name": "Aspen Labs",
        "instance": "maverick", "endpoint": "/api/users", "method": "GET", "status_code": 200,
        "success": True, "response_time_ms": 50,
    }  # fmt: skip
    return ApiCall.objects.create(**{**known, **values})


def ids(client: APIClient, **query: str) -> list[UUID]:
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.content
    return [UUID(row["id"]) for row in answer.json()["results"]]


def test_a_row_has_the_names_that_it_has_always_had(ops: APIClient) -> None:
    call(
        api_key_used="abcd1234",
        api_key_type="workspace",
        function_name="sync",
        triggered_by="clock",
    )
    (row,) = ops.get(URL).json()["results"]
    assert {name: row[name] for name in ("workspace_name", "bison_instance", "endpoint", "method",
                                         "success")} == {
        "workspace_name": "Aspen Labs", "bison_instance": "maverick", "endpoint": "/api/users",
        "method": "GET", "success": True,
    }  # fmt: skip
    assert (row["outcome"], row["status_code"], row["api_key_used"]) == (
        "succeeded",
        200,
        "abcd1234",
    )


def test_filters_find_what_they_name(ops: APIClient) -> None:
    good, gone = call(1), call(2, status_code=404, success=False, error_message="Record not found")
    taken, unsent = call(3, status_code=404, success=None), call(4, status_code=None, success=None)
    other = call(5, workspace_name="Birch")
    call(6, vendor="fathom")
    old = call(60 * 24 * 9, endpoint="/api/old")
    assert ids(ops) == [row.pk for row in (good, gone, taken, unsent, other, old)]
    assert ids(ops, status="success") == [good.pk, other.pk, old.pk]
    assert ids(ops, status="failed") == [gone.pk]
    assert ids(ops, status="neutral") == [taken.pk]
    assert ids(ops, status="held") == [unsent.pk]
    assert ids(ops, status="404") == [gone.pk, taken.pk]
    assert ids(ops, workspace="Birch") == [other.pk]
    assert ids(ops, search="record FOUND") == [gone.pk]
    assert ids(ops, search="old") == []
    day = old.created_at.date().isoformat()
    assert ids(ops, search="old", **{"from": day, "to": day}) == [old.pk]
    assert ids(ops, search=str(old.pk)) == [old.pk]
    assert ids(ops, to=(NOW - timedelta(days=8)).isoformat()) == [old.pk]


def test_pages_follow_each_other_both_ways(ops: APIClient) -> None:
    made = [call(60 * 11 * number).pk for number in range(9)]
    first = ops.get(URL, {"pageSize": "4"}).json()
    second = ops.get(first["next"]).json()
    third = ops.get(second["next"]).json()
    pages = [[UUID(row["id"]) for row in page["results"]] for page in (first, second, third)]
    assert pages == [made[:4], made[4:8], made[8:]]
    assert third["next"] is None
    back = ops.get(second["previous"]).json()
    assert [UUID(row["id"]) for row in back["results"]] == made[:4]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "lost"),
        ("status", "99"),
        ("from", "yesterday"),
        ("to", "2026-02-30"),
        ("colour", "red"),
    ],
)
def test_what_cannot_be_asked_for_is_400(ops: APIClient, name: str, value: str) -> None:
    answer = ops.get(URL, {name: value})
    assert answer.status_code == 400
    assert name in answer.json()["fields"]


def test_a_page_is_a_few_statements(ops: APIClient, django_assert_max_num_queries: Any) -> None:
    for number in range(60):
        call(number)
    ops.get(URL)
    with django_assert_max_num_queries(4):
        assert len(ids(ops)) == 50


def lines_of(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode()
    return list(csv.reader(text.splitlines()))


def test_the_file_has_every_call_and_no_formula_and_is_written_down(ops: APIClient) -> None:
    made = [call(60 * 7 * number, workspace_name="=cmd()").pk for number in range(12)]
    call(1, workspace_name="Birch")
    answer = ops.get(f"{URL}.csv", {"workspace": "=cmd()"})
    header, *lines = lines_of(answer)
    assert header == list(exporting.COLUMNS)
    assert [UUID(line[0]) for line in lines] == made
    assert {line[2] for line in lines} == {"'=cmd()"}
    event = AuditEvent.objects.filter(action="export.made").latest("id")
    assert "api-calls" in str(vars(event))


def test_the_file_is_made_in_flat_memory(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "SLICE", 100)
    ApiCall.objects.bulk_create(
        ApiCall(
            id=uuid7(), created_at=NOW - timedelta(seconds=number), vendor="email-bison",
            endpoint="/x" * 100, method="GET", response_time_ms=1, success=True, status_code=200,
        )
        for number in range(3000)
    )  # fmt: skip

    def peak(count: int) -> int:
        tracemalloc.start()
        rows = exporting.rows(Wanted(vendor="email-bison"))
        read = sum(1 for _row, _number in zip(rows, range(count), strict=False))
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert read == count
        return most

    peak(100)
    assert peak(3000) < peak(300) * 1.5


def test_auditors_see_the_log_and_others_do_not(db: None) -> None:
    call()
    auditor = signed_in(roles.AUDITOR)
    assert auditor.get(URL).status_code == 200
    assert auditor.get("/api/bison/health/summary").status_code == 403
    stranger = APIClient()
    assert stranger.get(URL).status_code == 401
    stranger.force_authenticate(person(username="somebody"))
    for url in (URL, f"{URL}.csv", "/api/bison/health/summary", "/api/bison/health/series"):
        assert stranger.get(url).status_code == 403
    viewer = signed_in(roles.OPERATIONS_VIEWER)
    assert viewer.get(URL).status_code == 200
    assert viewer.get(f"{URL}.csv").status_code == 403
