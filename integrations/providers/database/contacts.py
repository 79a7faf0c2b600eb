"""The rows of a query as contacts: since a moment, and page by page after a key,
where the query takes them.

`:since` is the moment of the last sync (1970 for a full pass), `:after` the id of the last row of
the page before. A query without `:after` is read in one page; more rows than that are an error, and
no silent cut.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Rejected
from core.http.databases import Engine, QueryError, Rows, sql
from core.http.databases import mongo as of_mongo
from core.sync.pagers import Looped
from core.vendors import Values
from integrations.contacts.speaking import FAILED, ContactPage, ContactWrite, Written
from integrations.providers.database.places import Reader
from integrations.providers.freeform import fields, mapping, paths
from integrations.providers.freeform.refusals import READS_ONLY, AtPath

ON_A_PAGE: Final = 500
# Of a query that is read in one page.
AT_ONCE: Final = 5000
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ORDER: Final = re.compile(r"\border\s+by\b", re.IGNORECASE)
TOO_MANY: Final = _(
    "The query gives more rows than Koppel takes at once. Add “WHERE id > :after ORDER BY id”, and "
    "it is read by pages."
)
NO_COLUMN: Final = _(
    "The query gives no column “%(path)s”. Name it in the SELECT, or correct the mapping."
)
NOT_SORTED: Final = _(
    "The query must be sorted by “%(path)s” where it has :after, else rows are passed over."
)
NO_KEY: Final = _(
    "The last row of a page has no “%(path)s” to go on from. Select it, and sort by it."
)


def fetch(reader: Any, values: Values, since: datetime | None, cursor: str | None) -> ContactPage:
    """Return a page of the rows as contacts."""
    query = values.text("query")
    is_paged = uses(reader, query, "after")
    after = values.text("keyStart") or "0"
    if cursor is not None:
        after = str(json.loads(cursor)["after"])
    most = ON_A_PAGE if is_paged else AT_ONCE
    rows = _rows(reader, query, arguments(values, since, after), most)
    if rows.is_cut and not is_paged:
        raise Rejected(reader.vendor, TOO_MANY)
    following = None
    if is_paged:
        check_order(reader, values, rows)
    if is_paged and rows.is_cut:
        following = _next(reader.vendor, values, rows, after)
    return ContactPage(contacts_in(values, rows), following, size=rows.size)


def arguments(values: Values, since: datetime | None, after: str = "") -> dict[str, str]:
    """Return what stands for the parameters of a query."""
    moment = (since or BEGINNING).astimezone(UTC)
    text = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    if values.text("engine") == Engine.POSTGRESQL:
        text = moment.isoformat()
    if values.text("engine") == Engine.MONGODB:
        text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"since": text, "after": after or values.text("keyStart") or "0"}


def contacts_in(values: Values, rows: Rows) -> list[Any]:
    """Return the rows as contacts."""
    places = mapping.places_of(values)
    return [mapping.contact(row, places, at) for row in rows.rows]


def check_columns(vendor: str, values: Values, rows: Rows) -> None:
    """Raise AtPath for a column of the mapping that the query does not give."""
    for name, place in mapping.places_of(values).items():
        usual = next(usual for each, _label, usual in fields.MAPPED if each == name)
        is_unusual = place != usual or name == "email"
        is_chosen = bool(place) and is_unusual
        if (
            rows.rows
            and is_chosen
            and place.partition(".")[0] not in rows.columns
            and place not in rows.columns
        ):
            raise AtPath(vendor, NO_COLUMN, place)


def check_order(reader: Reader, values: Values, rows: Rows) -> None:
    """Raise AtPath for a query by pages whose rows do not come in the order of their ids."""
    place = values.text("mapping.id")
    keys = [at(row, place) for row in rows.rows]
    if all(key.isascii() and key.isdecimal() for key in keys):
        numbers = [int(key) for key in keys]
        is_right = numbers == sorted(numbers)
    else:
        # Each database has an order of its own for texts: that they are sorted at all
        # is what can be seen.
        is_right = _names_an_order(reader, values.text("query"))
    if not is_right:
        raise AtPath(reader.vendor, NOT_SORTED, place)


def _names_an_order(reader: Reader, query: str) -> bool:
    if reader.place.engine == Engine.MONGODB:
        return bool(json.loads(query).get("sort"))
    return _ORDER.search(query) is not None


def at(row: Mapping[str, Any], place: str) -> str:
    """Return what a row has in a column: by its whole name first, which may have dots."""
    if place in row:
        return paths.as_text(row[place])
    try:
        return paths.text_at(row, place)
    except ValueError:
        return ""


def uses(reader: Reader, query: str, name: str) -> bool:
    """Tell whether a query has this parameter; a query that cannot be read is refused
    when it is sent.
    """
    if reader.place.engine == Engine.MONGODB:
        return of_mongo.uses(query, name)
    try:
        parts = sql.statement(reader.vendor, query, is_mysql=reader.place.engine == Engine.MYSQL)
    except QueryError:
        return False
    return sql.uses(parts, name)


def _rows(reader: Reader, query: str, given: Mapping[str, str], most: int) -> Rows:
    with reader.session() as session:
        return session.read(query, given, most)


def _next(vendor: str, values: Values, rows: Rows, after: str) -> str:
    place = values.text("mapping.id")
    key = at(rows.rows[-1], place)
    if not key:
        raise AtPath(vendor, NO_KEY, place)
    if key == after:
        raise Looped(vendor)
    return json.dumps({"after": key})


def upsert(_reader: Any, _values: Values, writes: Sequence[ContactWrite]) -> list[Written]:
    """Write nothing: a database is only read."""
    return [Written(write.key, write.vendor_id or "", FAILED, READS_ONLY) for write in writes]
