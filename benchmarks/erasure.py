"""One person erased out of a large installation: how long it takes,
and how long any statement of it does.

    python -m benchmarks.erasure [--calls 20000] [--words 700] [--people 50000] [--log-rows 1000000]

Makes a database of its own on the server of DATABASE_URL and drops it afterwards. The person takes
part in three calls and is named in a hundred rows of each log. The reference is one plain scan of
the same columns for the address, once: an erasure reads them twice (to take out and to look again),
and looks for names, phones and spellings too.
"""

import argparse
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import call_search
from benchmarks.database import own_site
from benchmarks.report import Line, show

ADDRESS, NAME = "zuleika.quennell@canary.example", "Zuleika Quennell"
NAMED = 100


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.erasure", description="One person, erased"
    )
    parser.add_argument("--calls", type=int, default=20_000, help="calls with transcripts")
    parser.add_argument("--words", type=int, default=700, help="words in a transcript")
    parser.add_argument("--people", type=int, default=50_000, help="leads")
    parser.add_argument(
        "--log-rows", type=int, default=1_000_000, help="rows of the log of calls to vendors"
    )
    asked = parser.parse_args(arguments)
    title = f"{asked.calls:,} calls, {asked.people:,} people, {asked.log_rows:,} rows of a log"
    with own_site("erasure"):
        call_search.load(asked.calls, asked.words)
        fill(asked.people, asked.log_rows)
        return 0 if show(title, erase()) else 1


def fill(people: int, log_rows: int) -> None:
    """Have so many people and rows, in a few statements; and the person among them."""
    from django.db import connection  # noqa: PLC0415  Django is set up first
    from django.utils import timezone  # noqa: PLC0415

    from calls.models import Call, CallParticipant  # noqa: PLC0415
    from core.models import ApiCall, InboundEvent  # noqa: PLC0415
    from crm import services  # noqa: PLC0415
    from crm.models import Organization  # noqa: PLC0415

    organization = Organization.objects.get()
    first = services.create_lead(
        organization=organization, name="Somebody", email="somebody@else.example"
    )
    ApiCall.objects.bulk_create([_logged(timezone.now(), "")])
    with connection.cursor() as cursor:
        own = {"id": "gen_random_uuid()"}
        written = {"email": "n || '@a.example'", "email_normalized": "n || '@a.example'"}
        _copy(cursor, "crm_lead", people, {**own, **written, "name": "'Person ' || n"})
        _copy(cursor, "api_call_logs", log_rows, {**own, "endpoint": "'/leads/' || n"})
    lead = services.create_lead(
        organization=organization, name=NAME, email=ADDRESS, phone="+31 6 9182 7364"
    )
    now = timezone.now()
    ApiCall.objects.bulk_create(
        _logged(now, f"GET /leads?email={ADDRESS}") for _number in range(NAMED)
    )
    data = {"lead": {"email": ADDRESS, "name": NAME}}
    InboundEvent.objects.bulk_create(
        InboundEvent(
            delivery_id=f"d{number}",
            received_at=now,
            next_attempt_at=now,
            source="fathom",
            event_data=data,
        )
        for number in range(NAMED)
    )
    for call in Call.objects.order_by("happened_at")[:3]:
        CallParticipant.objects.create(
            call=call, display_name=NAME, email=ADDRESS, is_external=True
        )
        Call.objects.filter(pk=call.pk).update(lead=lead)
    first.delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _logged(now: Any, words: str) -> Any:
    from core.models import ApiCall  # noqa: PLC0415

    return ApiCall(
        created_at=now, vendor="fathom", endpoint="/meetings", method="GET", status_code=200,
        response_time_ms=5, success=True, error_message=words,
    )  # fmt: skip


def _copy(cursor: Any, table: str, count: int, changed: dict[str, str]) -> None:
    """Have a row of a table so many times, with these columns made anew."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
        "AND is_generated = 'NEVER'",
        [table],
    )
    names = [name for (name,) in cursor.fetchall()]
    values = ", ".join(changed.get(name, f'its."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    cursor.execute(
        f"INSERT INTO {table} ({columns}) SELECT {values}"
        f" FROM (SELECT * FROM {table} LIMIT 1) its, generate_series(1, %s) n",
        [count],
    )


class Statements:
    """Times every statement."""

    def __init__(self) -> None:
        self.count = 0
        self.slowest = 0.0

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            self.slowest = max(self.slowest, time.perf_counter() - began)


def erase() -> list[Line]:
    """Erase the person, and scan the same once for the address."""
    from django.db import connection  # noqa: PLC0415

    from core import runs  # noqa: PLC0415
    from core.privacy import Person, places, rows  # noqa: PLC0415
    from crm.models import Erasure  # noqa: PLC0415
    from crm.privacy import erasing  # noqa: PLC0415

    began = time.perf_counter()
    for place in places.all_places():
        _scan(connection, place)
    scan = time.perf_counter() - began
    _erasure, started = erasing.ask(organization=None, email=ADDRESS, again=ADDRESS)
    seen = Statements()
    began = time.perf_counter()
    with connection.execute_wrapper(seen):
        runs.execute(started.run.pk)
    took = time.perf_counter() - began
    erasure = Erasure.objects.get()
    found = sum(numbers["found"] for numbers in erasure.places.values())
    large = max(places.all_places(), key=lambda place: place.model._base_manager.count())
    began = time.perf_counter()
    rows.counted(large, Person(ADDRESS), None)
    again = time.perf_counter() - began
    return [
        Line(
            f"erased ({erasure.state}), {found} rows changed",
            f"{took:.1f} s",
            f"{scan:.1f} s",
            scan / took,
        ),
        Line("the slowest statement of it", f"{seen.slowest * 1000:.0f} ms"),
        Line("statements", f"{seen.count:,}"),
        Line("rows read, and changed, by one at most", f"{rows.SLICE:,}, {rows.BATCH}"),
        Line(f"one look through {large.key}", f"{again:.1f} s"),
    ]


def _scan(connection: Any, place: Any) -> None:
    from core.privacy.places import texts  # noqa: PLC0415

    columns = ", ".join(f'"{field.column}"::text' for field in texts(place.model))
    if columns:
        with connection.cursor() as cursor:
            text = f"concat_ws(E'\\n', {columns})"
            cursor.execute(
                f'SELECT count(*) FROM "{place.key}" WHERE {text} ILIKE %s', [f"%{ADDRESS}%"]
            )


if __name__ == "__main__":
    raise SystemExit(main())
