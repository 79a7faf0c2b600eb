"""The days of the logs: made in time, dropped after their retention, and no row lost on the way."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
import time_machine
from django.db import connection

from core.ids import uuid7
from core.models import ApiCall, InboundEvent, InboundReceipt
from core.postgres import partitions
from core.tasks import keep_partitions

NOW = datetime(2027, 3, 10, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def call(at: datetime, identifier: UUID | None = None, **fields: Any) -> ApiCall:
    fields = {
        "vendor": "fathom",
        "endpoint": "/x",
        "method": "GET",
        "response_time_ms": 1,
        "success": True,
    } | fields
    return ApiCall.objects.create(id=identifier or uuid7(), created_at=at, **fields)


def delivery(at: datetime, status: str) -> InboundEvent:
    return InboundEvent.objects.create(
        received_at=at,
        source="fathom",
        delivery_id=str(uuid7()),
        event_data={},
        processing_status=status,
        next_attempt_at=at,
    )


def days(table: str = "api_call_logs") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits "
            "WHERE inhparent = %s::regclass ORDER BY 1",
            [table],
        )
        return [name.removeprefix(f"{table}_") for (name,) in cursor.fetchall()]


def place(row: ApiCall | InboundEvent) -> str:
    """The partition in which a row lies."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text FROM {table} WHERE id = %s", [row.pk])
        (name,) = cursor.fetchone()
    return str(name).removeprefix(f"{table}_")


@pytest.fixture(autouse=True)
def no_other_days(db: None) -> None:
    """Only the default partition, so that a test's days are its own."""
    with connection.cursor() as cursor:
        for log in partitions.LOGS:
            for name in days(log.table):
                if name != "default":
                    cursor.execute(f"DROP TABLE {log.table}_{name}")


@pytest.mark.parametrize("table", ["api_call_logs", "webhook_events"])
def test_today_and_a_week_ahead_are_made(table: str) -> None:
    kept = partitions.keep(NOW)

    assert days(table) == ["default", *(f"p202703{day}" for day in range(10, 18))]
    assert len(kept.made) == 16


def test_a_second_round_has_nothing_to_do() -> None:
    partitions.keep(NOW)

    assert partitions.keep(NOW) == partitions.Kept()


def test_a_row_of_today_lies_in_its_day() -> None:
    partitions.keep(NOW)

    assert place(call(NOW)) == "p20270310"
    assert place(call(NOW.replace(hour=0, minute=0))) == "p20270310"
    assert (
        place(call(NOW.replace(hour=23, minute=59, second=59, microsecond=999_999))) == "p20270310"
    )


def test_a_row_whose_day_is_missing_is_kept_and_moved_when_it_is_made() -> None:
    row = call(NOW, workspace_name="Acme", metadata={"a": 1})
    assert place(row) == "default"

    kept = partitions.keep(NOW)

    assert kept.moved == 1
    assert place(row) == "p20270310"
    row.refresh_from_db()
    assert (row.workspace_name, row.metadata, row.created_at) == ("Acme", {"a": 1}, NOW)


def test_months_without_the_clock_lose_no_row() -> None:
    rows = [call(NOW + 10 * DAY * number) for number in range(9)]
    later = NOW + timedelta(days=85)

    kept = partitions.keep(later)

    assert kept.moved == 9
    assert {place(row) for row in rows} == {
        f"p{NOW + 10 * DAY * number:%Y%m%d}" for number in range(9)
    }
    assert ApiCall.objects.count() == 9


def test_the_clock_makes_the_days_as_they_come() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(40):
            keep_partitions()
            assert place(call(datetime.now(UTC))) == f"p{datetime.now(UTC):%Y%m%d}"
            clock.shift(DAY)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM api_call_logs_default")
        assert cursor.fetchone() == (0,)


def test_a_row_of_the_far_future_stays_where_it_is() -> None:
    row = call(datetime(2999, 1, 1, tzinfo=UTC))

    partitions.keep(NOW)

    assert place(row) == "default"


