"""PostgreSQL by psycopg: one transaction that only reads, one cursor, every value as text."""

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.types.string import StrDumperUnknown, TextLoader

from core.errors import (
    BAD_CERTIFICATE,
    BadCredentials,
    Misconfigured,
    Rejected,
    Temporary,
    VendorError,
)
from core.http.databases import failures, sql
from core.http.databases.places import Bounds, Place, Rows, Tls
from core.http.databases.tls import authorities
from core.http.relay import Relay

ERRORS: Final = (psycopg.Error, UnicodeError, ValueError)
_MODES: Final = {Tls.VERIFY: "verify-full", Tls.ENCRYPT: "require", Tls.OFF: "disable"}
_DECLARE: Final = "DECLARE koppel NO SCROLL CURSOR FOR "
_BOOLEANS: Final = {"t": "true", "f": "false"}
_BOOLEAN: Final = 16
_NAMES: Final = frozenset({"42P01", "42703", "42883", "3F000"})
# Written by a statement that only reads: refused by the transaction,
# or by the cursor that the query is read through.
_WRITES: Final = frozenset({"25006", "0A000", "42P11"})
_MEANINGS: Final = {
    "28P01": (BadCredentials, failures.WRONG_PASSWORD),
    "28000": (BadCredentials, failures.NOT_LET_IN),
    "3D000": (Misconfigured, failures.NO_DATABASE),
    "42501": (Rejected, failures.NO_RIGHT),
    "57014": (Rejected, failures.TOO_SLOW),
    "57P01": (Temporary, failures.BROKE_OFF),
    "25P03": (Temporary, failures.BROKE_OFF),
    "55P03": (Temporary, failures.BUSY),
}
_CLASSES: Final = {
    "08": failures.BROKE_OFF,
    "53": failures.BUSY,
    "57": failures.BUSY,
    "40": failures.BUSY,
}


def relay(vendor: str, place: Place, bounds: Bounds) -> Relay:
    """Return the way to the server; TLS begins within the protocol, so it is the driver's."""
    return Relay(
        place.host, place.port, seconds=bounds.total, most=bounds.all_bytes, connect=bounds.connect
    )


@contextlib.contextmanager
def session(vendor: str, place: Place, bounds: Bounds, way: Relay) -> Iterator["Reading"]:
    """Sign in, and begin the one transaction that there is."""
    with authorities(place) as file:
        trusts: dict[str, Any] = {"sslrootcert": file} if place.tls == Tls.VERIFY else {}
        connection = psycopg.connect(
            host=way.host,
            hostaddr="127.0.0.1",
            port=way.door,
            dbname=place.database,
            user=place.user,
            password=place.password.reveal(),
            sslmode=_MODES[place.tls],
            **trusts,
            gssencmode="disable",
            passfile=os.devnull,
            application_name="Koppel",
            client_encoding="utf8",
            connect_timeout=max(2, round(bounds.connect)),
            target_session_attrs="any",
            context=_adapters(),
        )
    with contextlib.closing(connection):
        connection.read_only = True
        limits = {
            "statement_timeout": f"{round(bounds.statement * 1000)}",
            "lock_timeout": "5000",
            "standard_conforming_strings": "on",
            "datestyle": "ISO",
            "timezone": "UTC",
            "bytea_output": "hex",
        }
        for name, value in limits.items():
            connection.execute(f"SET LOCAL {name} = '{value}'".encode())
        yield Reading(vendor, connection, bounds)


def _adapters() -> AdaptersMap:
    """Return what leaves every value as the text that PostgreSQL wrote, whatever type the server
    says that it has.
    """
    adapters = AdaptersMap()
    adapters.register_dumper(str, StrDumperUnknown)
    adapters.register_loader(0, TextLoader)
    return adapters


