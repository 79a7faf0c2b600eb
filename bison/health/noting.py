"""Each workspace's health moves with the log of calls, and nothing else writes those columns.

Every batch of the log is one statement, in the transaction that stores the batch. Many processes
note at once: rows are locked in the order of their ids, and what is added is added by PostgreSQL,
so that nothing is lost.

- a success: healthy, no failures in a row; a failure: degraded, from the fourth in a row on failing
- "in a row" goes by when calls were made, whatever order their batches come in
- the counters belong to a day (UTC): the first call of another begins anew,
  one of a day that is over changes nothing
- a call that our own quota held back was none; an answer that was expected and is no success
  counts as a call alone
- the round's call with an instance's shared key speaks for the workspaces that are called with it;
  it is none of theirs
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson
from django.db import connection

from bison.client import VENDOR
from bison.models import Workspace
from core.http import call_log
from core.http.call_log import PLACES

# The function name of the round's calls.
CHECK: Final = "check_api_health"
# So many failures in a row are more than a bad moment.
FAILING_AFTER: Final = 4

_IN_A_ROW: Final = """(
    CASE
        WHEN n.last_success IS NULL THEN r.api_consecutive_failures
        WHEN r.api_last_failed_call_at > n.last_success THEN LEAST(r.api_consecutive_failures, 1)
        ELSE 0
    END + (
        SELECT count(*) FROM unnest(n.failures) AS failed(at)
        WHERE r.api_last_successful_call_at IS NULL OR failed.at >= r.api_last_successful_call_at
    ))::int"""
_NOTE: Final = """
UPDATE client_registry AS r SET
    api_last_successful_call_at = GREATEST(r.api_last_successful_call_at, n.last_success),
    api_last_failed_call_at = GREATEST(r.api_last_failed_call_at, n.last_failure),
    api_last_error = CASE
        WHEN n.last_failure >= COALESCE(r.api_last_failed_call_at, n.last_failure)
            THEN left(n.error, 500)
        ELSE r.api_last_error
    END,
    bison_api_key_last_used_at = GREATEST(r.bison_api_key_last_used_at, n.key_used),
    api_consecutive_failures = {in_a_row},
    api_health_status = CASE
        WHEN n.last_success IS NULL AND n.last_failure IS NULL THEN r.api_health_status
        WHEN {in_a_row} = 0 THEN 'healthy'
        WHEN {in_a_row} < {failing_after} THEN 'degraded'
        ELSE 'failing'
    END,
    api_total_calls_today = CASE
        WHEN n.day IS NULL OR n.day < r.api_counted_on THEN r.api_total_calls_today
        WHEN n.day = r.api_counted_on THEN r.api_total_calls_today + n.calls
        ELSE n.calls
    END,
    api_total_errors_today = CASE
        WHEN n.day IS NULL OR n.day < r.api_counted_on THEN r.api_total_errors_today
        WHEN n.day = r.api_counted_on THEN r.api_total_errors_today + n.errors
        ELSE n.errors
    END,
    api_counted_on = GREATEST(r.api_counted_on, n.day)
FROM (
    SELECT w.id, c.* FROM json_to_recordset(%s) AS c(
        name text, last_success timestamptz, last_failure timestamptz, failures timestamptz[],
        error text,
        key_used timestamptz, day date, calls int, errors int)
    JOIN {whose}
    ORDER BY w.id FOR NO KEY UPDATE OF w
) AS n
WHERE r.id = n.id
"""
_WITH_THE_SHARED_KEY: Final = """
bison_instances AS i ON i.slug = c.name
JOIN client_registry AS w ON w.instance_id = i.id AND w.gone_at IS NULL
    AND NOT w.requires_workspace_key
    AND (w.bison_api_key IS NULL OR w.bison_api_key_status <> 'active'
        OR w.bison_api_key_expires_at <= now())
"""


def _statement(whose: str) -> str:
    return _NOTE.format(in_a_row=_IN_A_ROW, failing_after=FAILING_AFTER, whose=whose)


_OF_WORKSPACES: Final = _statement("client_registry AS w ON w.workspace_name = c.name")
_OF_INSTANCES: Final = _statement(_WITH_THE_SHARED_KEY)


@dataclass
class _Noted:
    """What one batch says of one workspace, or of one instance.
    `failures`: those after the last success.
    """

    name: str
    last_success: datetime | None = None
    last_failure: datetime | None = None
    failures: list[datetime] = field(default_factory=list)
    error: str = ""
    key_used: datetime | None = None
    day: date | None = None
    calls: int = 0
    errors: int = 0

    def note(self, at: datetime, success: bool | None, error: str) -> None:
        if success:
            self.last_success = at
            self.failures.clear()
        elif success is False:
            self.last_failure = at
            self.error = error
            self.failures.append(at)

    def count(self, at: datetime, success: bool | None) -> None:
        day = at.astimezone(UTC).date()
        if day != self.day:
            # Calls come in the order of their times: those of the day before are over.
            self.day, self.calls, self.errors = day, 0, 0
        self.calls += 1
        self.errors += success is False


def on_written(*, rows: Sequence[call_log.Row], **_signal: Any) -> None:
    """Note a batch of the log."""
    calls = sorted((row for row in rows if _counts(row)), key=lambda row: row[PLACES["created_at"]])
    workspaces: dict[str, _Noted] = {}
    instances: dict[str, _Noted] = {}
    for row in calls:
        _note(row, workspaces, instances)
    _write(_OF_WORKSPACES, workspaces.values())
    _write(_OF_INSTANCES, instances.values())


def _counts(row: call_log.Row) -> bool:
    """Tell whether the row is a call to Email Bison that was made."""
    is_held_back = row[PLACES["success"]] is None and row[PLACES["status_code"]] is None
    return row[PLACES["vendor"]] == VENDOR and not is_held_back


def _note(row: call_log.Row, workspaces: dict[str, _Noted], instances: dict[str, _Noted]) -> None:
    at, success, error = (row[PLACES[name]] for name in ("created_at", "success", "error_message"))
    name, slug = row[PLACES["workspace_name"]], row[PLACES["bison_instance"]]
    if name:
        noted = workspaces.setdefault(name, _Noted(name))
        noted.note(at, success, error)
        noted.count(at, success)
        if row[PLACES["api_key_type"]] != Workspace.KeyType.SUPER_ADMIN:
            noted.key_used = at
    elif slug and row[PLACES["function_name"]] == CHECK:
        instances.setdefault(slug, _Noted(slug)).note(at, success, error)


def _write(statement: str, noted: Iterable[_Noted]) -> None:
    documents = [asdict(each) for each in noted]
    if documents:
        with connection.cursor() as cursor:
            cursor.execute(statement, [orjson.dumps(documents).decode()])
