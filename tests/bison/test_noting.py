"""A workspace's health moves with the log of its calls: exactly, in the order
of the calls, and for a day.
"""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from bison.client import VENDOR
from bison.health import noting
from bison.models import Workspace
from core.http.call_log import COLUMNS
from tests.bison import cast

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASPEN = "Aspen Labs"


@pytest.fixture
def aspen(db: None, bison_vendor: Any) -> Workspace:
    return cast.workspace(cast.instance(bison_vendor), 3, bison_vendor)


def row(minutes: float, success: bool | None = True, **values: Any) -> tuple[Any, ...]:
    known = {
        "created_at": NOON + timedelta(minutes=minutes),
        "vendor": VENDOR,
        "workspace_name": ASPEN,
        "bison_instance": "maverick",
        "api_key_type": "workspace",
        "status_code": 200 if success else 503,
        "success": success,
        "error_message": "" if success else f"No answer at {minutes}",
        "function_name": "test",
    }
    return tuple({**known, **values}.get(name) for name in COLUMNS)


def note(*rows: tuple[Any, ...]) -> None:
    noting.on_written(rows=rows)


def state(workspace: Workspace) -> tuple[str, int]:
    workspace.refresh_from_db()
    return workspace.api_health_status, workspace.api_consecutive_failures


def counted(workspace: Workspace) -> tuple[Any, int, int]:
    workspace.refresh_from_db()
    return (
        workspace.api_counted_on,
        workspace.api_total_calls_today,
        workspace.api_total_errors_today,
    )


def test_failures_degrade_and_from_the_fourth_in_a_row_on_it_fails(aspen: Workspace) -> None:
    seen = []
    for minute in range(5):
        note(row(minute, success=False))
        seen.append(state(aspen))
    assert seen == [
        ("degraded", 1),
        ("degraded", 2),
        ("degraded", 3),
        ("failing", 4),
        ("failing", 5),
    ]
    note(row(6))
    assert state(aspen) == ("healthy", 0)
    assert aspen.api_last_successful_call_at == NOON + timedelta(minutes=6)
    assert aspen.api_last_failed_call_at == NOON + timedelta(minutes=4)
    assert aspen.api_last_error == "No answer at 4"


def test_one_batch_is_read_in_the_order_of_its_calls(aspen: Workspace) -> None:
    note(row(3, success=False), row(1, success=False), row(2), row(4, success=False))
    assert state(aspen) == ("degraded", 2)
    assert counted(aspen) == (NOON.date(), 4, 3)


def test_a_batch_that_comes_late_does_not_undo_what_was_later(aspen: Workspace) -> None:
    note(row(10))
    note(row(5, success=False), row(6, success=False))
    assert state(aspen) == ("healthy", 0)
    note(row(20, success=False), row(21, success=False))
    note(row(15))
    assert state(aspen)[0] == "degraded"
    assert counted(aspen)[1:] == (6, 4)


def test_what_our_own_quota_held_back_was_no_call(aspen: Workspace) -> None:
    note(row(1, success=None, status_code=None, error_message="Held back"))
    assert state(aspen) == ("unknown", 0)
    assert counted(aspen) == (None, 0, 0)


def test_an_answer_that_was_expected_counts_as_a_call_and_as_no_success(aspen: Workspace) -> None:
    note(row(1, success=None, status_code=404))
    assert state(aspen) == ("unknown", 0)
    assert counted(aspen) == (NOON.date(), 1, 0)
    assert aspen.api_last_successful_call_at is None


def test_a_404_is_a_failure(aspen: Workspace) -> None:
    note(row(1, success=False, status_code=404))
    assert state(aspen) == ("degraded", 1)


def test_counters_belong_to_a_day(aspen: Workspace) -> None:
    midnight = 12 * 60
    note(row(midnight - 2), row(midnight - 1, success=False))
    assert counted(aspen) == (NOON.date(), 2, 1)
    note(row(midnight - 0.5), row(midnight + 1), row(midnight + 2))
    assert counted(aspen) == (NOON.date() + timedelta(days=1), 2, 0)
    note(row(midnight - 3, success=False))
    assert counted(aspen) == (NOON.date() + timedelta(days=1), 2, 0)


def test_a_key_of_its_own_was_used_and_a_shared_one_is_not_its(aspen: Workspace) -> None:
    note(row(1, api_key_type="super_admin"))
    aspen.refresh_from_db()
    assert aspen.bison_api_key_last_used_at is None
    note(row(2))
    aspen.refresh_from_db()
    assert aspen.bison_api_key_last_used_at == NOON + timedelta(minutes=2)


def test_other_vendors_and_unknown_names_change_nothing(aspen: Workspace) -> None:
    note(row(1, vendor="fathom"), row(2, workspace_name="Nobody"), row(3, workspace_name=""))
    assert state(aspen) == ("unknown", 0)


def test_the_rounds_call_with_the_shared_key_speaks_for_those_without_a_key(
    aspen: Workspace,
) -> None:
    shared = cast.workspace(aspen.instance, 6)
    own_only = cast.workspace(aspen.instance, 8, requires_workspace_key=True)
    note(row(1, workspace_name="", function_name=noting.CHECK, api_key_type="super_admin"))
    assert state(shared) == ("healthy", 0)
    assert counted(shared) == (None, 0, 0)
    assert state(aspen) == state(own_only) == ("unknown", 0)


def test_a_batch_is_a_statement(aspen: Workspace, django_assert_num_queries: Any) -> None:
    cast.workspace(aspen.instance, 6)
    with django_assert_num_queries(1):
        note(
            *(row(minute, workspace_name=name) for minute in range(50) for name in (ASPEN, "Birch"))
        )


@pytest.mark.django_db(transaction=True)
def test_of_many_that_note_at_once_nothing_is_lost(bison_vendor: Any) -> None:
    maverick = cast.instance(bison_vendor)
    workspaces = [cast.workspace(maverick, number) for number in (3, 6, 8, 12)]
    names = [workspace.workspace_name for workspace in workspaces]
    begin = threading.Barrier(8)

    def many(number: int) -> None:
        begin.wait()
        for turn in range(25):
            # Each in another order: whoever locks as they come would wait for each other for ever.
            ordered = names[::-1] if (number + turn) % 2 else names
            note(*(row(turn, success=turn % 5 > 0, workspace_name=name) for name in ordered))
        connections.close_all()

    threads = [threading.Thread(target=many, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [counted(workspace) for workspace in workspaces] == [(NOON.date(), 200, 40)] * 4
    assert {state(workspace)[0] for workspace in workspaces} == {"healthy"}
    connection.close()
