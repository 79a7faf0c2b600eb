"""Who has an address at Pipedrive, which keeps nobody from making a second person of it.

The search is an index that comes some seconds late. So whoever was changed in the last minutes
is looked at too: they are in the list at once.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from core.http import Client
from integrations.providers.pipedrive.answers import body_of, number_in
from integrations.providers.pipedrive.client import SEARCHES
from integrations.providers.pipedrive.names import SEARCH
from integrations.providers.pipedrive.reading import entries_of, page

# The index is taken to be so late, and clocks to differ by as much, at most.
LATE: Final = timedelta(minutes=10)
MOST: Final = 500


class Known:
    """The ids of persons by their addresses, as far as they are known by now."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._recent: dict[str, int] | None = None

    def find(self, address: str) -> int | None:
        """Return who has this address; of several the oldest."""
        if self._recent is None:
            self._recent = self._changed_lately()
        return self._recent.get(address) or self._search(address)

    def note(self, address: str, number: int) -> None:
        """Note whom an address is of."""
        if self._recent is not None:
            self._recent[address] = number

    def _search(self, address: str) -> int | None:
        params = {"term": address, "fields": "email", "exact_match": "true", "limit": str(MOST)}
        found = body_of(self._client.get(SEARCH, params=params, quota_cost=SEARCHES)).get("data")
        items = found.get("items") if isinstance(found, Mapping) else None
        numbers = [
            number for each in items or () if (number := _with_address(each, address)) is not None
        ]
        return min(numbers, default=None)

    def _changed_lately(self) -> dict[str, int]:
        since, cursor = datetime.now(UTC) - LATE, None
        found: dict[str, int] = {}
        while True:
            rows, cursor, _size = page(self._client, since, cursor)
            for row in rows:
                number = number_in(row)
                if number is not None and row.get("is_deleted") is not True:
                    for entry in entries_of(row, "emails"):
                        found.setdefault(str(entry["value"]).strip().lower(), number)
            if cursor is None:
                return found


def _with_address(each: Any, address: str) -> int | None:
    """Return the id of a find that has the address itself, and not one like it."""
    item = each.get("item") if isinstance(each, Mapping) else None
    if not isinstance(item, Mapping):
        return None
    emails = item.get("emails")
    if isinstance(emails, list) and address in {str(email).strip().lower() for email in emails}:
        return number_in(item)
    return None
