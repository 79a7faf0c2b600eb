"""The log of outgoing calls at full size: lists, pages and retention beside a tenth of it and
beside a plain table.

    python -m benchmarks.call_log [--rows 10000000]

Makes a database of its own on the server of DATABASE_URL and drops it afterwards. Three tables lie
in it: `big` (90 days, partitioned as in production), `small` (the same days, a tenth of the rows)
and `plain` (nine days of as many rows a day, one table, the same indexes). Lists are read through
core.postgres.partitions.newest, as the pages do. Times of lists are those of the SQL alone, medians
of many; every ratio is within this run.
"""

import argparse
import itertools
import os
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import django

from benchmarks.call_log_rows import DAYS, NOW, PLAIN_DAYS, copy, lines_of, make_tables, sql, use
from benchmarks.database import own_database

LIST = 100
ROUNDS = 31
DATABASE = "koppel_benchmark_call_log"


def run(rows: int = 1_000_000) -> None:
    """Load, measure, print one line per job, clean up."""
    with own_database("call_log"):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        load(rows)
        lists(rows)
        chart()
        export()
        inserts()
        retention()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.call_log", description="The call log at full size"
    )
    parser.add_argument(
        "--rows",
        type=int,
        default=1_000_000,
        help="rows in the big table; the goals are for 10000000",
    )
    run(parser.parse_args(arguments).rows)


def line(name: str, value: str, ratio: float | None, reference: str, goal: str) -> None:
    shown = "" if ratio is None else f"{ratio:8.2f}x"
    print(f"{name:48} {value:>15} {shown:>10}  {reference} ({goal})", flush=True)


