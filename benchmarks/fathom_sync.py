"""Fathom's meetings into the library: a first sync and one of which nothing is new,
against Django's bulk_create.

Two references, both bulk_create(update_conflicts) of a thousand. "One table": a row a meeting
with JSON columns, as a small Django site would keep it (benchmarks.fathom_sides). "Same rows":
call, participants, transcript, queue of words and the meeting's row, as they are after our
sync (benchmarks.fathom_rows).

    python -m benchmarks.fathom_sync [--meetings 10000 100000] [--long 2000]

A database and a stand-in of its own. The stand-in's limits are off and ours are set wide
(FATHOM_CALLS_PER_MINUTE): what is measured is the work between two answers. Each side runs in a
process of its own, over meetings that were rendered before; the words of the search are read by a
job after the sync, which has a line of its own.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import django
import psycopg

from benchmarks.database import own_database
from benchmarks.report import Line, show

REPS = 40
KEY = "koppel-demo.fathom-key_0001"
NAIVE_UP_TO = 10_000
# The floor and the goal of a rate; no limits where a size has none.
Bounds = tuple[float | None, float | None]


def run(meetings: Sequence[int] = (10_000, 100_000), long: int = 2_000) -> bool:
    """Measure and print; return whether every floor is met."""
    good = True
    with stand_in() as address, own_site(address):
        for count in meetings:
            good = round_of(address, count, 2_000) and good
        if long:
            good = round_of(address, long, 60_000) and good
    return good


def round_of(address: str, count: int, size: int) -> bool:
    emails = [f"rep{number}@example.com" for number in range(REPS)]
    control(address, meetings=count, size=size, rate_limits=False, recorders=emails)
    empty()
    side("listed")
    listed = side("listed")
    bulk, bulk_again = side("bulk"), side("bulk")
    naive = None
    if count <= NAIVE_UP_TO and size < 10_000:
        sql("TRUNCATE benchmark_plain_call")
        naive = side("naive")
    empty()
    rows, rows_again = side("rows"), side("rows")
    reference_counts = counted()
    empty()
    ours, ours_again, quiet = side("ours"), side("ours"), side("incremental")
    indexed = side("index")
    expect(sql("SELECT count(*) FROM calls_call")[0][0] == count, "not every meeting is a call")
    expect(counted() == reference_counts, "the two sides of the same rows end with other rows")
    big = size >= 10_000
    first: Bounds = (3, 6)
    again: Bounds = (6, 12)
    most_mb, goal_mb = 150, 80
    if big:
        first = again = (None, None)
        most_mb, goal_mb = 250, 150
    lines = [
        rate("first sync, calls a second: one table", ours, bulk, *first),
        rate("first sync, calls a second: same rows", ours, rows, *first),
        rate("nothing changed, calls a second: one table", ours_again, bulk_again, *again),
        rate("nothing changed, calls a second: same rows", ours_again, rows_again, *again),
        *([rate("first sync, against get_or_create", ours, naive)] if naive else []),
        Line("nothing new: requests", f"{quiet['rows']}", "1"),
        Line("nothing new: DB statements", f"{quiet['statements']}"),
        Line(f"peak MB (at most {most_mb}, goal {goal_mb})", mb(ours), mb(rows)),
        Line("DB statements, first sync", f"{ours['statements']}", f"{rows['statements']}"),
        cpu("client CPU, s, first: one table", ours, bulk),
        cpu("client CPU, s, first: same rows", ours, rows),
        cpu("client CPU, s, nothing changed: one table", ours_again, bulk_again),
        cpu("client CPU, s, nothing changed: same rows", ours_again, rows_again),
        Line("the list alone, calls a second", f"{count / listed['seconds']:,.0f}"),
        Line("words of the search afterwards, calls/s", f"{count / indexed['seconds']:,.0f}"),
    ]
    title = (
        f"Fathom: {count:,} meetings of {size / 1000:g} KB (reference: "
        "bulk_create(update_conflicts) per 1,000)"
    )
    return show(title, lines) and ours["rss_mb"] <= most_mb


def rate(
    what: str, ours: Any, reference: Any, floor: float | None = None, goal: float | None = None
) -> Line:
    our_rate, their_rate = ours["rows"] / ours["seconds"], reference["rows"] / reference["seconds"]
    return Line(what, f"{our_rate:,.0f}", f"{their_rate:,.0f}", our_rate / their_rate, floor, goal)


def cpu(what: str, ours: Any, reference: Any) -> Line:
    return Line(
        what, f"{ours['cpu']:.2f}", f"{reference['cpu']:.2f}", reference["cpu"] / ours["cpu"]
    )


def mb(side: Any) -> str:
    return f"{side['rss_mb']:.0f}"


def side(name: str) -> Any:
    """Return what one side took, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fathom_sides", name],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    expect(done.returncode == 0, f"{name} failed")
    return json.loads(done.stdout.splitlines()[-1])


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        sys.exit(f"The round does not count: {otherwise}")