def test_a_new_database_has_its_days_at_once() -> None:
    partitions.keep_after_migrate()

    assert f"p{datetime.now(UTC):%Y%m%d}" in days()


# --- Retention ------------------------------------------------------------------------------------
def test_a_day_past_its_retention_is_dropped_and_the_oldest_kept_one_is_not(settings: Any) -> None:
    settings.API_LOG_DAYS = 30
    partitions.keep(NOW - 31 * DAY)
    gone, kept_row = call(NOW - 31 * DAY), call(NOW - 30 * DAY)

    kept = partitions.keep(NOW)

    assert kept.dropped == ["api_call_logs_p20270207"]
    assert list(ApiCall.objects.all()) == [kept_row]
    assert not ApiCall.objects.filter(pk=gone.pk).exists()
    assert "p20270207" not in days()
    assert "p20270208" in days()


def test_a_day_that_was_taken_out_by_a_round_that_died_is_deleted_by_the_next(
    settings: Any,
) -> None:
    settings.API_LOG_DAYS = 30
    partitions.keep(NOW - 31 * DAY)
    call(NOW - 31 * DAY)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE api_call_logs DETACH PARTITION api_call_logs_p20270207")
    assert ApiCall.objects.count() == 0

    partitions.keep(NOW)

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('api_call_logs_p20270207')")
        assert cursor.fetchone() == (None,)


def test_each_log_has_a_retention_of_its_own(settings: Any) -> None:
    settings.API_LOG_DAYS, settings.WEBHOOK_LOG_DAYS = 10, 60
    partitions.keep(NOW - 40 * DAY)

    partitions.keep(NOW)

    assert "p20270129" not in days("api_call_logs")
    assert "p20270129" in days("webhook_events")


def test_a_day_with_unworked_deliveries_is_held_until_they_are_worked(settings: Any) -> None:
    settings.WEBHOOK_LOG_DAYS = 30
    old = NOW - 40 * DAY
    partitions.keep(old)
    pending = delivery(old, "pending")
    delivery(old, "processed")

    assert partitions.keep(NOW).locked == ["webhook_events_p20270129"]
    assert InboundEvent.objects.count() == 2

    InboundEvent.objects.filter(pk=pending.pk).update(processing_status="processed")
    assert "webhook_events_p20270129" in partitions.keep(NOW).dropped
    assert InboundEvent.objects.count() == 0


