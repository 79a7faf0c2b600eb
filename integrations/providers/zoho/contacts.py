"""Contacts out of Zoho: a list in the order of ids whose tokens are followed,
the deleted ones by themselves.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from core.errors import UNREADABLE, Rejected, Temporary
from core.http import Answer, Client
from core.vendors import Values
from core.words import moments
from integrations.contacts.speaking import ContactPage, RemoteContact
from integrations.providers.zoho.fields import columns, flat
from integrations.providers.zoho.names import CONTACTS, VENDOR

# What was saved shortly before may become visible shortly after: so much is read twice.
OVERLAP: Final = timedelta(minutes=5)
PER_PAGE: Final = 200
MOST_REPEATS: Final = 3
# Nobody there: 204 without a body. Nobody changed: 304.
ANSWERED: Final = (200, 204, 304)
# Where a list goes on, as its cursor keeps it.
State = dict[str, Any]


def fetch(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    """Return a page of the contacts changed since, or of all.

    The order is that of ids: what is changed meanwhile keeps its place,
    and what is added comes last.
    """
    return fetch_with((), client, values, since, cursor)


def fetch_with(
    names: Collection[str],
    client: Client,
    values: Values,
    since: datetime | None,
    cursor: str | None,
) -> ContactPage:
    """Return a page as `fetch` does, with these fields too."""

    def begin() -> State:
        state: State = {"fields": columns(client, names)}
        if since is None:
            state["total"] = _count_or_none(client, values)
        return state

    def ask(state: State) -> ContactPage:
        params = {
            "fields": state["fields"],
            "per_page": PER_PAGE,
            "sort_by": "id",
            "sort_order": "asc",
        }
        return _page(_asked(client, CONTACTS, params, since, state), state, is_deleted=False)

    return _going_on(cursor, begin, ask)


def fetch_deleted(
    client: Client, _values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    """Return a page of the contacts that were deleted, into the bin or for good."""

    def ask(state: State) -> ContactPage:
        answer = _asked(
            client, f"{CONTACTS}/deleted", {"type": "all", "per_page": PER_PAGE}, since, state
        )
        return _page(answer, state, is_deleted=True)

    return _going_on(cursor, dict, ask)


def _going_on(
    cursor: str | None, begin: Callable[[], State], ask: Callable[[State], ContactPage]
) -> ContactPage:
    """Return the page of a cursor, or the first. A list whose token has ended, after a day,
    is begun anew, once.
    """
    if cursor is None:
        return ask(begin())
    state: State = json.loads(cursor)
    try:
        return ask(state)
    except Rejected as error:
        if error.status != 400 or "page_token" not in state or state.get("restarts"):
            raise
    return ask({**begin(), "restarts": 1})


def count(client: Client, _values: Values) -> int | None:
    """Return how many contacts there are."""
    body = client.get(f"{CONTACTS}/actions/count").json()
    found = body.get("count") if isinstance(body, dict) else None
    if isinstance(found, int) and not isinstance(found, bool) and found >= 0:
        return found
    return None


def _count_or_none(client: Client, values: Values) -> int | None:
    try:
        return count(client, values)
    except Rejected:
        return None


def _asked(
    client: Client, path: str, params: Mapping[str, Any], since: datetime | None, state: State
) -> Answer:
    headers = {}
    if since is not None:
        # ISO 8601 with an offset, and not the date of HTTP.
        headers["If-Modified-Since"] = (
            (since - OVERLAP).astimezone(UTC).isoformat(timespec="seconds")
        )
    place = {name: state[name] for name in ("page_token", "page") if name in state}
    return client.get(path, params={**params, **place}, headers=headers, ok=ANSWERED)


def _page(answer: Answer, state: State, *, is_deleted: bool) -> ContactPage:
    """Return what an answer holds; Temporary where it is no page,
    or the list goes round in a circle.
    """
    total = state.get("total")
    if answer.status != 200 or not answer.body:
        return ContactPage([], None, total)
    body = answer.json()
    rows = body.get("data") if isinstance(body, dict) else None
    info = body.get("info") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not isinstance(info, dict):
        raise Temporary(VENDOR, UNREADABLE)
    records = [_contact(row, is_deleted=is_deleted) for row in rows]
    return ContactPage(
        records,
        _cursor(info, state, len(rows), [] if is_deleted else records),
        total,
        len(answer.body),
    )


def _contact(row: Any, *, is_deleted: bool) -> RemoteContact:
    if not isinstance(row, dict) or not str(row.get("id") or "").isdecimal():
        raise Temporary(VENDOR, UNREADABLE)
    name = "deleted_time" if is_deleted else "Modified_Time"
    fields = {} if is_deleted else flat(row)
    return RemoteContact(str(row["id"]), fields, moments.read(row.get(name), None), is_deleted)


def _cursor(
    info: Mapping[str, Any], state: State, size: int, records: Sequence[RemoteContact]
) -> str | None:
    """Return where the next page is. A page may come twice, but each must lead on in the end."""
    if info.get("more_records") is not True or not size:
        return None
    kept = {name: value for name, value in state.items() if name in ("fields", "total", "restarts")}
    newest = max([int(record.id) for record in records], default=0)
    repeats = 0
    is_sorted = bool(records)
    is_no_newer = is_sorted and newest <= state.get("last", 0)
    is_same_page = info.get("next_page_token") == state.get("page_token", "")
    if is_no_newer or is_same_page:
        repeats = state.get("repeats", 0) + 1
    if repeats > MOST_REPEATS:
        raise Temporary(VENDOR, UNREADABLE)
    following = {**kept, "last": max(newest, state.get("last", 0)), "repeats": repeats}
    token = info.get("next_page_token")
    if isinstance(token, str) and token:
        following["page_token"] = token
    else:
        following["page"] = state.get("page", 1) + 1
    return json.dumps(following)
