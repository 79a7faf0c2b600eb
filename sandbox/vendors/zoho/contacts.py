"""The contacts of the organization, in memory."""

import itertools
import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from sandbox.vendors.crm_people import people
from sandbox.vendors.zoho.fields import COLUMNS

_BASE: Final = 5843104000000100000
# The organization is in Brussels, and times are written as its users read them.
_ZONE: Final = timezone(timedelta(hours=1))
OWNER: Final = {
    "name": "Robin Hale",
    "id": "5843104000000083001",
    "email": "robin.hale@example.com",
}


def stamp(moment: datetime) -> str:
    """Write a moment as the vendor does: without parts of a second."""
    return moment.astimezone(_ZONE).isoformat(timespec="seconds")


class Contacts:
    """All contacts by their id; of the deleted ones only when and how."""

    def __init__(self, seed: int, count: int) -> None:
        self.lock = threading.RLock()
        self.rows: dict[str, dict[str, Any]] = {}
        self.gone: list[dict[str, Any]] = []
        self._seed = f"zoho/{seed}"
        self._numbers = itertools.count(1)
        self._made = 0
        self.fill(count)

    def fill(self, count: int, seconds_ago: int = 86_400) -> list[str]:
        """Make so many contacts up, last changed so long ago, a second apart."""
        moment = datetime.now(UTC) - timedelta(seconds=seconds_ago + count)
        made = []
        for number, person in enumerate(people(self._seed, count, self._made)):
            values = {
                "First_Name": person.first, "Last_Name": person.last, "Email": person.email,
                "Phone": person.phone, "Title": person.title,
                "Favourite_Region": "Flanders" if number % 3 else None, "Seats": number % 40,
                "Account_Name": {"name": person.company,
                                 "id": f"{_BASE + 90_000_000 + len(person.company)}"},
            }  # fmt: skip
            made.append(self.add(values, moment + timedelta(seconds=number))["id"])
        self._made += count
        return made

    def add(self, values: dict[str, Any], moment: datetime | None = None) -> dict[str, Any]:
        """Create a contact."""
        moment = moment or datetime.now(UTC)
        row: dict[str, Any] = dict.fromkeys(COLUMNS)
        row |= {
            "id": str(_BASE + next(self._numbers)),
            "Owner": OWNER,
            "Created_Time": stamp(moment),
            "Tag": [],
        }
        self.write(row, values, moment)
        with self.lock:
            self.rows[row["id"]] = row
        return row

    def write(
        self, row: dict[str, Any], values: dict[str, Any], moment: datetime | None = None
    ) -> None:
        """Change a contact; an empty text is none."""
        writable = {
            name: value
            for name, value in values.items()
            if name in COLUMNS and COLUMNS[name].writable
        }
        row |= {name: None if value == "" else value for name, value in writable.items()}
        row["Full_Name"] = " ".join(part for part in (row["First_Name"], row["Last_Name"]) if part)
        row["Modified_Time"] = stamp(moment or datetime.now(UTC))

    def delete(self, contact_id: str, *, for_good: bool = False) -> None:
        """Delete a contact: into the bin, or for good."""
        with self.lock:
            row = self.rows.pop(contact_id)
            self.gone.append(
                {
                    "id": contact_id, "deleted_time": stamp(datetime.now(UTC)),
                    "display_name": row["Full_Name"],
                    "type": "permanent" if for_good else "recycle", "created_by": OWNER,
                    "deleted_by": OWNER,
                }
            )  # fmt: skip

    def having(self, email: str) -> list[dict[str, Any]]:
        """Return those with this address, whatever its case, the oldest first."""
        wanted = email.casefold()
        with self.lock:
            return [
                row for row in self.rows.values() if str(row["Email"] or "").casefold() == wanted
            ]

    def changed_since(self, moment: datetime | None) -> list[dict[str, Any]]:
        """Return those changed later than a moment; all where there is none."""
        with self.lock:
            rows = list(self.rows.values())
        if moment is None:
            return rows
        return [row for row in rows if datetime.fromisoformat(row["Modified_Time"]) > moment]
