"""Rows into Salesforce, in batches: what became of each, and those that somebody has
locked tried again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, Temporary
from core.http import Client
from integrations.contacts.speaking import FAILED, ContactWrite, Written
from integrations.providers.batches import batches
from integrations.providers.salesforce.answers import codes_of, row_error
from integrations.providers.salesforce.names import DATA, VENDOR

# As many rows as one call takes.
BATCH: Final = 200
LOCKED: Final = "UNABLE_TO_LOCK_ROW"
TRIES: Final = 3
_COLLECTION: Final = f"{DATA}/composite/sobjects"
NO_ANSWER: Final = _("Salesforce did not say what became of this contact.")
Fields = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """What a write sends: an update has the contact's id."""

    write: ContactWrite
    fields: Fields

    @property
    def contact_id(self) -> str:
        return str(self.fields.get("Id") or "")


def send(client: Client, method: str, rows: Sequence[Row], outcome: str) -> dict[str, Written]:
    """Send rows, and say by the keys of their writes what became of them."""
    found: dict[str, Written] = {}
    waiting = list(rows)
    for number in range(TRIES):
        locked: list[Row] = []
        for batch in batches(waiting, BATCH, _name):
            for row, answer in zip(batch, _sent(client, method, batch), strict=True):
                if LOCKED in codes_of(answer.get("errors")) and number < TRIES - 1:
                    locked.append(row)
                else:
                    found[row.write.key] = _written(row, answer, outcome)
        waiting = locked
    return found


def _name(row: Row) -> str:
    return row.contact_id or row.write.key


def _sent(client: Client, method: str, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Send one batch. An update that is repeated does no harm; a creation is never."""
    records = [{"attributes": {"type": "Contact"}, **row.fields} for row in rows]
    body = {"allOrNone": False, "records": records}
    answers = client.request(method, _COLLECTION, json=body, idempotent=method == "PATCH").json()
    is_whole = isinstance(answers, list) and len(answers) == len(rows)
    if not is_whole or not all(isinstance(answer, dict) for answer in answers):
        raise Temporary(VENDOR, UNREADABLE)
    return list(answers)


def _written(row: Row, answer: dict[str, Any], outcome: str) -> Written:
    contact_id = str(answer.get("id") or row.contact_id)
    if answer.get("success") is not True:
        return Written(row.write.key, row.contact_id, FAILED, row_error(answer.get("errors")))
    if not contact_id:
        return Written(row.write.key, "", FAILED, NO_ANSWER)
    return Written(row.write.key, contact_id, outcome)