def load(rows: int) -> None:
    """Fill the three tables, a day at a time."""
    make_tables()
    started, total = time.monotonic(), 0
    for schema, days, per_day in (
        ("big", DAYS, rows // DAYS),
        ("small", DAYS, rows // DAYS // 10),
        ("plain", PLAIN_DAYS, rows // DAYS),
    ):
        use(schema)
        for age in reversed(range(days)):
            day = (NOW - timedelta(days=age)).replace(hour=0)
            # The last day ends now.
            seconds = 43_200 if age == 0 else 86_400
            copy(lines_of(day, seconds / per_day, per_day))
            total += per_day
        sql("VACUUM ANALYZE api_call_logs")
    took = time.monotonic() - started
    line(
        "call_log.load",
        f"{total:,} rows",
        None,
        f"{total / took:,.0f} rows/s, COPY, indexes in place",
        "-",
    )


# --- Lists ----------------------------------------------------------------------------------------
Question = Callable[[], Sequence[Any]]


def questions() -> dict[str, Question]:
    """Return what the log's pages ask."""
    from core.models import ApiCall  # noqa: PLC0415
    from core.postgres import partitions  # noqa: PLC0415  Django is set up first

    def newest(**options: Any) -> Question:
        filters = options.pop("filters", {})
        return lambda: partitions.newest(
            ApiCall.objects.filter(**filters), LIST, column="created_at", **options
        )

    asked: dict[str, Question] = {"newest 100 of all": newest()}
    for number in (1, 2):
        name = {"workspace_name": f"Workspace {number}"}
        week = NOW - timedelta(days=7)
        asked[f"newest 100, workspace {number}"] = newest(filters=name)
        asked[f"status 500 in a week, workspace {number}"] = newest(
            filters=name | {"status_code": 500}, since=week
        )
        asked[f"page after a month, workspace {number}"] = newest(
            filters=name, before=(NOW - timedelta(days=30), ApiCall._meta.pk.get_default())
        )
    asked["newest 100 failed"] = newest(filters={"success": False})
    return asked


def lists(rows: int) -> None:
    """Measure each list at full size against a tenth, turn by turn."""
    asked = questions()
    times: dict[tuple[str, str], list[float]] = {}
    for _round in range(ROUNDS):
        for schema in ("big", "small"):
            use(schema)
            for name, question in asked.items():
                times.setdefault((schema, name), []).append(time_of_sql(question))
    goal = "floor <= 2 and <= 5 ms, goal <= 1.5 and <= 2 ms"
    for name in asked:
        big, small = (statistics.median(times[schema, name]) * 1000 for schema in ("big", "small"))
        best = min(times["big", name]) * 1000
        reference = f"the same at {rows // 10:,} rows: {small:.2f} ms; best {best:.2f} ms"
        line(f"call_log.{name}", f"{big:.2f} ms", big / small, reference, goal)
    by_id()


def by_id() -> None:
    """Measure a row by its id, as its detail page reads it, against the same without a window."""
    from core.models import ApiCall  # noqa: PLC0415
    from core.postgres import partitions  # noqa: PLC0415  Django is set up first

    use("big")
    ((identifier,),) = sql(
        "SELECT id FROM api_call_logs WHERE created_at < %s LIMIT 1", NOW - timedelta(days=40)
    )
    low, high = partitions.window(identifier)
    times: dict[str, list[float]] = {"window": [], "bare": []}
    for _round in range(ROUNDS):
        within = ApiCall.objects.filter(pk=identifier, created_at__gte=low, created_at__lte=high)
        times["window"].append(time_of_sql(lambda rows=within: list(rows)))  # type: ignore[misc]
        times["bare"].append(time_of_sql(lambda: list(ApiCall.objects.filter(pk=identifier))))
    window, bare = (statistics.median(times[name]) * 1000 for name in ("window", "bare"))
    line(
        "call_log.one by its id",
        f"{window:.2f} ms",
        bare / window,
        f"without a window: {bare:.2f} ms",
        "-",
    )


def time_of_sql(question: Question) -> float:
    """Return the seconds in the database for all statements of one question; all its rows must have
    come.
    """
    from django.db import connection  # noqa: PLC0415  Django is set up first

    spent = 0.0

    def clock(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal spent
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent += time.perf_counter() - started

    with connection.execute_wrapper(clock):
        question()
    return spent


# --- Charts and files -----------------------------------------------------------------------------
COMPOSITE = """
SELECT date_trunc('hour', created_at), count(*), count(*) FILTER (WHERE NOT success),
    percentile_cont(array[0.5, 0.95]) WITHIN GROUP (ORDER BY response_time_ms)
FROM api_call_logs WHERE created_at >= %s AND created_at < %s AND (%s = '' OR workspace_name = %s)
GROUP BY 1 ORDER BY 1
"""


def chart() -> None:
    """Measure 24 hours by the hour: from the roll-up and the hour under way,
    against the query of one table.
    """
    from core import outgoing  # noqa: PLC0415  Django is set up first

    # The hour under way is half over, and is read from the log.
    now = NOW - timedelta(minutes=30)
    use("big")
    roll_up(now)
    for workspace in ("", "Workspace 2"):
        times: dict[str, list[float]] = {"big": [], "plain": []}
        since = now.replace(minute=0) - timedelta(hours=23)
        for _round in range(ROUNDS):
            use("big")
            names = (outgoing.Name(workspace),) if workspace else ()
            ask = partial(outgoing.by_hour, "bison", 24, workspace=names, now=now)
            times["big"].append(time_of_sql(ask))
            use("plain")
            plain = partial(sql, COMPOSITE, since, now, workspace, workspace)
            times["plain"].append(time_of_sql(plain))
        ours, theirs = (statistics.median(times[name]) * 1000 for name in ("big", "plain"))
        reference = f"one table, composite indexes: {theirs:.1f} ms"
        words = f"call_log.chart of 24 h, {workspace or 'all workspaces'}"
        line(words, f"{ours:.2f} ms", theirs / ours, reference, "floor >= 5, goal >= 10")


def roll_up(now: datetime) -> None:
    """Make the roll-up's table and the hours of two days, and say what an hour costs."""
    from django.db import connection  # noqa: PLC0415  Django is set up first

    from core.models import ApiCallHour, ApiKeyHour  # noqa: PLC0415
    from core.outgoing import hours  # noqa: PLC0415

    with connection.schema_editor() as editor:
        editor.create_model(ApiCallHour)
        editor.create_model(ApiKeyHour)
    times = []
    for back in range(1, 49):
        started = time.perf_counter()
        hours.roll_up(hours.hour_of(now) - timedelta(hours=back))
        times.append(time.perf_counter() - started)
    line(
        "call_log.roll up an hour",
        f"{statistics.median(times) * 1000:.1f} ms",
        None,
        "beside the writing",
        "-",
    )


def export(most: int = 300_000) -> None:
    """Measure the CSV of many calls, and the memory that it takes."""
    from core.admin.export import stream  # noqa: PLC0415  Django is set up first
    from core.outgoing import Wanted, exporting  # noqa: PLC0415

    use("big")
    peaks = []
    for count in (most // 10, most):
        tracemalloc.start()
        started, size = time.perf_counter(), 0
        rows = itertools.islice(exporting.rows(Wanted(vendor="bison")), count)
        for piece in stream("calls.csv", list(exporting.COLUMNS), rows):
            size += len(piece)
        took = time.perf_counter() - started
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    words = f"{most:,} rows, {size / 1e6:.0f} MB, {most / took:,.0f} rows/s while memory is traced"
    reference = f"{peaks[0] / 1e6:.1f} MB for a tenth; {words}"
    line(
        "call_log.export, memory at its peak",
        f"{peaks[1] / 1e6:.1f} MB",
        peaks[1] / peaks[0],
        reference,
        "flat: 1",
    )


# --- Writing and retention ------------------------------------------------------------------------
def inserts(rounds: int = 9, batches: int = 40, size: int = 500) -> None:
    """Measure COPY of 500 rows at a time, as the writer does.

    It goes into today's partition and into one table, turn by turn.
    """
    rates: dict[str, list[float]] = {"big": [], "plain": []}
    blocks = [
        list(lines_of(NOW + timedelta(seconds=number), 0.002, size))
        for number in range(rounds * batches)
    ]
    for number in range(rounds):
        for schema in ("big", "plain") if number % 2 else ("plain", "big"):
            use(schema)
            started = time.perf_counter()
            for block in blocks[number * batches : (number + 1) * batches]:
                copy(iter(block))
            rates[schema].append(batches * size / (time.perf_counter() - started))
    big, plain = statistics.median(rates["big"]), statistics.median(rates["plain"])
    line(
        "call_log.insert",
        f"{big:,.0f} rows/s",
        big / plain,
        f"plain table: {plain:,.0f} rows/s",
        "goal >= 0.9",
    )


def retention(rounds: int = 5) -> None:
    """Measure the oldest days: each dropped as production does, against DELETE and VACUUM of as
    many rows.

    They take turns.
    """
    times: dict[str, list[float]] = {"drop": [], "locked": [], "delete": [], "vacuum": []}
    written: dict[str, list[int]] = {"drop": [], "delete": []}
    for number in range(rounds):
        wal, started = wal_bytes(), time.perf_counter()
        delete_day((NOW - timedelta(days=PLAIN_DAYS - 1 - number)).date())
        times["delete"].append(time.perf_counter() - started)
        sql("VACUUM api_call_logs")
        times["vacuum"].append(time.perf_counter() - started)
        written["delete"].append(wal_bytes() - wal)
        wal, started = wal_bytes(), time.perf_counter()
        times["locked"].append(drop_day((NOW - timedelta(days=DAYS - 1 - number)).date()))
        times["drop"].append(time.perf_counter() - started)
        written["drop"].append(max(1, wal_bytes() - wal))
    drop, locked, delete, vacuum = (statistics.median(each) for each in times.values())
    less, more = statistics.median(written["drop"]), statistics.median(written["delete"])
    shown = f"{drop * 1000:.1f} ms"
    line(
        "call_log.drop a day",
        shown,
        delete / drop,
        f"DELETE: {delete * 1000:.0f} ms",
        "floor >= 5, goal >= 9",
    )
    line(
        "call_log.drop a day", shown, vacuum / drop, f"DELETE + VACUUM: {vacuum * 1000:.0f} ms", "-"
    )
    shown_locked = f"{locked * 1000:.1f} ms"
    words = f"DELETE: {delete * 1000:.0f} ms"
    line(
        "call_log.drop a day, until it is out of the log",
        shown_locked,
        delete / locked,
        words,
        "floor >= 5, goal >= 9",
    )
    line("call_log.drop a day, WAL", f"{less:,} B", more / less, f"{more:,} B", "goal >= 100")


def delete_day(day: date) -> None:
    from core.postgres import partitions  # noqa: PLC0415  Django is set up first

    use("plain")
    sql(
        "DELETE FROM api_call_logs WHERE created_at >= %s AND created_at < %s",
        *partitions._bounds(day),
    )


def drop_day(day: date) -> float:
    """Drop it, and return the seconds until it was out of the log:
    from then on nobody waits for it.
    """
    from core.postgres import partitions  # noqa: PLC0415  Django is set up first

    use("big")
    free, started, out = partitions._free, time.perf_counter(), [0.0]

    def timed(name: str) -> None:
        out[0] = time.perf_counter() - started
        free(name)

    partitions._free = timed
    try:
        partitions._drop(partitions.LOGS[0], day, partitions.Kept())
    finally:
        partitions._free = free
    return out[0]


def wal_bytes() -> int:
    """Return the WAL that this connection has written so far."""
    sql("SELECT pg_stat_force_next_flush()")
    ((written,),) = sql("SELECT wal_bytes::bigint FROM pg_stat_get_backend_wal(pg_backend_pid())")
    return int(written)


if __name__ == "__main__":
    main()
