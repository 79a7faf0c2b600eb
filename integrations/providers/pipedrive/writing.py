"""Contacts written to Pipedrive, person after person, never a second of one address.

There is no upsert and no batch. Who is known is changed by id, who is not is looked for by address
first. Addresses and numbers are lists that a write replaces whole: they are read, and what is the
first of them is changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.http import Answer, Client
from core.vendors import Values
from integrations.contacts.speaking import CREATED, FAILED, UPDATED, ContactWrite, Written
from integrations.providers.pipedrive.answers import number_in, record_of, row_error
from integrations.providers.pipedrive.fields import EMAIL, LISTS, NAME, PHONE, own_among
from integrations.providers.pipedrive.finding import Known
from integrations.providers.pipedrive.making import Making
from integrations.providers.pipedrive.names import PERSONS
from integrations.providers.pipedrive.reading import entries_of

# Some twenty tokens each: so many that an answer which is lost costs few of them again.
BATCH: Final = 25
WRITTEN: Final = (200, 201)
REFUSED: Final = (400, 403, 404, 410, 422)
ABSENT: Final = (404, 410)
NO_ADDRESS: Final = _(
    "Koppel finds contacts in Pipedrive by their e-mail address, and this one has none."
)
AT_IT: Final = _(
    "Another sync is making this contact in Pipedrive at the moment. The next sync writes it."
)
LABEL: Final = "work"


def upsert(client: Client, values: Values, writes: Sequence[ContactWrite]) -> list[Written]:
    """Write each by its id where it has one, else by its address;
    say what became of each, in their order.
    """
    known = Known(client)
    return [_write(client, known, write) for write in writes]


def _write(client: Client, known: Known, write: ContactWrite) -> Written:
    address = write.email.strip().lower()
    if _is_id(write.vendor_id):
        person = _person(client, str(write.vendor_id))
        if person is not None:
            return _change(client, known, write, person)
    if not address:
        return Written(write.key, write.vendor_id or "", FAILED, NO_ADDRESS)
    number = known.find(address)
    if number is not None:
        person = _person(client, str(number))
        if person is not None:
            return _change(client, known, write, person, keeps_address=True)
    return _make(client, known, write, address)


def _person(client: Client, name: str) -> Mapping[str, Any] | None:
    """Return a person; None for one that is not there (any more), or not to be seen."""
    answer = client.get(f"{PERSONS}/{name}", ok=(200, 403, *ABSENT))
    if answer.status != 200:
        return None
    record = record_of(answer)
    if record.get("is_deleted") is True:
        return None
    return record


def _change(
    client: Client,
    known: Known,
    write: ContactWrite,
    person: Mapping[str, Any],
    *,
    keeps_address: bool = False,
) -> Written:
    """Change a person. Who was found by an address has it already:
    it may be their second, and stays that.
    """
    number = str(number_in(person) or "")
    values: dict[str, Any] = {}
    for field, name in LISTS.items():
        stays = field == EMAIL and keeps_address
        if field in write.fields and not stays:
            values[name] = _led_by(entries_of(person, name), write.fields[field].strip())
    if write.fields.get(NAME):
        values["name"] = write.fields[NAME]
    values |= _own(write)
    if not values:
        return Written(write.key, number, UPDATED)
    answer = client.patch(
        f"{PERSONS}/{number}", json=values, ok=(*WRITTEN, *REFUSED), idempotent=True
    )
    return _outcome(write, answer, known, UPDATED)


def _make(client: Client, known: Known, write: ContactWrite, address: str) -> Written:
    """Make a person, or change whom another sync has made meanwhile."""
    making = Making(client.context, address)
    if not making.begin():
        return Written(write.key, write.vendor_id or "", FAILED, AT_IT)
    if making.number is not None:
        person = _person(client, str(making.number))
        if person is not None:
            return _change(client, known, write, person, keeps_address=True)
    written = _made(client, known, write, address)
    if written.outcome == CREATED:
        making.done(int(written.vendor_id))
    else:
        making.undone()
    return written


def _made(client: Client, known: Known, write: ContactWrite, address: str) -> Written:
    """Make a person. An answer that is lost is not asked for again:
    the next look finds whom it made.
    """
    values: dict[str, Any] = {
        "name": write.fields.get(NAME) or address,
        LISTS[EMAIL]: _led_by([], address),
    }
    phone = write.fields.get(PHONE, "").strip()
    if phone:
        values[LISTS[PHONE]] = _led_by([], phone)
    values |= _own(write)
    answer = client.post(PERSONS, json=values, ok=(*WRITTEN, *REFUSED))
    return _outcome(write, answer, known, CREATED)


def _outcome(write: ContactWrite, answer: Answer, known: Known, done: str) -> Written:
    if answer.status in REFUSED:
        return Written(write.key, write.vendor_id or "", FAILED, row_error(answer))
    record = record_of(answer)
    number = number_in(record)
    if number is None:
        return Written(write.key, write.vendor_id or "", FAILED, row_error(answer))
    for entry in entries_of(record, LISTS[EMAIL]):
        known.note(str(entry["value"]).strip().lower(), number)
    return Written(write.key, str(number), done)


def _led_by(entries: Sequence[Mapping[str, Any]], value: str) -> list[dict[str, Any]]:
    """Return a list in which this value takes the place of the first;
    an empty one takes the first away.
    """
    leads = next(
        (each for each in entries if each.get("primary") is True), entries[0] if entries else {}
    )
    others = [
        {"value": each["value"], "primary": False, "label": each.get("label") or LABEL}
        for each in entries
        if each is not leads and str(each["value"]).strip().lower() != value.lower()
    ]
    if not value:
        return [{**each, "primary": number == 0} for number, each in enumerate(others)]
    return [{"value": value, "primary": True, "label": leads.get("label") or LABEL}, *others]


def _own(write: ContactWrite) -> dict[str, Any]:
    """Return the values of fields that the company's people made; null takes away what is there."""
    own = {name: write.fields[name].strip() or None for name in own_among(write.fields)}
    return {"custom_fields": own} if own else {}


def _is_id(name: str | None) -> bool:
    return bool(name) and str(name).isascii() and str(name).isdecimal()
