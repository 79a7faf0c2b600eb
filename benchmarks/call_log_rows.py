"""The database of the benchmark of the call log: its three tables, and rows to fill them."""

import importlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

DAYS = 90
PLAIN_DAYS = 9
WORKSPACES = 35
NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
COLUMNS = (
    "id, created_at, vendor, account, workspace_name, bison_instance, endpoint, method, "
    "api_key_used, api_key_type, status_code, response_time_ms, success, error_message, "
    "function_name, triggered_by, request_id, metadata"
)


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    from django.db import connection  # noqa: PLC0415  Django is set up first

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def use(schema: str) -> None:
    """Let `api_call_logs` mean the table of this schema from now on."""
    sql(f"SET search_path TO {schema}")


def make_tables() -> None:
    """Run the migration's own statements, once partitioned with its days and once as one table."""
    from core.postgres import partitions  # noqa: PLC0415  Django is set up first

    statements = importlib.import_module("core.migrations.0002_partitioned_logs").API_CALLS
    statements += importlib.import_module("core.migrations.0017_call_hours").FAILED_OF_A_WORKSPACE
    for schema in ("big", "small", "plain"):
        sql(f"CREATE SCHEMA {schema}")
        use(schema)
        if schema == "plain":
            plain = statements.replace(") PARTITION BY RANGE (created_at)", ")")
            sql(";".join(part for part in plain.split(";") if "PARTITION OF" not in part))
            continue
        sql(statements)
        for age in range(DAYS):
            partitions._make(partitions.LOGS[0], (NOW - timedelta(days=age)).date(), in_use=False)
        partitions.make_days(partitions.LOGS[0], NOW, partitions.Kept())


def lines_of(moment: datetime, step: float, count: int) -> Iterator[str]:
    """Make rows for COPY, `step` seconds apart, ids and times as core.http makes them."""
    choose = random.Random(int(moment.timestamp()))  # the same rows in each run
    milliseconds = int(moment.timestamp() * 1000)
    for number in range(count):
        at = milliseconds + int(number * step * 1000)
        bits = choose.getrandbits(74)
        value = (
            (at << 80) | (0x7 << 76) | ((bits >> 62) << 64) | (0x2 << 62) | (bits & ((1 << 62) - 1))
        )
        workspace = 1 if choose.random() < 0.1 else choose.randint(2, WORKSPACES)
        failed = choose.random() < 0.02
        status, success, error = (
            (500, "f", "The vendor has a fault at the moment") if failed else (200, "t", "")
        )
        created = datetime.fromtimestamp(at / 1000, UTC).isoformat()
        yield (
            f"{value:032x}\t{created}\tbison\tmaverick-{workspace}\tWorkspace {workspace}\t"
            f"maverick\t/api/sender-emails?page={number % 40}\tGET\tAbCdEf{workspace:02}\t"
            f"workspace\t{status}\t{choose.randint(40, 900)}\t{success}\t{error}\tsync_accounts\t"
            f"beat\t{bits:016x}\t"
            '{"page": 1, "per_page": 100}\n'
        )


def copy(lines: Iterator[str]) -> None:
    from django.db import connection  # noqa: PLC0415  Django is set up first

    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY api_call_logs ({COLUMNS}) FROM STDIN") as into,
    ):
        block: list[str] = []
        for row in lines:
            block.append(row)
            if len(block) == 2000:
                into.write("".join(block))
                block.clear()
        into.write("".join(block))
