"""The steps in which a connection to HubSpot is tried: each says what it found, or what to do."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Rejected
from core.http import Client
from core.models import VendorAccount
from core.vendors import Found, Probe, Values
from integrations.oauth.declaring import ExternalAccount
from integrations.providers.base import context_of
from integrations.providers.hubspot.answers import Odd, fields_of, rows_of
from integrations.providers.hubspot.client import client_of, stranger
from integrations.providers.hubspot.names import (
    CONTACTS,
    DETAILS,
    EARLIER_DETAILS,
    LONGEST,
    VENDOR,
    VERSION,
)

TEST: Final = "test"
# Asked without a key, HubSpot says that there is none.
REACHED: Final = (200, 401)
# A batch of nothing is refused as such where the key may write,
# and as not allowed where it may not.
WRITES_NOTHING: Final = (200, 207, 400)
UNNAMED: Final = _("HubSpot account %(id)s")
READS_ALONE: Final = _(
    "Contacts can be read, but not written: what changes in Koppel stays in Koppel. For both ways, "
    "give the key the scope crm.objects.contacts.write in HubSpot."
)
_SHOWN: Final = ("accountType", "timeZone", "companyCurrency", "uiDomain", "dataHostingLocation")


def what_answers(account: VendorAccount, values: Values) -> Any:
    """Ask without a key whether HubSpot is there."""
    stranger(context_of(account, TEST, by=values.tried_by)).get(EARLIER_DETAILS, ok=REACHED)
    return _("HubSpot answers, and its certificate is valid.")


def whose_key(account: VendorAccount, values: Values) -> Found:
    """Ask whose account it is."""
    shown = details(_client(account, values))
    info = {"id": str(shown["portalId"]), "name": name_in(shown)}
    info |= {name: str(shown.get(name) or "")[:LONGEST] for name in _SHOWN}
    words = str(_("The key belongs to the account %(name)s.") % {"name": info["name"]})
    return Found(words, {"accountInfo": info, "version": VERSION})


def what_it_may(account: VendorAccount, values: Values) -> Found:
    """Look whether contacts may be read, and whether they may be written."""
    client = _client(account, values)
    client.get(CONTACTS, params={"limit": "1"})
    try:
        client.post(f"{CONTACTS}/batch/update", json={"inputs": []}, ok=WRITES_NOTHING)
    except Rejected as error:
        if error.status != 403:
            raise
        return Found(READS_ALONE, {"features": ["contacts.read"]})
    return Found(
        _("Contacts can be read and written."), {"features": ["contacts.read", "contacts.write"]}
    )


def one_record(account: VendorAccount, values: Values) -> Any:
    """Read a contact, as the sync does."""
    rows = rows_of(fields_of(_client(account, values).get(CONTACTS, params={"limit": "1"})))
    if not rows:
        return _("It has no contacts yet.")
    return _("A contact was read.")


def details(client: Client) -> Mapping[str, Any]:
    """Return what HubSpot says of the account; Odd where it does not say which that is."""
    try:
        shown = fields_of(client.get(DETAILS))
    except Rejected as error:
        if error.status != 404:
            raise
        shown = fields_of(client.get(EARLIER_DETAILS))
    number = shown.get("portalId")
    if not isinstance(number, int) or isinstance(number, bool):
        raise Odd(VENDOR)
    return shown


def name_in(shown: Mapping[str, Any]) -> str:
    """Return the account's name; its number where HubSpot does not say a name."""
    name = shown.get("portalName")
    if isinstance(name, str) and name.strip():
        return name.strip()[:LONGEST]
    return str(UNNAMED % {"id": shown["portalId"]})


def whose(client: Client) -> ExternalAccount:
    """Return whose a fresh grant is: the account is the same whoever of it connects."""
    shown = details(client)
    return ExternalAccount(str(shown["portalId"]), name_in(shown))


def _client(account: VendorAccount, values: Values) -> Client:
    return client_of(account, values, context_of(account, TEST, by=values.tried_by))


PROBES: Final = (
    Probe(_("Address and encryption"), what_answers),
    Probe(_("Credentials"), whose_key),
    Probe(_("Permissions"), what_it_may),
    Probe(_("Read a record"), one_record),
)
