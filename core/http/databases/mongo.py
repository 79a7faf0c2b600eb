"""MongoDB by pymongo: one server, one `find`, its filter looked through for what
runs code or writes.

pymongo resolves names, follows a replica set's own list of hosts and looks up `mongodb+srv`
records. It gets none of that: an address of this machine (the relay's), `directConnection`, and
options instead of a connection string.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bson import json_util
from bson.codec_options import DatetimeConversion
from bson.errors import BSONError
from pymongo import MongoClient
from pymongo.errors import (
    ConnectionFailure,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from core.errors import BadCredentials, Misconfigured, Rejected, Temporary, VendorError
from core.http.databases import failures
from core.http.databases.places import Bounds, Place, Rows
from core.http.databases.sql import PARAMETERS
from core.http.databases.tls import context_for
from core.http.relay import Relay

ERRORS: Final = (PyMongoError, BSONError, UnicodeError, ValueError, TypeError, OverflowError)
_CODE: Final = frozenset(
    {
        "$where",
        "$function",
        "$accumulator",
        "$out",
        "$merge",
        "$code",
        "$scope",
        "$eval",
        "$lookup",
        "$unionWith",
    }
)
_PARTS: Final = frozenset({"collection", "filter", "projection", "sort"})
_DEEPEST: Final = 20
_BATCH: Final = 100
_MEANINGS: Final = {
    18: (BadCredentials, failures.WRONG_PASSWORD),
    11: (BadCredentials, failures.WRONG_PASSWORD),
    13: (Rejected, failures.NO_RIGHT),
    50: (Rejected, failures.TOO_SLOW),
    73: (Misconfigured, failures.NO_DATABASE),
    189: (Temporary, failures.BUSY),
    91: (Temporary, failures.BUSY),
    11600: (Temporary, failures.BUSY),
    13435: (Temporary, failures.BUSY),
}
_WRITING: Final = frozenset({"insert", "update", "remove", "dropCollection", "createCollection"})


def relay(vendor: str, place: Place, bounds: Bounds) -> Relay:
    """Return the way to the server: it speaks TLS itself, as MongoDB does from the first byte."""
    return Relay(
        place.host,
        place.port,
        seconds=bounds.total,
        most=bounds.all_bytes,
        connect=bounds.connect,
        tls=context_for(vendor, place),
    )


@contextlib.contextmanager
def session(vendor: str, place: Place, bounds: Bounds, way: Relay) -> Iterator["Reading"]:
    """Sign in."""
    signs_in: dict[str, Any] = {}
    if place.user:
        signs_in = {
            "username": place.user,
            "password": place.password.reveal(),
            "authSource": place.signs_in_at or "admin",
        }
    milliseconds = round(bounds.connect * 1000)
    client: MongoClient[dict[str, Any]] = MongoClient(
        host="127.0.0.1",
        port=way.door,
        directConnection=True,
        **signs_in,
        serverSelectionTimeoutMS=milliseconds,
        connectTimeoutMS=milliseconds,
        socketTimeoutMS=round(bounds.total * 1000),
        maxPoolSize=1,
        retryReads=False,
        retryWrites=False,
        appname="Koppel",
        tz_aware=True,
        unicode_decode_error_handler="replace",
        datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    )
    try:
        client.admin.command("ping")
        yield Reading(vendor, client, place.database, bounds)
    finally:
        client.close()


class Reading:
    """A session that asks for nothing but `find`."""

    def __init__(
        self, vendor: str, client: "MongoClient[dict[str, Any]]", database: str, bounds: Bounds
    ) -> None:
        self._vendor = vendor
        self._client = client
        self._database = client[database]
        self._bounds = bounds

    @property
    def version(self) -> str:
        return f"MongoDB {self._client.server_info().get('version', '')}"[:40]

    def read(self, query: str, arguments: Mapping[str, str], most: int) -> Rows:
        """Return at most `most` documents."""
        asked = parsed(self._vendor, query, arguments)
        failure: VendorError
        try:
            found = self._database[asked["collection"]].find(
                asked.get("filter", {}),
                asked.get("projection"),
                sort=list(asked["sort"].items()) if asked.get("sort") else None,
                limit=most + 1,
                batch_size=min(_BATCH, most + 1),
                max_time_ms=round(self._bounds.statement * 1000),
                allow_disk_use=False,
            )
            documents = list(found)
        except ERRORS as error:
            failure = meaning(self._vendor, error, query)
        else:
            return self._rows(documents, most)
        raise failure

    def _rows(self, documents: list[dict[str, Any]], most: int) -> Rows:
        rows = []
        size = 0
        for document in documents[:most]:
            row = {str(name): _plain(value) for name, value in document.items()}
            length = len(json.dumps(row))
            if length > self._bounds.row_bytes:
                raise Rejected(self._vendor, failures.ROW_TOO_LARGE)
            size += length
            rows.append(row)
        return Rows(rows, is_cut=len(documents) > most, size=size)

    def is_read_only(self) -> bool:
        """Tell that nothing is written: no command but `find` goes out."""
        return True

    def may_write(self) -> bool:
        try:
            status = self._client.admin.command("connectionStatus", showPrivileges=True)
        except ERRORS:
            return False
        granted = (status.get("authInfo") or {}).get("authenticatedUserPrivileges") or []
        return any(_WRITING & set(privilege.get("actions", ())) for privilege in granted)


def parsed(vendor: str, query: str, arguments: Mapping[str, str]) -> dict[str, Any]:
    """Return what a query asks for, in MongoDB's own types;
    raise QueryError for what is no harmless find.
    """
    if not query.strip():
        raise failures.QueryError(vendor, failures.NO_QUERY)
    try:
        asked = json.loads(query)
    except json.JSONDecodeError as error:
        raise failures.QueryError(
            vendor, failures.NOT_JSON, query=query, position=error.pos
        ) from None
    except (RecursionError, ValueError):
        raise failures.QueryError(vendor, failures.NOT_JSON, query=query) from None
    if not isinstance(asked, dict) or asked.keys() - _PARTS:
        raise failures.QueryError(vendor, failures.NOT_A_FIND, query=query)
    if not isinstance(asked.get("collection"), str) or not asked["collection"]:
        raise failures.QueryError(vendor, failures.WITHOUT_COLLECTION, query=query)
    if any(not isinstance(asked.get(name, {}), dict) for name in ("filter", "projection", "sort")):
        raise failures.QueryError(vendor, failures.NOT_A_FIND, query=query)
    _check(vendor, query, asked)
    filled = _filled(vendor, query, asked, arguments)
    try:
        return dict(json_util.loads(json.dumps(filled)))
    except ERRORS:
        raise failures.QueryError(vendor, failures.NOT_JSON, query=query) from None


def _check(vendor: str, query: str, value: Any, depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise failures.QueryError(vendor, failures.NOT_JSON, query=query)
    if isinstance(value, dict):
        for name in value.keys() & _CODE:
            raise failures.QueryError(
                vendor, failures.RUNS_CODE, query=query, position=query.find(name)
            )
    for inner in _inner(value):
        _check(vendor, query, inner, depth + 1)


def _inner(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _filled(vendor: str, query: str, value: Any, arguments: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(vendor, query, inner, arguments) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(vendor, query, inner, arguments) for inner in value]
    if isinstance(value, str) and value.startswith(":") and value[1:] in PARAMETERS:
        return arguments[value[1:]]
    return value


def uses(query: str, name: str) -> bool:
    """Tell whether the query has this parameter."""
    return f'":{name}"' in query


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON has it: text for whatever MongoDB has beyond that."""
    if isinstance(value, dict) and depth < _DEEPEST:
        return {str(name): _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list) and depth < _DEEPEST:
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if value is None or isinstance(value, bool | str):
        return value
    return str(value)


def meaning(vendor: str, error: Exception, query: str = "") -> VendorError:
    """Return what an error of the driver means, by its code."""
    if isinstance(error, OperationFailure):
        if error.code in _MEANINGS:
            kind, text = _MEANINGS[error.code]
            return kind(vendor, text)
        return failures.QueryError(vendor, failures.REFUSED_QUERY, query=query)
    if isinstance(error, ServerSelectionTimeoutError):
        return Misconfigured(vendor, failures.ANOTHER_PROTOCOL)
    if isinstance(error, ConnectionFailure):
        return Temporary(vendor, failures.BROKE_OFF)
    return Rejected(vendor, failures.UNREADABLE)
