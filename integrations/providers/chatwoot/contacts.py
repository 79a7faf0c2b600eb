"""Contacts at Chatwoot: 15 on a page, and no upsert: looked for, made, and looked for again where
another was first.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Misconfigured, Rejected, Temporary
from core.http import Client
from core.vendors import Values
from core.words.sayings import Text
from integrations.contacts.speaking import (
    CREATED,
    FAILED,
    UPDATED,
    ContactPage,
    Contacts,
    ContactWrite,
    RemoteContact,
    RemoteField,
    Written,
)
from integrations.providers.chatwoot.answers import VENDOR, Invalid, Missing, Odd
from integrations.providers.chatwoot.client import (
    SEARCH,
    fields_of,
    is_number,
    number_of,
    path_of,
    payload_of,
    rows_in,
    text_of,
)

PAGE: Final = 15
# A search is for a part of an address: so many pages of others that have it in theirs
# are looked through.
MOST_PAGES: Final = 20
PLAIN: Final = ("name", "email", "phone_number", "identifier")
ADDITIONAL: Final = ("company_name", "city", "country")
CUSTOM: Final = "custom."
PHONE: Final = re.compile(r"\+[1-9][0-9]{1,14}")
SWITCHED_OFF: Final = _(
    "The contact sync is switched off in this integration's settings. Switch it on there first."
)
LOCAL_PHONE: Final = _("Chatwoot takes only international telephone numbers, as in +32470123456.")


def fetch(
    client: Client, values: Values, _since: datetime | None, cursor: str | None
) -> ContactPage:
    """Return one page, the oldest contacts first, so that new ones move no other.

    Chatwoot does not say when a contact was changed: every pass is a full one.
    """
    require_switched_on(values)
    number = int(cursor or "1")
    answer = client.get(
        path_of(values, "/contacts"), params={"page": str(number), "sort": "created_at"}
    )
    rows = rows_in(payload_of(answer))
    total = _total(fields_of(answer))
    following = None
    is_more = total is None or number * PAGE < total
    if rows and is_more:
        following = str(number + 1)
    return ContactPage([read(row) for row in rows], following, total, len(answer.body))


def count(client: Client, values: Values) -> int | None:
    """Return how many contacts the account lists."""
    require_switched_on(values)
    answer = client.get(path_of(values, "/contacts"), params={"page": "1", "sort": "created_at"})
    return _total(fields_of(answer))


def read(row: Mapping[str, Any]) -> RemoteContact:
    """Return a contact as the sync has it: every property a text under a name of its own."""
    fields = {name: text_of(row, name) for name in PLAIN}
    additional, custom = row.get("additional_attributes"), row.get("custom_attributes")
    if isinstance(additional, Mapping):
        fields |= {name: text_of(additional, name) for name in ADDITIONAL}
    if isinstance(custom, Mapping):
        fields |= {f"{CUSTOM}{name}": text_of(custom, name) for name in custom}
    return RemoteContact(
        str(number_of(row)), {name: value for name, value in fields.items() if value}
    )


def upsert(client: Client, values: Values, writes: Sequence[ContactWrite]) -> list[Written]:
    """Write each, and say what became of it. What concerns the connection itself is raised."""
    require_switched_on(values)
    return [_written(client, values, write) for write in writes]


def find(client: Client, values: Values, email: str) -> int | None:
    """Return the number of the contact with exactly this address; None where there is none."""
    wanted = email.strip().casefold()
    if not wanted:
        return None
    for number in range(1, MOST_PAGES + 1):
        params = {"q": wanted, "page": str(number)}
        answer = client.get(path_of(values, "/contacts/search"), params=params, quota_cost=SEARCH)
        for row in rows_in(payload_of(answer)):
            if text_of(row, "email").casefold() == wanted:
                return number_of(row)
        meta = fields_of(answer).get("meta")
        if not isinstance(meta, Mapping) or meta.get("has_more") is not True:
            return None
    return None


def require_switched_on(values: Values) -> None:
    """Raise Misconfigured where whoever connected Chatwoot wants no contacts to be exchanged."""
    if values.text("features.syncContacts") == "false":
        raise Misconfigured(VENDOR, SWITCHED_OFF)


def _written(client: Client, values: Values, write: ContactWrite) -> Written:
    try:
        body = body_of(write.fields)
    except ValueError:
        return Written(write.key, write.vendor_id or "", FAILED, LOCAL_PHONE)
    try:
        number, outcome = _put_or_made(client, values, write, body)
    except Rejected as error:
        return Written(write.key, write.vendor_id or "", FAILED, error.message)
    return Written(write.key, str(number), outcome)


def _put_or_made(
    client: Client, values: Values, write: ContactWrite, body: dict[str, Any]
) -> tuple[int, str]:
    """Change the contact that is known or has the address, else make it;
    its number and what was done.
    """
    if write.vendor_id and write.vendor_id.isdecimal():
        try:
            return _put(client, values, int(write.vendor_id), body), UPDATED
        except Missing:
            # Deleted there, or merged with another: its address may still be known.
            pass
    known = find(client, values, write.email)
    if known is not None:
        return _put(client, values, known, body), UPDATED
    try:
        return _make(client, values, body), CREATED
    except Invalid as error:
        if not error.is_taken:
            raise
        return _put_found(client, values, write.email, body, error), UPDATED
    except Temporary:
        # Whether it was made is not known: it is looked for, and never made blindly again.
        made = find(client, values, write.email)
        if made is None:
            raise
        return made, CREATED


def _put_found(
    client: Client, values: Values, email: str, body: dict[str, Any], refusal: Invalid
) -> int:
    known = find(client, values, email)
    if known is None:
        raise refusal
    return _put(client, values, known, body)


def _put(client: Client, values: Values, number: int, body: dict[str, Any]) -> int:
    client.put(path_of(values, f"/contacts/{number}"), json=body)
    return number


def _make(client: Client, values: Values, body: dict[str, Any]) -> int:
    made = payload_of(client.post(path_of(values, "/contacts"), json=body))
    contact = made.get("contact") if isinstance(made, Mapping) else None
    if not isinstance(contact, Mapping):
        raise Odd(VENDOR)
    return number_of(contact)


def body_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the vendor's record for flat properties; ValueError for a telephone number
    that it does not take.
    """
    body: dict[str, Any] = {name: fields[name] for name in PLAIN if name in fields}
    if phone := body.get("phone_number", ""):
        body["phone_number"] = international(phone)
    additional = {name: fields[name] for name in ADDITIONAL if name in fields}
    custom = {
        name.removeprefix(CUSTOM): text for name, text in fields.items() if name.startswith(CUSTOM)
    }
    if additional:
        body["additional_attributes"] = additional
    if custom:
        body["custom_attributes"] = custom
    return body


def international(phone: str) -> str:
    """Return a telephone number as +32470123456; ValueError for one that does not
    say its country.
    """
    digits = re.sub(r"[\s().\-/]", "", phone)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if not PHONE.fullmatch(digits):
        raise ValueError(phone)
    return digits


def _total(body: Mapping[str, Any]) -> int | None:
    meta = body.get("meta")
    total = meta.get("count") if isinstance(meta, Mapping) else None
    if isinstance(total, int) and is_number(total):
        return total
    return None


def _field(name: str, label: Text) -> RemoteField:
    return RemoteField(name, label)


CONTACTS: Final = Contacts(
    fields=(
        _field("name", _("Name")),
        _field("email", _("E-mail")),
        _field("phone_number", _("Phone")),
        _field("company_name", _("Company")),
        _field("city", _("City")),
        _field("country", _("Country")),
        _field("identifier", _("Identifier")),
    ),
    mapping={"name": "name", "email": "email", "phone": "phone_number", "company": "company_name"},
    fetch=fetch,
    upsert=upsert,
    batch=15,
    count=count,
)
