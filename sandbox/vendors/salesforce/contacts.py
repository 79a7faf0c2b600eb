"""The contacts of the organization, in memory."""

import itertools
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.vendors.crm_people import people
from sandbox.vendors.salesforce.fields import OBJECT

_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BASE: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
OWNER: Final = "0055g00000KOPPELAA"
_EMPTY: Final[dict[str, Any]] = {
    "AccountId": None, "FirstName": None, "LastName": None, "Email": None, "Phone": None,
    "MobilePhone": None, "Title": None, "Department": None, "LeadSource": None, "Description": None,
    "MailingAddress": None, "MailingCity": None, "MasterRecordId": None,
    "Favourite_Region__c": None, "Score__c": None, "Erp_Number__c": None,
}  # fmt: skip


def stamp(moment: datetime) -> str:
    """Write a moment as the vendor does."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{moment.microsecond // 1000:03d}+0000"
    )


def long_id(prefix: str, number: int) -> str:
    """Return the 18 characters of an id; the last three say which of the fifteen are capitals."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE[digit] + digits
    short = f"{prefix}5g00000{digits:0>5}"
    marks = [sum(1 << place for place,
                 letter in enumerate(short[start : start + 5]) if letter.isupper())
             for start in (0, 5, 10)]  # fmt: skip
    return short + "".join(_DIGITS[mark] for mark in marks)


class Contacts:
    """All contacts by their id, the deleted ones too."""

    def __init__(self, seed: int, count: int) -> None:
        self.lock = threading.RLock()
        self.rows: dict[str, dict[str, Any]] = {}
        self._seed = f"salesforce/{seed}"
        self._numbers = itertools.count(1)
        self._accounts: dict[str, str] = {}
        self.fill(count)

    def fill(self, count: int, seconds_ago: int = 86_400) -> list[str]:
        """Make so many contacts up, last changed so long ago, a second apart."""
        start = len(self.rows)
        moment = datetime.now(UTC) - timedelta(seconds=seconds_ago + count)
        made = []
        for number, person in enumerate(people(self._seed, count, start)):
            values = {
                "FirstName": person.first, "LastName": person.last, "Email": person.email,
                "Phone": person.phone, "Title": person.title,
                "Favourite_Region__c": "Flanders" if number % 3 else None,
                "Score__c": float(number % 100),
            }  # fmt: skip
            row = self.add(values, moment + timedelta(seconds=number))
            row["Account"] = person.company
            row["AccountId"] = self._accounts.setdefault(
                person.company, long_id("001", len(self._accounts) + 1)
            )
            made.append(row["Id"])
        return made

    def add(self, values: dict[str, Any], moment: datetime | None = None) -> dict[str, Any]:
        """Create a contact."""
        moment = moment or datetime.now(UTC)
        row = {
            **_EMPTY, "Id": long_id("003", next(self._numbers)), "OwnerId": OWNER,
            "IsDeleted": False, "Account": None, "CreatedDate": stamp(moment),
        }  # fmt: skip
        self.write(row, values, moment)
        with self.lock:
            self.rows[row["Id"]] = row
        return row

    def write(
        self, row: dict[str, Any], values: dict[str, Any], moment: datetime | None = None
    ) -> None:
        """Change a contact; an empty text is none."""
        row |= {name: None if value == "" else value for name, value in values.items()}
        row["Name"] = " ".join(part for part in (row["FirstName"], row["LastName"]) if part)
        row["LastModifiedDate"] = row["SystemModstamp"] = stamp(moment or datetime.now(UTC))

    def delete(self, contact_id: str, master: str | None = None) -> None:
        """Put a contact into the bin; of a merge, `master` is what it went into."""
        self.write(self.rows[contact_id], {"IsDeleted": True, "MasterRecordId": master})

    def find(self, contact_id: str) -> dict[str, Any] | None:
        """Return a contact that is not deleted, by the fifteen or the eighteen
        characters of its id.
        """
        with self.lock:
            for row in [
                self.rows.get(contact_id),
                *(self.rows.values() if len(contact_id) == 15 else ()),
            ]:
                if row is not None and row["Id"].startswith(contact_id) and not row["IsDeleted"]:
                    return row
        return None

    def having(self, name: str, value: str) -> list[dict[str, Any]]:
        """Return those with this value, whatever its case."""
        with self.lock:
            rows = list(self.rows.values())
        wanted = value.casefold()
        return [
            row
            for row in rows
            if not row["IsDeleted"] and str(row[name] or "").casefold() == wanted
        ]

    def all(self, *, deleted: bool = False) -> list[dict[str, Any]]:
        with self.lock:
            return [row for row in self.rows.values() if deleted or not row["IsDeleted"]]


def shown(row: dict[str, Any], fields: list[str], version: str) -> dict[str, Any]:
    """Return a contact as a query gives it."""
    url = f"/services/data/{version}/sobjects/{OBJECT}/{row['Id']}"
    found: dict[str, Any] = {"attributes": {"type": OBJECT, "url": url}}
    for name in fields:
        head, _, rest = name.partition(".")
        if not rest:
            found[name] = row.get(name)
        elif row[head] is None:
            found[head] = None
        else:
            found[head] = {"attributes": {"type": head}, rest: row[head]}
    return found
