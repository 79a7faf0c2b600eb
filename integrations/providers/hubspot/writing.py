"""Contacts written to HubSpot in batches, never a second of one address.

Who is known is changed by id. Who is not is looked for by address, as an upsert by address would
empty what it does not name; only whom nobody knows is upserted, so that somebody who was made in
between is not made twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.http import Client
from core.vendors import Values
from core.words.sayings import Text
from integrations.contacts.speaking import CREATED, FAILED, UPDATED, ContactWrite, Written
from integrations.providers.batches import batches
from integrations.providers.hubspot.answers import (
    GONE,
    NOT_SAID,
    TAKEN,
    fields_of,
    is_missing,
    row_error,
    rows_of,
)
from integrations.providers.hubspot.fields import UNWRITABLE
from integrations.providers.hubspot.names import CONTACTS

BATCH: Final = 100
MULTI: Final = (200, 201, 207)
NO_ADDRESS: Final = _(
    "HubSpot tells contacts apart by their e-mail address, and this contact has none."
)
# What a whole batch may be refused with, and what that means of a batch of one;
# '': its own words say it.
REFUSALS: Final[dict[int, Text]] = {400: "", 404: GONE, 409: TAKEN}
Input = dict[str, Any]


@dataclass
class _Outcome:
    """What became of a batch, by the marks of its inputs."""

    results: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: dict[str, Text] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def add(self, other: "_Outcome") -> None:
        self.results |= other.results
        self.errors |= other.errors
        self.missing |= other.missing


def upsert(client: Client, values: Values, writes: Sequence[ContactWrite]) -> list[Written]:
    """Write each by its id where it has one, else by its address;
    say what became of each, in their order.
    """
    found: dict[str, Written] = {}
    unknown = [write for write in writes if not _is_id(write.vendor_id)]
    for batch in batches([write for write in writes if _is_id(write.vendor_id)], BATCH, _vendor_id):
        outcome = _update(client, {write.key: str(write.vendor_id) for write in batch}, batch)
        # Deleted there meanwhile: the address may still be somebody's.
        unknown += [write for write in batch if write.key in outcome.missing]
        found |= _written(
            [write for write in batch if write.key not in outcome.missing], outcome, UPDATED
        )
    for write in unknown:
        if not _address(write):
            found[write.key] = Written(write.key, write.vendor_id or "", FAILED, NO_ADDRESS)
    for batch in batches([write for write in unknown if _address(write)], BATCH, _address):
        found |= _by_address(client, batch)
    return [found[write.key] for write in writes]


def _by_address(client: Client, batch: Sequence[ContactWrite]) -> dict[str, Written]:
    """Change whom the addresses are of, and make the others."""
    ids = _known(client, [_address(write) for write in batch])
    old = [write for write in batch if _address(write) in ids]
    new = [write for write in batch if _address(write) not in ids]
    outcome = _update(
        client, {write.key: ids[_address(write)] for write in old}, old, keeps_address=True
    )
    # Deleted since a moment ago.
    new += [write for write in old if write.key in outcome.missing]
    found = _written([write for write in old if write.key not in outcome.missing], outcome, UPDATED)
    inputs = [
        {
            "idProperty": "email",
            "id": _address(write),
            "properties": {**_properties(write), "email": _address(write)},
            "objectWriteTraceId": write.key,
        }
        for write in new
    ]
    return found | _written(new, _sent(client, "upsert", inputs), CREATED)


def _known(client: Client, addresses: Sequence[str]) -> dict[str, str]:
    """Return the ids of those whose address one of these is: their first, or one beside it."""
    if not addresses:
        return {}
    inputs = [{"id": address} for address in addresses]
    wish = {
        "idProperty": "email",
        "properties": ["email", "hs_additional_emails"],
        "inputs": inputs,
    }
    wish["propertiesWithHistory"] = []
    answer = client.post(f"{CONTACTS}/batch/read", json=wish, ok=MULTI, idempotent=True)
    found: dict[str, str] = {}
    for row in rows_of(fields_of(answer)):
        properties = row.get("properties")
        if not isinstance(properties, Mapping):
            continue
        both = f"{properties.get('email') or ''};{properties.get('hs_additional_emails') or ''}"
        found |= {
            address.strip().lower(): str(row.get("id", ""))
            for address in both.split(";")
            if address
        }
    return {address: name for address, name in found.items() if _is_id(name)}


def _update(
    client: Client,
    ids: Mapping[str, str],
    writes: Sequence[ContactWrite],
    *,
    keeps_address: bool = False,
) -> _Outcome:
    """Change contacts by id.

    Of those that were found by an address, it is not written again: it may be their second.
    """
    inputs = []
    for write in writes:
        properties = _properties(write)
        if keeps_address:
            properties.pop("email", None)
        inputs.append(
            {"id": ids[write.key], "properties": properties, "objectWriteTraceId": write.key}
        )
    return _sent(client, "update", inputs)


def _sent(client: Client, act: str, inputs: Sequence[Input]) -> _Outcome:
    """Send a batch. What is refused whole is sent in halves, until it is known
    whose fault it is.
    """
    outcome = _Outcome()
    if not inputs:
        return outcome
    known = (*MULTI, *REFUSALS)
    answer = client.post(
        f"{CONTACTS}/batch/{act}", json={"inputs": list(inputs)}, ok=known, idempotent=True
    )
    body = fields_of(answer)
    if answer.status in REFUSALS:
        if len(inputs) == 1:
            _note_refusal(body, answer.status, inputs[0]["objectWriteTraceId"], outcome)
            return outcome
        half = len(inputs) // 2
        outcome.add(_sent(client, act, inputs[:half]))
        outcome.add(_sent(client, act, inputs[half:]))
        return outcome
    for row in rows_of(body):
        outcome.results |= dict.fromkeys(_marks(row, inputs), row)
    for refusal in rows_of(body, "errors") if "errors" in body else ():
        _note_error(refusal, inputs, outcome)
    return outcome


def _marks(row: Mapping[str, Any], inputs: Sequence[Input]) -> Iterator[str]:
    """Yield the marks that a result is of: its own, or those of the inputs
    with its id or address.
    """
    mark = row.get("objectWriteTraceId")
    if isinstance(mark, str) and mark:
        yield mark
        return
    properties = row.get("properties")
    address = ""
    if isinstance(properties, Mapping):
        address = str(properties.get("email") or "").lower()
    for each in inputs:
        if each["id"] in (str(row.get("id")), address):
            yield each["objectWriteTraceId"]


def _note_refusal(body: Mapping[str, Any], status: int, mark: str, outcome: _Outcome) -> None:
    """Note what the refusal of a batch of one says of it."""
    if status == 404:
        outcome.missing.add(mark)
    outcome.errors[mark] = REFUSALS[status] or row_error(body)


def _note_error(error: Mapping[str, Any], inputs: Sequence[Input], outcome: _Outcome) -> None:
    context = error.get("context")
    if not isinstance(context, Mapping):
        return
    marks = {str(mark) for mark in context.get("objectWriteTraceId") or ()}
    names = {str(name) for name in context.get("ids") or ()}
    marks |= {each["objectWriteTraceId"] for each in inputs if each["id"] in names}
    if is_missing(error):
        outcome.missing |= marks
    outcome.errors |= dict.fromkeys(marks, row_error(error))


def _written(
    writes: Sequence[ContactWrite], outcome: _Outcome, otherwise: str
) -> dict[str, Written]:
    found = {}
    for write in writes:
        row = outcome.results.get(write.key)
        if row is None or not _is_id(str(row.get("id", ""))):
            error = outcome.errors.get(write.key, NOT_SAID)
            found[write.key] = Written(write.key, write.vendor_id or "", FAILED, error)
            continue
        done = otherwise
        if row.get("new") is False:
            done = UPDATED
        found[write.key] = Written(write.key, str(row["id"]), done)
    return found


def _properties(write: ContactWrite) -> dict[str, str]:
    return {name: value for name, value in write.fields.items() if name not in UNWRITABLE}


def _vendor_id(write: ContactWrite) -> str:
    return write.vendor_id or ""


def _address(write: ContactWrite) -> str:
    return write.email.strip().lower()


def _is_id(name: str | None) -> bool:
    return bool(name) and str(name).isascii() and str(name).isdecimal()
