"""Contacts into Salesforce: updated by their id, found by their address,
created only where nobody has it.

Salesforce lets two contacts have one address, and its own upsert takes an address in the path,
which some endings of it break. So who has an address is asked first, and the turn with the
organization keeps two writers from both finding nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, Temporary
from core.http import Client
from core.vendors import Values
from core.words.sayings import Text
from integrations.contacts.speaking import CREATED, FAILED, UPDATED, ContactWrite, Written
from integrations.providers import turns
from integrations.providers.salesforce import soql
from integrations.providers.salesforce.answers import SEVERAL, TAKEN, WRONG_KIND
from integrations.providers.salesforce.contacts import next_page
from integrations.providers.salesforce.fields import EMAIL, LAST_NAME, NOT_WRITABLE, kinds_for
from integrations.providers.salesforce.names import DATA, VENDOR
from integrations.providers.salesforce.sending import BATCH, NO_ANSWER, Row, send
from integrations.providers.typed import Kinds, NotOfThisKind

__all__ = ["BATCH", "upsert"]

NO_ADDRESS: Final = _(
    "Without an e-mail address it cannot be told whether the contact is there already."
)
# Two hundred addresses have two hundred contacts, or a few more.
MOST_PAGES: Final = 10
Found = dict[str, Written]
# The ids of the contacts that have each address.
Owners = Mapping[str, Sequence[str]]


def upsert(client: Client, _values: Values, writes: Sequence[ContactWrite]) -> list[Written]:
    """Write contacts, and say of each what became of it, in their order."""
    found: Found = {}
    sendable: dict[str, Row] = {}
    kinds = kinds_for(client, {name for write in writes for name in write.fields})
    for write in writes:
        if not write.vendor_id and not _address(write):
            found[write.key] = _failed(write, NO_ADDRESS)
            continue
        try:
            sendable[write.key] = Row(write, _fields(write, kinds))
        except NotOfThisKind:
            found[write.key] = _failed(write, WRONG_KIND)
    if sendable:
        with turns.turn(VENDOR, client.base_url):
            found |= _in_turn(client, list(sendable.values()))
    return [found.get(write.key) or _failed(write, NO_ANSWER) for write in writes]


def _in_turn(client: Client, rows: Sequence[Row]) -> Found:
    """Write by id, and by address: who has it is updated, who is the first
    of a new one creates it.
    """
    found: Found = {}
    owners = _owners(client, {_asked_for(row) for row in rows} - {""})
    updates: list[Row] = []
    first: dict[str, Row] = {}
    later: list[Row] = []
    for row in rows:
        address, ids = _asked_for(row), owners.get(_asked_for(row), [])
        known = row.write.vendor_id
        if known and ids and not _is_among(known, ids):
            found[row.write.key] = _failed(row.write, TAKEN)
        elif known:
            updates.append(_of(row, known))
        elif len(ids) > 1:
            found[row.write.key] = _failed(row.write, SEVERAL)
        elif ids:
            updates.append(_of(row, ids[0]))
        elif address in first:
            later.append(row)
        else:
            first[address] = row
    created = send(client, "POST", [_new(row) for row in first.values()], CREATED)
    for row in later:
        same = created[first[_asked_for(row)].write.key]
        if same.outcome == CREATED:
            updates.append(_of(row, same.vendor_id))
        else:
            found[row.write.key] = _failed(row.write, same.error)
    return found | created | send(client, "PATCH", updates, UPDATED)


def _owners(client: Client, addresses: Iterable[str]) -> Owners:
    owners: dict[str, list[str]] = {}
    for query in soql.by_address(sorted(addresses)):
        path, params = f"{DATA}/query", {"q": query}
        for _page in range(MOST_PAGES):
            body = client.get(path, params=params).json()
            rows = body.get("records") if isinstance(body, dict) else None
            if not isinstance(rows, list) or not all(
                isinstance(row, dict) and row.get("Id") for row in rows
            ):
                raise Temporary(VENDOR, UNREADABLE)
            for row in rows:
                owners.setdefault(str(row.get(EMAIL) or "").casefold(), []).append(str(row["Id"]))
            if body.get("done") is not False:
                break
            path, params = next_page(body.get("nextRecordsUrl")), {}
        else:
            raise Temporary(VENDOR, UNREADABLE)
    return owners


def _asked_for(row: Row) -> str:
    """Return the address that a row is found by, or gives to a contact; '' where it gives none."""
    if not row.write.vendor_id:
        return _address(row.write)
    return str(row.fields.get(EMAIL) or "").strip().casefold()


def _of(row: Row, contact_id: str) -> Row:
    """Return the row as an update. No contact is without a last name, so none is taken away."""
    kept = {name: value for name, value in row.fields.items() if name != LAST_NAME or value}
    return Row(row.write, {"Id": contact_id, **kept})


def _new(row: Row) -> Row:
    """Return the row as a creation. Who has no name gets what stands before the @,
    as Salesforce asks for one.
    """
    address = row.write.email.strip()
    last_name = row.fields.get(LAST_NAME) or address.partition("@")[0][:80]
    return Row(row.write, {**row.fields, LAST_NAME: last_name, EMAIL: address})


def _fields(write: ContactWrite, kinds: Kinds) -> dict[str, Any]:
    return kinds.typed(
        {name: text for name, text in write.fields.items() if name not in NOT_WRITABLE}
    )


def _is_among(contact_id: str, ids: Sequence[str]) -> bool:
    """Tell whether an id, of fifteen characters or of eighteen, is one of these."""
    return contact_id[:15] in {each[:15] for each in ids}


def _address(write: ContactWrite) -> str:
    return write.email.strip().casefold()


def _failed(write: ContactWrite, error: Text) -> Written:
    return Written(write.key, write.vendor_id or "", FAILED, error)
