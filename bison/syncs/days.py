"""What a workspace did on each day, as the vendor counts it:
its chart, which has a line for each kind of count.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bison.client import VENDOR, Odd, data_of
from bison.models import Workspace
from bison.session import Session
from bison.syncs import reading
from bison.syncs.parts import Span
from core.bulk import Upsert

PATH: Final = "/workspaces/v1.1/line-area-chart-stats"
# The vendor's word for a line, and our column.
COLUMN_OF: Final = {
    "Sent": "sent",
    "Total Opens": "opened",
    "Replied": "replied",
    "Interested": "interested",
    "Bounced": "bounced",
    "Unsubscribed": "unsubscribed",
}
Counts = Mapping[str, int]


def read(at: Session, span: Span) -> dict[date, dict[str, int]]:
    """Return each day of the span that the vendor gives figures of; it is asked month by month."""
    found: dict[date, dict[str, int]] = {}
    for month in span.months():
        params = {"start_date": f"{month.first}", "end_date": f"{month.last}"}
        data = at.confirmed(lambda session, asked=params: data_of(session.get(PATH, params=asked)))  # type: ignore[misc]
        found |= {day: counts for day, counts in days_of(data).items() if month.has(day)}
    return found


def days_of(data: Any) -> dict[date, dict[str, int]]:
    """Return what a chart says of each day; Odd for what is none.
    A day counts where each line has it.
    """
    if not isinstance(data, list):
        raise Odd(VENDOR)
    lines = {}
    for line in data:
        label = reading.mapping(line).get("label")
        if label in COLUMN_OF:
            lines[COLUMN_OF[label]] = _points(reading.mapping(line).get("dates"))
    if set(lines) != set(COLUMN_OF.values()):
        raise Odd(VENDOR)
    days = set.intersection(*(set(points) for points in lines.values()))
    return {day: {column: points[day] for column, points in lines.items()} for day in sorted(days)}


def _points(dates: Any) -> dict[date, int]:
    found = {}
    for point in dates if isinstance(dates, list) else ():
        if not isinstance(point, list) or len(point) != 2:
            raise Odd(VENDOR)
        count = reading.whole(point[1])
        if count is None:
            raise Odd(VENDOR)
        try:
            found[date.fromisoformat(str(point[0])[:10])] = count
        except ValueError as error:
            raise Odd(VENDOR) from error
    return found


def store(workspace: Workspace, days: Mapping[date, Counts], seen: str) -> None:
    """Write the figures of these days; `seen` is the column that says when they were asked for."""
    columns = ["sent"]
    if seen == "analytics_seen_at":
        columns = list(COLUMN_OF.values())
    rows = [
        {
            "workspace_id": str(workspace.pk),
            "day": day.isoformat(),
            **{name: counts[name] for name in columns},
        }
        for day, counts in days.items()
    ]
    _write(columns, seen).run(rows)


def _write(columns: list[str], seen: str) -> Upsert:
    others = {"leads_contacted", *COLUMN_OF.values()} - set(columns)
    return Upsert(
        "bison_daily_figures",
        {"workspace_id": "uuid", "day": "date", **dict.fromkeys(columns, "integer")},
        made={"id": "gen_random_uuid()", seen: "now()", **dict.fromkeys(sorted(others), "0")},
        unique=("workspace_id", "day"),
        changes={name: f"EXCLUDED.{name}" for name in [*columns, seen]},
        order=("day",),
    )
