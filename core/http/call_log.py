"""api_call_logs: one row for every attempt, written a moment later by one thread per
process, by COPY.

The caller's transaction does not touch it: a call that was made stays logged when the work around
it is rolled back, and 3,500 calls cost a handful of statements. Rows wait at most
`settings.CALL_LOG_DELAY` seconds (or 500 of them); `flush()` writes what waits, and runs when the
process ends. With a delay of 0 (tests) a row is written at once through the caller's own
connection. A process that is killed loses what waited, never more than that second.

Whoever counts calls subscribes to `written`: it is sent with each batch,
in the transaction that stores it.

`success` is null where the answer was one that the caller takes, and yet no success.

A row holds no secret by construction: of the key only its last 8 characters, of the query only
numbers, dates and booleans, and every spelling of the key is cut out of the texts.
"""

import atexit
import os
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
import structlog
from django.conf import settings
from django.db import DatabaseError, Error, connection, transaction
from django.dispatch import Signal

from core.ids import time_of, uuid7
from core.masking import BULLETS

logger = structlog.get_logger(__name__)

_BATCH: Final = 500
# While the database is away so many rows are kept; then the oldest go.
_MOST_WAITING: Final = 20_000
_HARMLESS: Final = re.compile(
    r"[0-9]{1,12}|true|false|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z|[+-][0-9:]+)?)?"
)
SECRET_NAME: Final = re.compile(r"key|token|secret|pass|sign|code|auth|otp|pin", re.IGNORECASE)

# Column -> the most characters it takes (None: not a text).
COLUMNS: Final[dict[str, int | None]] = {
    "id": None,
    "created_at": None,
    "vendor": 40,
    "account": 120,
    "organization_id": None,
    "integration_id": None,
    "run_id": None,
    "workspace_name": 200,
    "bison_instance": 60,
    "endpoint": 500,
    "method": 8,
    "api_key_used": 16,
    "api_key_type": 20,
    "status_code": None,
    "response_time_ms": None,
    "success": None,
    "error_message": 500,
    "function_name": 80,
    "triggered_by": 40,
    "attempt": None,
    "request_id": 64,
    "metadata": None,
}
_COPY: Final = f"COPY api_call_logs ({', '.join(COLUMNS)}) FROM STDIN"
Row = tuple[Any, ...]
# Where in a row a column stands.
PLACES: Final = {name: number for number, name in enumerate(COLUMNS)}
# With `rows`.
written = Signal()


