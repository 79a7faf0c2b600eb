"""Contacts into Salesforce: updated by their id, found by their address, created only where nobody has it.

Salesforce lets two contacts have one address, and its own upsert takes an address in the path, which some endings of
it break. So who has an address is asked first, and the turn with the organization keeps two writers from both finding
nobody.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, Temporary
from core.http import Client
from core.vendors import Values
from core.words.sayings import Text
from integrations.contacts.speaking import CREATED, FAILED, UPDATED, ContactWrite, Written
from integrations.providers import turns
from integrations.providers.salesforce import soql
from integrations.providers.salesforce.answers import SEVERAL, codes_of, row_error
from integrations.providers.salesforce.fields import NOT_WRITABLE
from integrations.providers.salesforce.names import DATA, VENDOR

# As many rows as one call takes.
BATCH: Final = 200
LOCKED: Final = "UNABLE_TO_LOCK_ROW"
TRIES: Final = 3
NO_ADDRESS: Final = _("Without an e-mail address it cannot be told whether the contact is there already.")
NO_ANSWER: Final = _("Salesforce did not say what became of this contact.")
_COLLECTION: Final = f"{DATA}/composite/sobjects"
Row = dict[str, Any]


def upsert(client: Client, _values: Values, writes: Sequence[ContactWrite]) -> list[Written]:
    """Write contacts, and say of each what became of it, in their order."""
    found: dict[str, Written] = {}
    known = [write for write in writes if write.vendor_id]
    found |= _update(client, [(write, str(write.vendor_id)) for write in known])
    others = [write for write in writes if not write.vendor_id]
    for write in others:
        if not _address(write):
            found[write.key] = Written(write.key, outcome=FAILED, error=NO_ADDRESS)
    addressed = [write for write in others if _address(write)]
    if addressed:
        with turns.turn(VENDOR, client.base_url):
            found |= _by_address(client, addressed)
    return [found.get(write.key) or Written(write.key, outcome=FAILED, error=NO_ANSWER) for write in writes]


def _by_address(client: Client, writes: Sequence[ContactWrite]) -> dict[str, Written]:
    """Write by address: who has it is updated, who is the first of a new one creates it."""
    owners = _owners(client, writes)
    found: dict[str, Written] = {}
    first: dict[str, ContactWrite] = {}
    updates: list[tuple[ContactWrite, str]] = []
    later: list[ContactWrite] = []
    for write in writes:
        ids = owners.get(_address(write), [])
        if len(ids) > 1:
            found[write.key] = Written(write.key, outcome=FAILED, error=SEVERAL)
        elif ids:
            updates.append((write, ids[0]))
        elif _address(write) in first:
            later.append(write)
        else:
            first[_address(write)] = write
    created = _create(client, list(first.values()))
    for write in later:
        same = created[first[_address(write)].key]
        if same.outcome == CREATED:
            updates.append((write, same.vendor_id))
        else:
            found[write.key] = Written(write.key, outcome=FAILED, error=same.error)
    return found | created | _update(client, updates)


def _owners(client: Client, writes: Sequence[ContactWrite]) -> dict[str, list[str]]:
    """Return the ids of the contacts that have each address."""
    owners: dict[str, list[str]] = {}
    for query in soql.by_address(sorted({_address(write) for write in writes})):
        path: str | None = f"{DATA}/query"
        params: Mapping[str, str] = {"q": query}
        while path is not None:
            body = client.get(path, params=params).json()
            if not isinstance(body, dict) or not isinstance(body.get("records"), list):
                raise Temporary(VENDOR, UNREADABLE)
            for row in body["records"]:
                owners.setdefault(str(row["Email"] or "").casefold(), []).append(str(row["Id"]))
            path, params = _following(body), {}
    return owners


def _following(body: Row) -> str | None:
    if body.get("done") is not False:
        return None
    return str(body.get("nextRecordsUrl") or "") or None


def _create(client: Client, writes: Sequence[ContactWrite]) -> dict[str, Written]:
    rows = [(write, {"LastName": _last_name(write), **_fields(write), "Email": write.email}) for write in writes]
    return _write(client, "POST", rows, CREATED)


def _update(client: Client, writes: Sequence[tuple[ContactWrite, str]]) -> dict[str, Written]:
    rows = [(write, {"Id": contact_id, **_fields(write)}) for write, contact_id in writes]
    return _write(client, "PATCH", rows, UPDATED)


def _write(client: Client, method: str, rows: Sequence[tuple[ContactWrite, Row]], outcome: str) -> dict[str, Written]:
    """Write rows in batches; those that somebody else has locked are tried again."""
    found: dict[str, Written] = {}
    waiting = list(rows)
    for number in range(TRIES):
        locked: list[tuple[ContactWrite, Row]] = []
        for batch in _batches(waiting):
            answers = _send(client, method, [row for _write_of, row in batch])
            for (write, row), answer in zip(batch, answers, strict=True):
                if LOCKED in codes_of(answer.get("errors")) and number < TRIES - 1:
                    locked.append((write, row))
                else:
                    found[write.key] = _written(write, row, answer, outcome)
        waiting = locked
    return found


def _batches(rows: Sequence[tuple[ContactWrite, Row]]) -> list[list[tuple[ContactWrite, Row]]]:
    """Return rows in batches, none of which has one contact twice: Salesforce refuses such a batch."""
    batches: list[list[tuple[ContactWrite, Row]]] = []
    again: list[tuple[ContactWrite, Row]] = []
    seen: set[str] = set()
    for write, row in rows:
        name = str(row.get("Id") or write.key)
        if name in seen:
            again.append((write, row))
        else:
            seen.add(name)
            if not batches or len(batches[-1]) >= BATCH:
                batches.append([])
            batches[-1].append((write, row))
    if again:
        batches += _batches(again)
    return batches


def _send(client: Client, method: str, rows: Sequence[Row]) -> list[Row]:
    """Send one batch. An update that is repeated does no harm; a creation is never."""
    body = {"allOrNone": False, "records": [{"attributes": {"type": "Contact"}, **row} for row in rows]}
    answers = client.request(method, _COLLECTION, json=body, idempotent=method == "PATCH").json()
    is_whole = isinstance(answers, list) and len(answers) == len(rows)
    if not is_whole or not all(isinstance(answer, dict) for answer in answers):
        raise Temporary(VENDOR, UNREADABLE)
    return list(answers)


def _written(write: ContactWrite, row: Row, answer: Row, outcome: str) -> Written:
    if answer.get("success") is True:
        return Written(write.key, str(answer.get("id") or row.get("Id") or ""), outcome)
    error: Text = row_error(answer.get("errors"))
    return Written(write.key, outcome=FAILED, error=error)


def _fields(write: ContactWrite) -> dict[str, str]:
    return {name: value for name, value in write.fields.items() if name not in NOT_WRITABLE}


def _address(write: ContactWrite) -> str:
    return write.email.strip().casefold()


def _last_name(write: ContactWrite) -> str:
    """Return a name for who has none, as Salesforce asks for one: what stands before the @."""
    return write.email.strip().partition("@")[0][:80]
