"""Rows into Zoho, in batches: one answer for each row, whatever the status of the whole is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.errors import UNREADABLE, Rejected, Temporary
from core.http import Client
from integrations.contacts.speaking import CREATED, FAILED, UPDATED, ContactWrite, Written
from integrations.providers.batches import batches
from integrations.providers.zoho.answers import row_error
from integrations.providers.zoho.names import CONTACTS, VENDOR

# As many rows as one call takes.
BATCH: Final = 100
# Where all rows failed it may be a 400, which is no refusal of the call.
ANSWERED: Final = (200, 201, 202, 207, 400)
Fields = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """What a write sends: an update has the contact's id."""

    write: ContactWrite
    fields: Fields

    @property
    def contact_id(self) -> str:
        return str(self.fields.get("id") or "")


@dataclass(frozen=True)
class Sent:
    """A row, and what Zoho answered of it."""

    row: Row
    answer: dict[str, Any]

    @property
    def written(self) -> Written:
        details = self.answer.get("details")
        contact_id = str(details.get("id") or "") if isinstance(details, dict) else ""
        if self.answer.get("code") != "SUCCESS" or not contact_id:
            return Written(self.row.write.key, self.row.contact_id, FAILED, row_error(self.answer))
        outcome = CREATED if self.answer.get("action") == "insert" else UPDATED
        return Written(self.row.write.key, contact_id, outcome)


def update(client: Client, rows: Sequence[Row]) -> list[Sent]:
    """Change contacts by their ids. A contact that is in a batch twice is sent in the next."""
    found: list[Sent] = []
    for batch in batches(rows, BATCH, _name):
        found += _send(client, "PUT", CONTACTS, batch)
    return found


def upsert(client: Client, rows: Sequence[Row]) -> list[Sent]:
    """Change who has the address, and create who has none. The same again does no harm."""
    found: list[Sent] = []
    for batch in batches(rows, BATCH, _name):
        found += _send(
            client, "POST", f"{CONTACTS}/upsert", batch, duplicate_check_fields=["Email"]
        )
    return found


def _name(row: Row) -> str:
    return row.contact_id or row.write.key


def _send(client: Client, method: str, path: str, rows: Sequence[Row], **wishes: Any) -> list[Sent]:
    """Send one batch. An empty `trigger` runs no workflows: a sync is nobody's act."""
    body = {"data": [row.fields for row in rows], "trigger": [], **wishes}
    answer = client.request(method, path, json=body, ok=ANSWERED, idempotent=True)
    found = answer.json()
    answers = found.get("data") if isinstance(found, dict) else None
    if answer.status == 400 and not isinstance(answers, list):
        raise Rejected(VENDOR, status=400)
    is_whole = isinstance(answers, list) and len(answers) == len(rows)
    if (
        not isinstance(answers, list)
        or not is_whole
        or not all(isinstance(each, dict) for each in answers)
    ):
        raise Temporary(VENDOR, UNREADABLE)
    return [Sent(row, each) for row, each in zip(rows, answers, strict=True)]
