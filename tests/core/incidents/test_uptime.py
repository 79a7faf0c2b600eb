"""Uptime: from the times of incidents, over the days on which somebody looked,
and never green without a look.
"""

from datetime import UTC, date, datetime

import pytest
import time_machine

from core.incidents import subjects, uptime
from core.incidents.subjects import Kind, Subject
from core.models import Incident

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def open_from(opened: datetime, closed: datetime | None, cause: str = "down:1") -> None:
    Incident.objects.create(
        cause=cause, title="x", opened_at=opened, last_seen_at=opened, closed_at=closed
    )


def test_days_are_down_well_or_not_checked_and_two_outages_at_once_count_once(
    monkeypatch, settings
):
    settings.TIME_ZONE = "UTC"
    seen = {"1": {date(2026, 3, 9)}}
    kind = Kind("test", "Test", lambda _user: [], lambda _subjects, _since: seen)
    monkeypatch.setattr(subjects, "_declared", {"test": kind})
    one_side, other_side = (
        Subject("test", key, key, (), down=(f"down:{key}",)) for key in ("1", "2")
    )
    open_from(datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 3, 8, 12, tzinfo=UTC))
    open_from(datetime(2026, 3, 8, 9, tzinfo=UTC), datetime(2026, 3, 8, 18, tzinfo=UTC))
    open_from(datetime(2026, 3, 8, 9, tzinfo=UTC), None, "something.else")
    with time_machine.travel(NOON, tick=False):
        found, never = uptime.of([one_side, other_side], 30)
    assert [day.state for day in found.days[-3:]] == ["down", "up", "unchecked"]
    assert {day.state for day in found.days[:-3]} == {"unchecked"}
    assert (found.checked, found.days[-3].down, found.percent) == (2, 12 * 3600, 75.0)
    assert (never.checked, never.percent) == (0, None)
