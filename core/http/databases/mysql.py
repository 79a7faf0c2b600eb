"""MySQL and MariaDB by PyMySQL: one transaction that only reads, rows as they come,
every value as text.
"""

import contextlib
import socket
import ssl
import struct
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pymysql
from pymysql.converters import encoders
from pymysql.cursors import SSCursor

from core.errors import BadCredentials, Misconfigured, Rejected, Temporary, VendorError
from core.http.databases import failures, sql
from core.http.databases.places import Bounds, Place, Rows
from core.http.databases.tls import context_for
from core.http.relay import Relay

# A server that speaks another protocol makes PyMySQL stumble in many ways.
ERRORS: Final = (
    pymysql.MySQLError,
    OSError,
    UnicodeError,
    ValueError,
    LookupError,
    RuntimeError,
    TypeError,
    AssertionError,
    struct.error,
)
# Of sql_mode: what a backslash and a double quote mean is settled by it, as `sql` reads them.
_MODE: Final = "STRICT_TRANS_TABLES"
_NAMES: Final = frozenset({1146, 1054, 1305, 1051})
_WRITES: Final = frozenset({1792, 1290, 1222})
_SYNTAX: Final = frozenset({1064, 1149, 1235})
_MEANINGS: Final = {
    1045: (BadCredentials, failures.WRONG_PASSWORD),
    1698: (BadCredentials, failures.WRONG_PASSWORD),
    1862: (BadCredentials, failures.WRONG_PASSWORD),
    1130: (BadCredentials, failures.NOT_LET_IN),
    3159: (failures.BadTls, failures.WITHOUT_TLS),
    2026: (failures.BadTls, failures.WITHOUT_TLS),
    1044: (Misconfigured, failures.NO_DATABASE),
    1049: (Misconfigured, failures.NO_DATABASE),
    1142: (Rejected, failures.NO_RIGHT),
    1143: (Rejected, failures.NO_RIGHT),
    1227: (Rejected, failures.NO_RIGHT),
    1370: (Rejected, failures.NO_RIGHT),
    1969: (Rejected, failures.TOO_SLOW),
    3024: (Rejected, failures.TOO_SLOW),
    1317: (Rejected, failures.TOO_SLOW),
    1205: (Temporary, failures.BUSY),
    1213: (Temporary, failures.BUSY),
    1040: (Temporary, failures.BUSY),
    1203: (Temporary, failures.BUSY),
    1226: (Temporary, failures.BUSY),
    1053: (Temporary, failures.BUSY),
    2006: (Temporary, failures.BROKE_OFF),
    2013: (Temporary, failures.BROKE_OFF),
}


def relay(vendor: str, place: Place, bounds: Bounds) -> Relay:
    """Return the way to the server; TLS begins within the protocol, so it is the driver's."""
    return Relay(
        place.host, place.port, seconds=bounds.total, most=bounds.all_bytes, connect=bounds.connect
    )


@contextlib.contextmanager
def session(vendor: str, place: Place, bounds: Bounds, way: Relay) -> Iterator["Reading"]:
    """Sign in, and begin the one transaction that there is."""
    context = context_for(vendor, place)
    connection = pymysql.Connection(
        host=way.host,
        user=place.user,
        password=place.password.reveal().encode("utf-8", "surrogatepass"),
        database=place.database,
        charset="utf8mb4",
        sql_mode=_MODE,
        conv=dict(encoders),
        defer_connect=True,
        local_infile=False,
        autocommit=None,
        program_name="Koppel",
        read_timeout=bounds.connect,
        write_timeout=bounds.connect,
        **({"ssl": context} if context else {"ssl_disabled": True}),
    )
    dialled = socket.create_connection(("127.0.0.1", way.door), bounds.connect)
    try:
        connection.connect(dialled)
        reading = Reading(vendor, connection, bounds)
        reading.begin()
        yield reading
    finally:
        # Without a farewell: what is under way ends with the relay.
        connection._force_close()
        dialled.close()


