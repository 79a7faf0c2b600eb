"""The steps of a test: the address, the sign-in, the organization, one contact, and the fields."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, Rejected, Temporary
from core.http import Client
from core.models import VendorAccount
from core.vendors import Found, Probe, Values
from core.words.sayings import Saying, Text
from integrations.providers.base import context_of
from integrations.providers.zoho.client import client, stranger
from integrations.providers.zoho.fields import custom_of
from integrations.providers.zoho.names import API, CONTACTS, VENDOR

SIGNED_IN: Final = _("Signed in as %(name)s.")
SOME: Final = _("A contact was read.")
NOBODY: Final = _("There are no contacts yet, or this user sees none.")
OWN_FIELDS: Final = _("%(count)s fields of your own can be mapped.")
NO_OWN_FIELDS: Final = _(
    "The access lacks the scope ZohoCRM.settings.fields.READ: only the usual fields can be mapped."
)
# Nobody there: 204 without a body.
READ: Final = (200, 204)


def reach(account: VendorAccount, values: Values) -> Text:
    """See that Zoho answers. It tells anybody: this proves nothing of an access."""
    body = (
        stranger(values, context_of(account, "test.address", by=values.tried_by))
        .get("/oauth/serverinfo")
        .json()
    )
    if not isinstance(body, dict):
        raise Temporary(VENDOR, UNREADABLE)
    return ""


def sign_in(account: VendorAccount, values: Values) -> str:
    """See that the token serves, and whose it is."""
    return str(Saying(SIGNED_IN, {"name": user_of(_client(account, values))[1]}))


def organization(account: VendorAccount, values: Values) -> Found:
    """Name the organization, so that people see which they connected."""
    row = _first(_client(account, values).get(f"{API}/org").json(), "org")
    details = row.get("license_details")
    edition = str(details.get("paid_type") or "") if isinstance(details, dict) else ""
    name = str(row.get("company_name") or "")
    facts: dict[str, Any] = {
        "accountInfo": {
            "id": str(row.get("zgid") or row.get("id") or ""),
            "name": name,
            "edition": edition,
        },
        "version": API.rpartition("/")[2],
    }
    return Found(", ".join(part for part in (name, edition) if part), facts)


def read_one(account: VendorAccount, values: Values) -> Found:
    """Read one contact."""
    answer = _client(account, values).get(CONTACTS, params={"fields": "id", "per_page": 1}, ok=READ)
    features = {"features": ["contacts.read", "contacts.write"]}
    if answer.status != 200 or not answer.body:
        return Found(NOBODY, features)
    _first(answer.json(), "data")
    return Found(SOME, features)


def own_fields(account: VendorAccount, values: Values) -> str:
    """See which fields the organization added; without the right to, the usual ones are mapped."""
    try:
        found = custom_of(_client(account, values))
    except Rejected:
        return str(NO_OWN_FIELDS)
    return str(Saying(OWN_FIELDS, {"count": len(found)}))


def user_of(client_of_account: Client) -> tuple[str, str]:
    """Return the id and the name of the user whose access it is:
    the id is of one organization alone.
    """
    body = client_of_account.get(f"{API}/users", params={"type": "CurrentUser"}).json()
    row = _first(body, "users")
    user_id = str(row.get("id") or "")
    if not user_id:
        raise Temporary(VENDOR, UNREADABLE)
    return user_id, str(row.get("email") or row.get("full_name") or user_id)


def _first(body: Any, name: str) -> dict[str, Any]:
    rows = body.get(name) if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        raise Temporary(VENDOR, UNREADABLE)
    return rows[0]


def _client(account: VendorAccount, values: Values) -> Client:
    return client(account, values, context_of(account, "test", by=values.tried_by))


PROBES: Final = (
    Probe(_("Address and certificate"), reach),
    Probe(_("Sign-in"), sign_in),
    Probe(_("Account"), organization),
    Probe(_("Read a contact"), read_one),
    Probe(_("Fields"), own_fields),
)