def test_failed_deliveries_go_with_their_day_and_it_is_said(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.WEBHOOK_LOG_DAYS = 30
    old = NOW - 40 * DAY
    partitions.keep(old)
    delivery(old, "failed")

    assert "webhook_events_p20270129" in partitions.keep(NOW).dropped

    assert "failed_rows_dropped" in caplog.text


def test_old_rows_of_the_default_partition_go_too_but_no_unworked_one(settings: Any) -> None:
    settings.WEBHOOK_LOG_DAYS = 30
    pending = delivery(NOW - 40 * DAY, "pending")
    delivery(NOW - 40 * DAY, "processed")
    call(NOW - 400 * DAY)

    partitions.keep(NOW)

    assert list(InboundEvent.objects.all()) == [pending]
    assert ApiCall.objects.count() == 0


def test_old_receipts_are_forgotten_and_young_ones_kept(settings: Any) -> None:
    settings.WEBHOOK_LOG_DAYS = 30
    for number, age in enumerate((10, 29, 32, 100)):
        InboundReceipt.objects.create(
            key=bytes([number]) * 32, event_id=uuid7(), received_at=NOW - age * DAY
        )

    assert partitions.keep(NOW).receipts == 2

    assert InboundReceipt.objects.count() == 2


# --- Together with others -------------------------------------------------------------------------
def other_connection() -> psycopg.Connection[Any]:
    parameters = connection.get_connection_params()
    return psycopg.connect(
        **{name: parameters[name] for name in ("dbname", "user", "password", "host", "port")}
    )


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_make_each_day_once() -> None:
    results: list[partitions.Kept] = []

    def keep() -> None:
        try:
            results.append(partitions.keep(NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 4
    assert len(days()) == 9


@pytest.mark.django_db(transaction=True)
def test_rows_that_come_in_while_their_days_are_made_are_all_there() -> None:
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        with other_connection() as writer:
            writer.autocommit = True
            count = 0
            while not stop.is_set():
                writer.execute(
                    "INSERT INTO api_call_logs (id, created_at, vendor, endpoint, method, "
                    "response_time_ms, success) VALUES (%s, %s, 'fathom', '/x', 'GET', 1, true)",
                    [uuid7(), NOW - DAY * (count % 8)],
                )
                count += 1
            written.append(count)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    threading.Event().wait(0.3)
    kept = partitions.keep(NOW)
    threading.Event().wait(0.3)
    stop.set()
    for writer in writers:
        writer.join()

    assert kept.busy == []
    assert ApiCall.objects.count() == sum(written) > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM api_call_logs_default")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_a_day_that_is_in_use_is_left_for_the_next_round(settings: Any) -> None:
    settings.API_LOG_DAYS = 30
    partitions.keep(NOW - 35 * DAY)
    with other_connection() as reader:
        reader.execute("SELECT count(*) FROM api_call_logs_p20270203")

        kept = partitions.keep(NOW)

        assert "api_call_logs_p20270203" in kept.busy
        assert "api_call_logs_p20270203" not in kept.dropped
    assert "api_call_logs_p20270203" in partitions.keep(NOW).dropped


# --- Reading --------------------------------------------------------------------------------------
def test_a_row_is_found_in_one_partition_from_its_id() -> None:
    with time_machine.travel(NOW, tick=False):
        partitions.keep(NOW)
        row = call(NOW)
    low, high = partitions.window(row.pk)

    found = ApiCall.objects.filter(pk=row.pk, created_at__gte=low, created_at__lte=high)

    assert found.get() == row
    plan = found.explain()
    assert "api_call_logs_p20270310" in plan
    assert "api_call_logs_p20270311" not in plan
    assert "default" not in plan


@pytest.fixture
def rows() -> list[ApiCall]:
    """Newest first: some of one moment, then ever older, each day having its partition."""
    partitions.keep(NOW)
    ages = [0, 0, 0, 1, 2, 30, 36, 24 * 8, 24 * 20, 24 * 45, 24 * 80]
    made = [call(NOW - timedelta(hours=age)) for age in ages]
    partitions.keep(NOW)
    return sorted(made, key=lambda row: (row.created_at, row.pk), reverse=True)


def newest(count: int, **options: Any) -> list[ApiCall]:
    with time_machine.travel(NOW, tick=False):
        return partitions.newest(ApiCall.objects.all(), count, column="created_at", **options)


@pytest.mark.parametrize("count", [1, 3, 4, 6, 8, 11, 100])
def test_the_newest_rows_come_newest_first_from_however_many_days(
    count: int, rows: list[ApiCall]
) -> None:
    assert newest(count) == rows[:count]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pages_follow_each_other_without_gap_or_repetition(size: int, rows: list[ApiCall]) -> None:
    seen: list[ApiCall] = []
    before = None
    while page := newest(size, before=before):
        seen += page
        before = (page[-1].created_at, page[-1].pk)

    assert seen == rows


def test_a_list_can_end_at_a_day(rows: list[ApiCall]) -> None:
    assert newest(100, since=NOW - timedelta(hours=35)) == rows[:6]
    assert newest(100, since=NOW - timedelta(minutes=30)) == rows[:3]


def test_the_newest_list_reads_no_other_days(
    rows: list[ApiCall], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1) as captured:
        newest(4)

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + captured[0]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "api_call_logs_p20270310" in plan
    assert "api_call_logs_p20270309" in plan
    assert "api_call_logs_p20270308" not in plan
    assert "default" not in plan