class Reading:
    """A session: what is read through it is read in one transaction."""

    def __init__(self, vendor: str, connection: "psycopg.Connection[Any]", bounds: Bounds) -> None:
        self._vendor = vendor
        self._connection = connection
        self._bounds = bounds

    @property
    def version(self) -> str:
        number = self._connection.info.server_version
        return f"PostgreSQL {number // 10000}.{number % 10000}"

    def read(self, query: str, arguments: Mapping[str, str], most: int) -> Rows:
        """Return at most `most` rows; the query is bound to a cursor, which takes nothing
        but one that reads.
        """
        parts = sql.statement(self._vendor, query, is_mysql=False)
        values: list[str] = []

        def numbered(name: str) -> str:
            values.append(arguments[name])
            return f"${len(values)}"

        text = sql.written(parts, numbered)
        cursor = psycopg.RawCursor(self._connection)
        failure: VendorError
        try:
            # Binary: by the extended protocol, in which a second statement is an error.
            cursor.execute((_DECLARE + text).encode(), values, binary=True)
            cursor.execute(f"FETCH FORWARD {most + 1} FROM koppel".encode())
            found = cursor.fetchall()
            kinds = [(column.name, column.type_code) for column in cursor.description or ()]
            cursor.execute(b"CLOSE koppel")
        except psycopg.Error as error:
            failure = meaning(self._vendor, error, query)
        else:
            return self._rows(kinds, found, most)
        raise failure

    def _rows(self, kinds: list[tuple[str, int]], found: list[tuple[Any, ...]], most: int) -> Rows:
        rows = []
        size = 0
        for values in found[:most]:
            row = {}
            length = 0
            for (name, kind), value in zip(kinds, values, strict=True):
                text = _BOOLEANS.get(value, value) if kind == _BOOLEAN else value
                row[name] = text
                length += len(text or "")
            if length > self._bounds.row_bytes:
                raise Rejected(self._vendor, failures.ROW_TOO_LARGE)
            size += length
            rows.append(row)
        return Rows(rows, is_cut=len(found) > most, size=size)

    def is_read_only(self) -> bool:
        return self._only("SHOW transaction_read_only") == "on"

    def may_write(self) -> bool:
        """Tell whether the user is a superuser, or may change any table that is not
        the server's own.
        """
        return (
            self._only(
                "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) "
                "OR EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n "
                "ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') "
                "AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
                "AND n.nspname !~ '^pg_toast' AND has_table_privilege(c.oid, 'INSERT, UPDATE, "
                "DELETE, TRUNCATE'))"
            )
            == "t"
        )

    def _only(self, query: str) -> Any:
        row = psycopg.RawCursor(self._connection).execute(query.encode()).fetchone()
        return row[0] if row else None


def meaning(vendor: str, error: Exception, query: str = "") -> VendorError:
    """Return what an error of the driver means: by its SQLSTATE, and where there is none by what
    libpq says itself.
    """
    if not isinstance(error, psycopg.Error):
        return Rejected(vendor, failures.UNREADABLE)
    state = error.sqlstate or ""
    if state in _MEANINGS:
        kind, text = _MEANINGS[state]
        return kind(vendor, text)
    if state in _WRITES:
        return failures.QueryError(vendor, failures.READ_ONLY, query=query)
    if state[:2] in _CLASSES:
        return Temporary(vendor, _CLASSES[state[:2]])
    if state[:2] == "42":
        position = int(error.diag.statement_position or len(_DECLARE) + 1) - len(_DECLARE) - 1
        text = failures.WRONG_NAME if state in _NAMES else failures.WRONG_QUERY
        return failures.QueryError(vendor, text, query=query, position=position)
    if state:
        return Rejected(vendor, failures.REFUSED_QUERY)
    return _not_signed_in(vendor, error)


def _not_signed_in(vendor: str, error: psycopg.Error) -> VendorError:
    """Return why nobody was let in: the server's error has no SQLSTATE before that,
    and may be in any language.
    """
    text = str(error)
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return Temporary(vendor, failures.TOO_LONG_TO_CONNECT)
    if re.search(r"does not support SSL|SSL negotiation", text):
        return failures.BadTls(vendor, failures.WITHOUT_TLS)
    if re.search(r"certificate|SSL error|root certificate", text):
        return failures.BadTls(vendor, BAD_CERTIFICATE)
    if re.search(r"pg_hba\.conf", text):
        return BadCredentials(vendor, failures.NOT_LET_IN)
    if re.search(r"database .* does not exist|permission denied for database", text):
        return Misconfigured(vendor, failures.NO_DATABASE)
    if re.search(
        r"too many (clients|connections)|remaining connection slots|(starting|shutting) (up|down)",
        text,
    ):
        return Temporary(vendor, failures.BUSY)
    if re.search(
        r"closed the connection|could not receive|timeout expired|connection is lost", text
    ):
        return Temporary(vendor, failures.BROKE_OFF)
    if re.search(r"expected authentication request|received invalid response|invalid length", text):
        return Misconfigured(vendor, failures.ANOTHER_PROTOCOL)
    if "FATAL" in text or re.search(r":  \S", text):
        return BadCredentials(vendor, failures.WRONG_PASSWORD)
    return Temporary(vendor, failures.NOBODY_ANSWERS)