@dataclass
class Attempt:
    """One attempt as it will be logged: made before the call, so that its id tells
    when the call began.
    """

    values: dict[str, Any]
    spellings: Iterable[str] = ()
    id: Any = field(default_factory=uuid7)

    def log(
        self, *, status: int | None, elapsed_ms: int, error: str = "", success: bool | None = True
    ) -> None:
        self.values |= {
            "id": self.id,
            "created_at": time_of(self.id),
            "status_code": status,
            "response_time_ms": elapsed_ms,
            "success": success,
            "error_message": error,
            "request_id": str(structlog.contextvars.get_contextvars().get("request_id") or ""),
        }
        _writer.add(self._row())

    def _row(self) -> Row:
        return tuple(self._column(name, most) for name, most in COLUMNS.items())

    def _column(self, name: str, most: int | None) -> Any:
        value = self.values.get(name)
        if name == "metadata":
            return orjson.dumps(self._clean(value or {}), default=str).decode()
        if most is None:
            return value
        return self._text(str(value or ""))[:most]

    def _text(self, text: str) -> str:
        """Return the text without any spelling of the key, and without
        what PostgreSQL cannot store.
        """
        for spelling in self.spellings:
            text = text.replace(spelling, BULLETS)
        return text.replace("\x00", "").encode(errors="replace").decode()

    def _clean(self, value: Any, depth: int = 0) -> Any:
        if isinstance(value, Mapping) and depth < 5:
            return {
                self._text(str(key))[:100]: self._clean(item, depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple) and depth < 5:
            return [self._clean(item, depth + 1) for item in value[:100]]
        if value is None or isinstance(value, bool | float):
            return value
        # orjson takes integers of 64 bits; a longer one is kept as text.
        if isinstance(value, int) and abs(value) < 2**53:
            return value
        return self._text(str(value))[:1000]


def last_8(key: str) -> str:
    """Return what the log keeps of a key; nothing of one so short that its end
    would give it away.
    """
    if len(key) >= 20:
        return key[-8:]
    return ""


def endpoint(path: str, query: str) -> str:
    """Return the path, and of its query what cannot be a secret or a person:
    numbers, dates, booleans.
    """
    shown = [
        f"{name}={value if _HARMLESS.fullmatch(value) and not SECRET_NAME.search(name) else '…'}"
        for name, value in parse_qsl(query, keep_blank_values=True)
    ]
    if not shown:
        return path
    return path + "?" + "&".join(shown)


def flush() -> None:
    """Write every row that waits, through the calling thread's connection."""
    _writer.flush()


def flush_at_end(**_signal: Any) -> None:
    """Do the same when a process ends: what cannot be written then is lost, and said."""
    try:
        flush()
    except Exception:  # nothing may keep a process from ending
        logger.exception("call_log_lost")


class _Writer:
    """The rows that wait, and the thread that writes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._full = threading.Event()
        self._rows: list[Row] = []
        self._thread: threading.Thread | None = None

    def add(self, row: Row) -> None:
        if not settings.CALL_LOG_DELAY:
            _write([row])
            return
        with self._lock:
            self._rows.append(row)
            waiting = len(self._rows)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="call log", daemon=True)
                self._thread.start()
        self._some.set()
        if waiting >= _BATCH:
            self._full.set()

    def flush(self) -> None:
        with self._lock:
            rows, self._rows = self._rows, []
        unwritten = []
        if rows:
            unwritten = _write(rows)
        if unwritten:
            with self._lock:
                self._rows = (unwritten + self._rows)[-_MOST_WAITING:]
            self._some.set()

    def _run(self) -> None:
        while True:
            self._some.wait()
            self._full.wait(settings.CALL_LOG_DELAY or 1)
            self._some.clear()
            self._full.clear()
            try:
                self.flush()
            except Exception:  # the thread must outlive whatever it is given
                # Without it no call is logged any more.
                logger.exception("call_log_failed")
            finally:
                connection.close()

    def forget(self) -> None:
        """Forget, in a forked child, the waiting rows and the thread: they are the parent's."""
        self.__init__()  # type: ignore[misc]


def _write(rows: list[Row]) -> list[Row]:
    """Write the rows; gives back those to try again (the database is away).
    Never raises a database's error.
    """
    try:
        _copy(rows)
    except DatabaseError as error:
        if _is_away(error):
            logger.warning("call_log_waits_for_database", rows=len(rows))
            return rows
        if len(rows) == 1:
            logger.exception("call_log_row_refused")
            return []
        # One row is at fault: halve until it stands alone.
        half = len(rows) // 2
        return _write(rows[:half]) + _write(rows[half:])
    except Error:
        logger.warning("call_log_waits_for_database", rows=len(rows))
        return rows
    return []


def _copy(rows: list[Row]) -> None:
    # Inside a transaction of the caller's (tests) this is a savepoint:
    # a row that fails must not spoil it.
    with transaction.atomic():
        with (
            connection.cursor() as cursor,
            connection.wrap_database_errors,
            cursor.copy(_COPY) as copy,
        ):
            for row in rows:
                copy.write_row(row)
        _tell(rows)


def _tell(rows: list[Row]) -> None:
    """Tell whoever counts; what goes wrong with them costs no row of the log."""
    try:
        with transaction.atomic():
            written.send(sender=None, rows=rows)
    except DatabaseError as error:
        if _is_away(error):
            raise
        logger.exception("calls_not_counted", rows=len(rows))


def _is_away(error: Exception) -> bool:
    """Tell whether the server, and not a row, is at fault:
    no SQLSTATE, or one of the classes 08, 53, 55, 57, 40.
    """
    code = getattr(error.__cause__, "sqlstate", None)
    return code is None or code[:2] in {"08", "25", "40", "53", "55", "57"}


_writer = _Writer()
os.register_at_fork(after_in_child=_writer.forget)
atexit.register(flush_at_end)
