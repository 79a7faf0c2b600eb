"""Fathom's external API: `/fathom/external/v1/…`, keyed by X-Api-Key.

Limits as the vendor states them: 60 calls a minute for an account, 30 for the heavy ones.
"""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sandbox.vendors.frame import Limit, Reply, Request, Stop, Vendor, page, route

# The only keys it accepts: made up here, worth nothing anywhere else. Each is an account of its own.
DEMO_KEYS = ("koppel-demo.fathom-key_0001", "koppel-demo.fathom-key_0002")
BASE = "/external/v1"
PAGE_SIZE = 10
_DEPARTMENTS = ["Sales", "Success", "Partners", "Outbound", "Enterprise", "Onboarding", "Renewals", "Marketing"]
_PLACES = ["Antwerp", "Ghent", "Rotterdam", "Lille", "Cologne", "Leeds", "Porto", "Turin", "Aarhus", "Graz"]


class Fathom(Vendor):
    name = "fathom"
    limits: ClassVar = {"global": Limit(60, 60), "heavy": Limit(30, 60)}
    switches: ClassVar = {"rate_limits": True, "teams": 3}

    def account(self, request: Request) -> str:
        key = request.headers.get("x-api-key", "")
        if key not in DEMO_KEYS:
            raise Stop(Reply(401, {"error": "Invalid or missing API key"}))
        return key

    @route("GET", f"{BASE}/teams", limits=("global",))
    def teams(self, request: Request) -> Reply:
        return self._list(request, self._all_teams())

    def _all_teams(self) -> list[dict[str, Any]]:
        """As many as the switch says; the first of a longer list are those of a shorter one."""
        opened = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
        names = [f"{department} {place}" for place in _PLACES for department in _DEPARTMENTS]
        count = int(self.switched["teams"])
        return [
            {
                "name": names[number % len(names)] + (f" {number // len(names) + 1}" if number >= len(names) else ""),
                "created_at": (opened + timedelta(days=3 * number)).isoformat().replace("+00:00", "Z"),
            }
            for number in range(count)
        ]

    def _list(self, request: Request, rows: list[dict[str, Any]]) -> Reply:
        """The envelope of every list. A cursor is the number of a page in base64."""
        found = page(rows, _start(request.argument("cursor")), PAGE_SIZE, request)
        cursor = None if found.following is None else _cursor(found.following)
        return Reply(200, {"limit": PAGE_SIZE, "next_cursor": cursor, "items": found.rows})


def _cursor(start: int) -> str:
    return base64.b64encode(f"page:{start // PAGE_SIZE + 1}".encode()).decode()


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word != "page":
            raise ValueError(word)
        return (max(1, int(number)) - 1) * PAGE_SIZE
    except ValueError as error:
        raise Stop(Reply(400, {"error": "Invalid cursor"})) from error
