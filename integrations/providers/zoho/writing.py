"""Contacts into Zoho: changed by their id, else by their address, created where nobody has it.

Zoho's upsert finds who has an address by itself, but asks for a last name even of whom it only
changes. Who has none to give is looked for first, so that nobody's name is written over.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, Temporary
from core.http import Client
from core.vendors import Values
from core.words.sayings import Text
from integrations.contacts.speaking import FAILED, ContactWrite, Written
from integrations.providers import turns
from integrations.providers.typed import Kinds, NotOfThisKind
from integrations.providers.zoho.answers import BAD_VALUE, TAKEN, lacks_last_name
from integrations.providers.zoho.fields import EMAIL, LAST_NAME, NOT_WRITABLE, kinds_for
from integrations.providers.zoho.names import CONTACTS, VENDOR
from integrations.providers.zoho.sending import BATCH, Row, update, upsert

__all__ = ["BATCH", "write"]

NO_ADDRESS: Final = _(
    "Without an e-mail address it cannot be told whether the contact is there already."
)
NO_ANSWER: Final = _("Zoho did not say what became of this contact.")
# Nobody found: 204 without a body.
FOUND: Final = (200, 204)
Found = dict[str, Written]


def write(client: Client, _values: Values, writes: Sequence[ContactWrite]) -> list[Written]:
    """Write contacts, and say of each what became of it, in their order."""
    found: Found = {}
    rows: list[Row] = []
    kinds = kinds_for(client, {name for each in writes for name in each.fields})
    for each in writes:
        if not each.vendor_id and not _address(each):
            found[each.key] = _failed(each, NO_ADDRESS)
            continue
        try:
            rows.append(Row(each, _fields(each, kinds)))
        except NotOfThisKind:
            found[each.key] = _failed(each, BAD_VALUE)
    if rows:
        with turns.turn(VENDOR, f"{client.base_url} {client.account}"):
            found |= _by_id(client, [row for row in rows if row.write.vendor_id])
            found |= _by_address(client, [row for row in rows if not row.write.vendor_id])
    return [found.get(each.key) or _failed(each, NO_ANSWER) for each in writes]


def _by_id(client: Client, rows: Sequence[Row]) -> Found:
    """Change contacts by id; an address that another has is not given to a second."""
    found: Found = {}
    updates: list[Row] = []
    for row in rows:
        known, address = str(row.write.vendor_id), str(row.fields.get(EMAIL) or "")
        owners = _owners(client, address) if address else []
        if owners and known not in owners:
            found[row.write.key] = _failed(row.write, TAKEN)
        else:
            updates.append(_of(row, known))
    return found | {sent.row.write.key: sent.written for sent in update(client, updates)}


def _by_address(client: Client, rows: Sequence[Row]) -> Found:
    """Upsert the first of each address; a second of it in the same batch changes
    what the first became.
    """
    found: Found = {}
    first: dict[str, Row] = {}
    later: list[Row] = []
    for row in rows:
        if _address(row.write) in first:
            later.append(row)
        else:
            first[_address(row.write)] = row
    nameless: list[Row] = []
    for sent in upsert(client, [_with_address(row) for row in first.values()]):
        if lacks_last_name(sent.answer):
            nameless.append(sent.row)
        else:
            found[sent.row.write.key] = sent.written
    found |= _nameless(client, nameless)
    updates: list[Row] = []
    for row in later:
        same = found[first[_address(row.write)].write.key]
        if same.outcome == FAILED:
            found[row.write.key] = _failed(row.write, same.error)
        else:
            updates.append(_of(row, same.vendor_id))
    return found | {sent.row.write.key: sent.written for sent in update(client, updates)}


def _nameless(client: Client, rows: Sequence[Row]) -> Found:
    """Write those without a last name: who is there is changed,
    who is not gets what stands before the @.
    """
    updates: list[Row] = []
    new: list[Row] = []
    for row in rows:
        owners = _owners(client, row.write.email.strip())
        if owners:
            updates.append(_of(row, owners[0]))
        else:
            name = row.write.email.strip().partition("@")[0][:80]
            new.append(Row(row.write, {**row.fields, LAST_NAME: name}))
    return {
        sent.row.write.key: sent.written
        for sent in [*update(client, updates), *upsert(client, new)]
    }


def _owners(client: Client, address: str) -> list[str]:
    """Return the ids of the contacts that have an address, as their first or their second."""
    answer = client.get(f"{CONTACTS}/search", params={"email": address, "fields": EMAIL}, ok=FOUND)
    if answer.status != 200 or not answer.body:
        return []
    body = answer.json()
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and row.get("id") for row in rows
    ):
        raise Temporary(VENDOR, UNREADABLE)
    wanted = address.casefold()
    return sorted(str(row["id"]) for row in rows if str(row.get(EMAIL) or "").casefold() == wanted)


def _of(row: Row, contact_id: str) -> Row:
    """Return the row as a change. No contact is without a last name, so none is taken away."""
    kept = {name: value for name, value in row.fields.items() if name != LAST_NAME or value}
    return Row(row.write, {**kept, "id": contact_id})


def _with_address(row: Row) -> Row:
    kept = {name: value for name, value in row.fields.items() if name != LAST_NAME or value}
    return Row(row.write, {**kept, EMAIL: row.write.email.strip()})


def _fields(each: ContactWrite, kinds: Kinds) -> dict[str, Any]:
    return kinds.typed(
        {name: text for name, text in each.fields.items() if name not in NOT_WRITABLE}
    )


def _address(each: ContactWrite) -> str:
    return each.email.strip().casefold()


def _failed(each: ContactWrite, error: Text) -> Written:
    return Written(each.key, each.vendor_id or "", FAILED, error)
