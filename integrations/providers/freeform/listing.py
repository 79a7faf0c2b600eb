"""A list of a service, page by page: by number, by cursor or by link, or all at once."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin

from core.http import Answer, Client
from core.sync.pagers import Looped
from core.vendors import Values
from integrations.providers.freeform import paths
from integrations.providers.freeform.refusals import NO_LINK, NO_LIST, AtPath

_NEXT: Final = re.compile(r"<([^<>]+)>\s*;[^,<]*\brel\s*=\s*\"?next\b", re.IGNORECASE)
_LONGEST: Final = 4000


@dataclass(frozen=True)
class Part:
    """A page of a list: its items, and what asks for the next one (None: there is none)."""

    items: list[Any] = field(repr=False)
    cursor: str | None
    size: int


@dataclass(frozen=True)
class Place:
    """Where a list goes on: `asks` for it, and `seen` stands for the page before."""

    asks: str = ""
    seen: str = ""

    @classmethod
    def read(cls, cursor: str | None) -> "Place":
        if cursor is None:
            return cls()
        found = json.loads(cursor)
        return cls(str(found.get("asks", "")), str(found.get("seen", "")))

    def written(self) -> str:
        return json.dumps({"asks": self.asks, "seen": self.seen})


def items_in(vendor: str, body: Any, path: str) -> list[Any]:
    """Return the list in an answer; AtPath where there is none."""
    found = paths.find(body, path)
    if not isinstance(found, list):
        raise AtPath(vendor, NO_LIST, path)
    return found


def since_text(since: datetime) -> str:
    """Return a moment as most services take it."""
    return since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_page(
    client: Client, values: Values, path: str, since: datetime | None, cursor: str | None
) -> Part:
    """Return a page of a list; Looped where the list leads in a circle."""
    place = Place.read(cursor)
    if values.text("paging.kind") == "LINK" and place.asks:
        answer = client.get(_linked(client, path, place.asks))
    else:
        answer = client.get(path, params=_params(values, since, place))
    items = items_in(client.vendor, answer.json(), values.text("itemsPath"))
    following = _following(client.vendor, values, answer, items, place)
    return Part(items, following, len(answer.body))


def _linked(client: Client, path: str, link: str) -> str:
    """Return the address that a link leads to; AtPath for what is none."""
    try:
        return urljoin(f"{client.base_url}/{path.lstrip('/')}", link)
    except ValueError:
        raise AtPath(client.vendor, NO_LINK, link[:100]) from None


def _params(values: Values, since: datetime | None, place: Place) -> dict[str, str]:
    found: dict[str, str] = {}
    kind = values.text("paging.kind") or "NONE"
    if since is not None and values.text("sinceParam"):
        found[values.text("sinceParam")] = since_text(since)
    if kind != "NONE" and values.text("paging.sizeParam"):
        found[values.text("paging.sizeParam")] = values.text("paging.size") or "100"
    if kind == "PAGE":
        found[values.text("paging.pageParam") or "page"] = (
            place.asks or values.text("paging.firstPage") or "1"
        )
    if kind == "CURSOR" and place.asks:
        found[values.text("paging.cursorParam") or "cursor"] = place.asks
    return found


def _following(
    vendor: str, values: Values, answer: Answer, items: list[Any], place: Place
) -> str | None:
    """Return what asks for the next page. Pages by number end with an empty one:
    the size is the service's own.
    """
    kind = values.text("paging.kind") or "NONE"
    is_last_page = kind == "PAGE" and not items
    if is_last_page or kind == "NONE":
        return None
    seen = fingerprint(items)
    if kind == "PAGE":
        number = int(place.asks or values.text("paging.firstPage") or 1)
        return _next(vendor, str(number + 1), seen, place, is_new=seen != place.seen)
    if kind == "CURSOR":
        asks = paths.text_at(answer.json(), values.text("paging.cursorPath") or "next_cursor")
    else:
        asks = link_in(answer.json(), answer.headers, values.text("paging.linkPath"))
    if not asks or asks == "false":
        return None
    return _next(vendor, asks, seen, place, is_new=asks != place.asks)


def _next(vendor: str, asks: str, seen: str, place: Place, *, is_new: bool) -> str:
    if not is_new or len(asks) > _LONGEST:
        raise Looped(vendor)
    return Place(asks, seen).written()


def link_in(body: Any, headers: Mapping[str, str], path: str) -> str:
    """Return the link to the next page, from the answer or its header; '' where there is none."""
    if path:
        return paths.text_at(body, path)
    found = _NEXT.search(headers.get("link", ""))
    return found[1] if found else ""


def fingerprint(items: list[Any]) -> str:
    """Return what stands for a page's content."""
    return hashlib.sha256(json.dumps(items, default=str).encode(errors="replace")).hexdigest()[:24]