class Reading:
    """A session: what is read through it is read in one transaction."""

    def __init__(self, vendor: str, connection: "pymysql.Connection[Any]", bounds: Bounds) -> None:
        self._vendor = vendor
        self._connection = connection
        self._bounds = bounds

    @property
    def _is_mariadb(self) -> bool:
        return "mariadb" in self._connection.get_server_info().lower()

    @property
    def version(self) -> str:
        number = self._connection.get_server_info().removeprefix("5.5.5-").partition("-")[0]
        return f"{'MariaDB' if self._is_mariadb else 'MySQL'} {number}"[:40]

    def begin(self) -> None:
        limit = f"max_execution_time = {round(self._bounds.statement * 1000)}"
        if self._is_mariadb:
            limit = f"max_statement_time = {self._bounds.statement}"
        for words in (
            f"SET SESSION {limit}",
            "SET SESSION lock_wait_timeout = 5",
            "SET SESSION time_zone = '+00:00'",
            "SET SESSION TRANSACTION READ ONLY",
            "START TRANSACTION READ ONLY",
        ):
            self._connection.query(words)
        # From now on a server that ends no statement is ended by the relay.
        self._connection._read_timeout = self._bounds.total

    def read(self, query: str, arguments: Mapping[str, str], most: int) -> Rows:
        """Return at most `most` rows; the rest stays at the server."""
        parts = sql.statement(self._vendor, query, is_mysql=True)
        text = sql.written(parts, lambda name: self._connection.escape(arguments[name]))
        cursor = SSCursor(self._connection)
        failure: VendorError
        try:
            cursor.execute(text)
            names = [column[0] for column in cursor.description or ()]
            found: list[tuple[Any, ...]] = []
            while len(found) <= most and (values := cursor.fetchone()) is not None:
                found.append(values)
        except ERRORS as error:
            failure = meaning(self._vendor, error, query)
        else:
            return self._rows(names, found, most)
        finally:
            # What is left is not read: the connection is given up instead.
            if cursor._result is not None:
                cursor._result.unbuffered_active = False
            cursor.connection = None
        raise failure

    def _rows(self, names: list[str], found: list[tuple[Any, ...]], most: int) -> Rows:
        rows = []
        size = 0
        for values in found[:most]:
            row = {name: _text(value) for name, value in zip(names, values, strict=True)}
            length = sum(len(text or "") for text in row.values())
            if length > self._bounds.row_bytes:
                raise Rejected(self._vendor, failures.ROW_TOO_LARGE)
            size += length
            rows.append(row)
        return Rows(rows, is_cut=len(found) > most, size=size)

    def is_read_only(self) -> bool:
        name = "@@session.tx_read_only" if self._is_mariadb else "@@session.transaction_read_only"
        return self._lines(f"SELECT {name}") == ["1"]

    def may_write(self) -> bool:
        grants = " ".join(self._lines("SHOW GRANTS")).upper()
        return any(
            right in grants
            for right in ("ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "SUPER", "FILE")
        )

    def _lines(self, query: str) -> list[str]:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return [str(_text(row[0])) for row in cursor.fetchall()]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value)


def meaning(vendor: str, error: Exception, query: str = "") -> VendorError:
    """Return what an error of the driver means, by its number."""
    cause: BaseException = getattr(error, "original_exception", error)
    if isinstance(cause, ssl.SSLError):
        return failures.unreachable(vendor, cause)
    if not isinstance(error, pymysql.MySQLError):
        return Temporary(vendor, failures.BROKE_OFF) if isinstance(cause, OSError) else _odd(vendor)
    if isinstance(cause, OSError):
        return Temporary(vendor, failures.BROKE_OFF)
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if number in _MEANINGS:
        kind, text = _MEANINGS[number]
        return kind(vendor, text)
    if number in _WRITES:
        return failures.QueryError(vendor, failures.READ_ONLY, query=query)
    if number in _SYNTAX or number in _NAMES:
        text = failures.WRONG_NAME if number in _NAMES else failures.WRONG_QUERY
        return failures.QueryError(vendor, text, query=query, **_where(query, str(error.args[-1])))
    if number:
        return Rejected(vendor, failures.REFUSED_QUERY)
    return _odd(vendor)


def _odd(vendor: str) -> VendorError:
    return Misconfigured(vendor, failures.ANOTHER_PROTOCOL)


def _where(query: str, words: str) -> dict[str, int]:
    """Return where the server's words say that the query is wrong: it quotes what stands there."""
    quoted = (
        words.partition("near '")[2].rpartition("' at line")[0]
        or words.partition("'")[2].partition("'")[0]
    )
    for name in (quoted, quoted.rpartition(".")[2]):
        if name and (place := query.find(name)) >= 0:
            return {"position": place}
    return {}
