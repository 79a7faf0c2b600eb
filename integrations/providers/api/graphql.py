"""GraphQL: a query with variables, pages by a cursor among them,
and errors that come with status 200.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import NO_PERMISSION, BadCredentials, RateLimited, Rejected, Temporary, VendorError
from core.http import Client
from core.sync.pagers import Looped
from core.vendors import Values
from integrations.providers.freeform import listing, paths

WRONG_QUERY: Final = _(
    "%(vendor)s cannot read the query. Try it in the service's own explorer, and correct it."
)
FAULT: Final = _(
    "%(vendor)s has a fault with this query at the moment. Nothing was lost; try again later."
)
_DENIED: Final = frozenset({"UNAUTHENTICATED", "UNAUTHORIZED", "INVALID_API_KEY"})
_FORBIDDEN: Final = frozenset({"FORBIDDEN", "ACCESS_DENIED"})
_LIMITED: Final = frozenset(
    {"THROTTLED", "RATE_LIMITED", "RATELIMITED", "TOO_MANY_REQUESTS", "COMPLEXITY"}
)
_FAULTS: Final = frozenset({"INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"})
_PAUSE: Final = 30.0


def read_page(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> listing.Part:
    """Return a page of what the query lists. A query changes nothing,
    so it is sent again after a failure.
    """
    place = listing.Place.read(cursor)
    wish = {"query": values.text("query"), "variables": _variables(values, since, place)}
    answer = client.post(values.text("path") or "", json=wish, idempotent=True, ok=(200, 400, 422))
    body = answer.json()
    refuse_errors(client.vendor, body, answer.status)
    items = listing.items_in(client.vendor, body, values.text("itemsPath"))
    following = paths.text_at(body, values.text("paging.cursorPath"))
    more = (
        paths.find(body, values.text("paging.morePath")) if values.text("paging.morePath") else True
    )
    if values.text("paging.kind") != "CURSOR" or not following or more is False:
        return listing.Part(items, None, len(answer.body))
    if following == place.asks:
        raise Looped(client.vendor)
    return listing.Part(items, listing.Place(following).written(), len(answer.body))


def _variables(values: Values, since: datetime | None, place: listing.Place) -> dict[str, Any]:
    found: dict[str, Any] = dict(json.loads(values.text("variables") or "{}"))
    if place.asks:
        found[values.text("paging.cursorParam") or "after"] = place.asks
    if since is not None and values.text("sinceParam"):
        found[values.text("sinceParam")] = listing.since_text(since)
    return found


def refuse_errors(vendor: str, body: Any, status: int) -> None:
    """Raise what the errors in an answer mean, by their codes; half of an answer is none."""
    errors = body.get("errors") if isinstance(body, dict) else None
    if not errors and status == 200:
        return
    raise _meaning(vendor, _codes(errors))


def _codes(errors: Any) -> set[str]:
    found: set[str] = set()
    for error in errors if isinstance(errors, Sequence) and not isinstance(errors, str) else ():
        if isinstance(error, dict):
            for path in ("extensions.code", "code", "extensions.classification", "type"):
                found.add(paths.text_at(error, path).upper())
    return found - {""}


def _meaning(vendor: str, codes: set[str]) -> VendorError:
    if codes & _DENIED:
        return BadCredentials(vendor)
    if codes & _FORBIDDEN:
        return Rejected(vendor, NO_PERMISSION, status=403)
    if codes & _LIMITED:
        return RateLimited(vendor, retry_after=_PAUSE)
    if codes & _FAULTS:
        return Temporary(vendor, FAULT)
    return Rejected(vendor, WRONG_QUERY)
