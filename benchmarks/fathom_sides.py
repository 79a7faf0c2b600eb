"""The two sides of benchmarks.fathom_sync, each in a process of its own:
ours, and what Django gives without thought.

Both read the same list from the same stand-in over one kept connection, match the recorder to a
rep, and end with one row a meeting. The reference reads with the standard library, which costs it
less than a full HTTP client would.
"""

import http.client
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import django

PATH = "/meetings?include_transcript=true&include_summary=true&include_action_items=true"
BATCH = 1000


def main(side: str) -> None:
    """Run one side and print what it took, as JSON."""
    django.setup()
    from django.db.backends.signals import connection_created  # noqa: PLC0415  Django is set up first

    statements = [0]

    def count(execute: Any, *arguments: Any) -> Any:
        statements[0] += 1
        return execute(*arguments)

    def watch(connection: Any, **_more: Any) -> None:
        connection.execute_wrappers.append(count)

    connection_created.connect(watch, weak=False)
    prepare, work = SIDES[side]
    prepare()
    began, cpu, statements[0] = time.perf_counter(), time.process_time(), 0
    rows = work()
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "statements": statements[0],
        "rss_mb": peak_mb(),
        "rows": rows,
    }
    print(json.dumps(figures))


def peak_mb() -> float:
    """Return the most memory that this process had.

    getrusage would tell of whatever started it, too.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


# --- Ours -----------------------------------------------------------------------------------------
def sync() -> int:
    """Sync everything, as the task does it."""
    from core import runs  # noqa: PLC0415
    from fathom_sync import accounts  # noqa: PLC0415
    from fathom_sync.syncs import sync as syncs  # noqa: PLC0415

    run, started = syncs.start_sync(accounts.installation(), reset=True, trigger="benchmark")
    assert started
    runs.execute(run.pk)
    run.refresh_from_db()
    assert run.state == "succeeded", run.error
    return int(run.counts["processed"])


def incremental() -> int:
    """Sync what is new, when nothing is."""
    from core import runs  # noqa: PLC0415
    from fathom_sync import accounts  # noqa: PLC0415
    from fathom_sync.syncs import sync as syncs  # noqa: PLC0415

    run, _started = syncs.start_sync(accounts.installation(), trigger="benchmark")
    runs.execute(run.pk)
    run.refresh_from_db()
    assert run.state == "succeeded", run.error
    return int(run.counts["pages"])


def index() -> int:
    """Read the search's words, which a sync leaves to a job after it."""
    from calls import indexing  # noqa: PLC0415

    return int(indexing.index_waiting() or 0)


# --- The reference --------------------------------------------------------------------------------
def pages() -> Iterator[list[dict[str, Any]]]:
    """Yield every page of the list."""
    address = urlsplit(os.environ["FATHOM_API_BASE_URL"])
    connection = http.client.HTTPConnection(address.netloc)
    cursor: str | None = ""
    while cursor is not None:
        connection.request(
            "GET",
            f"{address.path}{PATH}&cursor={quote(cursor)}",
            headers={"X-Api-Key": os.environ["FATHOM_API_KEY"]},
        )
        body = json.loads(connection.getresponse().read())
        yield body["items"]
        cursor = body["next_cursor"]


def row(meeting: dict[str, Any], reps: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    organization, rep = reps[meeting["recorded_by"]["email"].lower()]
    began = datetime.fromisoformat(meeting["recording_start_time"])
    ended = datetime.fromisoformat(meeting["recording_end_time"])
    return {
        "organization_id": organization,
        "rep_id": rep,
        "external_id": str(meeting["recording_id"]),
        "title": meeting["title"],
        "url": meeting["share_url"],
        "language": meeting["transcript_language"],
        "started_at": began,
        "ended_at": ended,
        "duration_seconds": (ended - began).seconds,
        "summary": meeting["default_summary"]["markdown_formatted"],
        "participants": meeting["calendar_invitees"],
        "action_items": meeting["action_items"],
        "transcript": meeting["transcript"],
        "updated_at": datetime.now(UTC),
    }


def _reps() -> dict[str, tuple[Any, Any]]:
    from crm.models import RepAlias  # noqa: PLC0415

    rows = RepAlias.objects.values_list("normalized", "organization_id", "rep_id")
    return {address: (organization, rep) for address, organization, rep in rows}


def bulk() -> int:
    """Store by bulk_create(update_conflicts) of a thousand at a time, repeats across pages
    removed.
    """
    from benchmarks.app.models import PlainCall  # noqa: PLC0415

    waiting: list[PlainCall] = []
    reps, seen, done = _reps(), set(), 0
    fields = [
        field.name
        for field in PlainCall._meta.fields
        if field.name not in {"id", "external_id", "created_at"}
    ]

    def store() -> None:
        PlainCall._default_manager.bulk_create(
            waiting, update_conflicts=True, unique_fields=["external_id"], update_fields=fields
        )

    for items in pages():
        for meeting in items:
            if meeting["recording_id"] not in seen:
                seen.add(meeting["recording_id"])
                waiting.append(PlainCall(**row(meeting, reps)))
                done += 1
        if len(waiting) >= BATCH:
            store()
            waiting.clear()
    store()
    return done


def naive() -> int:
    """Store by get_or_create of each call."""
    from benchmarks.app.models import PlainCall  # noqa: PLC0415

    reps, done = _reps(), 0
    for items in pages():
        for meeting in items:
            values = row(meeting, reps)
            PlainCall._default_manager.get_or_create(
                external_id=values.pop("external_id"), defaults=values
            )
            done += 1
    return done


def rows() -> int:
    """Store the rows that ours writes, by bulk_create."""
    from benchmarks.fathom_rows import same_rows  # noqa: PLC0415  Django is set up first

    return same_rows()


def listed() -> int:
    """Walk the list alone, and store nothing."""
    return sum(len(items) for items in pages())


def _nothing() -> None:
    """Prepare nothing: the side goes on from what there is."""


def _warm() -> None:
    """Do what every worker has long done when a sync begins: imports, a connection to each
    server.
    """
    from benchmarks import fathom_rows as _rows  # noqa: F401, PLC0415
    from crm.models import RepAlias  # noqa: PLC0415
    from fathom_sync.syncs import sync as _syncs  # noqa: F401, PLC0415

    RepAlias.objects.exists()


SIDES: dict[str, tuple[Callable[[], None], Callable[[], int]]] = {
    "ours": (_warm, sync),
    "incremental": (_warm, incremental),
    "index": (_warm, index),
    "bulk": (_warm, bulk),
    "rows": (_warm, rows),
    "naive": (_warm, naive),
    "listed": (_nothing, listed),
}

if __name__ == "__main__":
    main(sys.argv[1])