# --- What it runs on ------------------------------------------------------------------------------
@contextmanager
def stand_in() -> Iterator[str]:
    command = [sys.executable, "-m", "sandbox.vendors", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().partition("http://")[2].partition("/")[0]
    finally:
        process.terminate()
        process.wait(30)


def control(address: str, **switches: Any) -> None:
    url = f"http://{address}/_control/vendors/fathom"
    with urlopen(Request(url, json.dumps(switches).encode(), method="PATCH"), timeout=60):
        pass


@contextmanager
def own_site(address: str) -> Iterator[None]:
    """Set up Django on a database of this run's own, with reps, the key and the reference's
    table.
    """
    with own_database("fathom"):
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "FATHOM_API_BASE_URL": f"http://{address}/fathom/external/v1",
            "FATHOM_API_KEY": KEY,
            "FATHOM_CALLS_PER_MINUTE": "10000000",
            "FATHOM_HEAVY_CALLS_PER_MINUTE": "10000000",
            "KOPPEL_ALLOW_PRIVATE_HOSTS": address,
            "LOG_LEVEL": "ERROR",
            # With DEBUG every statement would be kept in memory.
            "DEBUG": "0",
            "ALLOWED_HOSTS": "localhost",
        }
        django.setup()
        fill()
        yield


def fill() -> None:
    from django.core.management import call_command  # noqa: PLC0415  Django is set up first
    from django.db import connection  # noqa: PLC0415

    from benchmarks.app.models import PlainCall  # noqa: PLC0415
    from crm import services  # noqa: PLC0415
    from crm.models import Organization  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(PlainCall)
    organization = Organization.objects.create(name="Benchmark")
    for number in range(REPS):
        services.create_rep(
            organization=organization, name=f"Rep {number}", email=f"rep{number}@example.com"
        )


def empty() -> None:
    """Put everything back as before the first sync."""
    sql(
        "TRUNCATE calls_call, fathom_sync_fathommeeting, fathom_sync_ledgerday, "
        "benchmark_plain_call CASCADE"
    )
    sql("UPDATE fathom_sync_fathomaccount SET watermark = NULL, overlap_checked_at = NULL")


def counted() -> list[int]:
    """Count the rows of each kind that both sides write."""
    tables = (
        "calls_call",
        "calls_callparticipant",
        "calls_transcript",
        "calls_callsearch",
        "fathom_sync_fathommeeting",
    )
    return [sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


def sql(statement: str) -> list[Any]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fathom_sync", description="Fathom's meetings, in bulk"
    )
    parser.add_argument(
        "--meetings", type=int, nargs="*", default=[10_000, 100_000], help="of 2 KB"
    )
    parser.add_argument("--long", type=int, default=2_000, help="meetings of 60 KB; 0: none")
    options = parser.parse_args(arguments)
    return 0 if run(options.meetings, options.long) else 1


if __name__ == "__main__":
    sys.exit(main())
