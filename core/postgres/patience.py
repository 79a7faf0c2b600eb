"""How long a process waits for PostgreSQL: as long as it takes, or seconds where somebody
waits for a page.

A server that is gone refuses at once. One that is frozen, or behind a cut line, says nothing:
then only a second question tells it from one that works on a long query.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from django.db import connections
from psycopg.abc import PQGen
from psycopg.waiting import READY_NONE

# A query that takes longer makes us ask, over a connection of its own, whether the server lives.
SILENCE: Final = 0.5
CONNECT: Final = 2
POOL: Final = 2.0
# Whoever comes within so long after a connection was not to be had is refused at once.
AWAY: Final = 1.0


@dataclass
class _Known:
    """What this process found out last, in time.monotonic() seconds."""

    is_limited: bool = False
    away_until: float = 0
    alive_until: float = 0


_known = _Known()
_asking = threading.Lock()


def limit() -> None:
    """Let this process wait for its database for seconds alone from now on.

    To be called before it is first asked.
    """
    _known.is_limited = True
    for name in connections:
        options = connections.settings[name]["OPTIONS"]
        options["connect_timeout"] = CONNECT
        # A pool that has failed to connect for a while would else wait for minutes
        # before it tries again.
        options["pool"] |= {
            "timeout": POOL,
            "reconnect_timeout": POOL,
            "connection_class": ImpatientConnection,
        }


def is_away() -> bool:
    """Tell whether the database was away a moment ago."""
    return time.monotonic() < _known.away_until


def refuse_while_away() -> None:
    """Raise OperationalError within that moment."""
    if is_away():
        raise psycopg.OperationalError("The database did not answer a moment ago")


def note_away() -> None:
    """Note that a connection was not to be had."""
    if _known.is_limited:
        _known.away_until = time.monotonic() + AWAY


class ImpatientConnection(psycopg.Connection[Any]):
    """A connection that is given up when its server is silent and does not answer
    another one, either.
    """

    def wait(self, gen: PQGen[Any], *args: Any, **kwargs: Any) -> Any:
        return super().wait(self._watched(gen), *args, **kwargs)

    def _watched(self, gen: PQGen[Any]) -> PQGen[Any]:
        """Wait in the same way, looked at ten times a second by psycopg (READY_NONE:
        nothing has come).
        """
        patient_until = time.monotonic() + SILENCE
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready == READY_NONE and time.monotonic() > patient_until:
                    self._end_if_silent()
                    patient_until = time.monotonic() + SILENCE
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value

    def _end_if_silent(self) -> None:
        if not _lives(self.info.dsn, self.info.password):
            note_away()
            self.pgconn.finish()
            raise psycopg.OperationalError("The database is silent")


def _lives(dsn: str, password: str) -> bool:
    """Tell whether the server takes another connection.

    Asked once for all threads that wait at the same time.
    """
    with _asking:
        if time.monotonic() < _known.alive_until:
            return True
        if is_away():
            return False
        try:
            psycopg.connect(dsn, password=password, connect_timeout=CONNECT).close()
        except psycopg.errors.ConnectionTimeout:
            note_away()
            return False
        except psycopg.OperationalError:
            # Full, starting or gone: something answers there, and a connection that is broken
            # says so by itself.
            return True
        _known.alive_until = time.monotonic() + SILENCE
        return True
