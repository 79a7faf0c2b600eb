"""The steps of a test: the address, the sign-in, the organization, the user's rights,
and one contact.
"""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, Rejected, Temporary
from core.http import Client
from core.models import VendorAccount
from core.vendors import Found, Probe, Values
from core.words.sayings import Saying, Text
from integrations.providers.base import context_of
from integrations.providers.salesforce.answers import NO_ACCESS, OLD_VERSION
from integrations.providers.salesforce.client import client, stranger
from integrations.providers.salesforce.fields import described
from integrations.providers.salesforce.names import DATA, VENDOR, VERSION

CALLS_LEFT: Final = _("%(left)s of %(all)s API calls of 24 hours are left.")
READS: Final = _("Contacts can be read.")
READS_AND_WRITES: Final = _("Contacts can be read, created and changed.")
SOME: Final = _("A contact was read.")
NOBODY: Final = _("There are no contacts yet, or this user sees none.")
SANDBOX: Final = _("sandbox")
_ORGANIZATION: Final = (
    "SELECT Id, Name, OrganizationType, IsSandbox, InstanceName FROM Organization"
)


def reach(account: VendorAccount, values: Values) -> Text:
    """See that Salesforce answers, and still serves our version. It tells anybody:
    this proves nothing of a key.
    """
    context = context_of(account, "test.address", by=values.tried_by)
    rows = stranger(account, values, context).get("/services/data/").json()
    if not isinstance(rows, list):
        raise Temporary(VENDOR, UNREADABLE)
    versions = {str(row.get("version")) for row in rows if isinstance(row, dict)}
    if VERSION not in versions:
        raise Rejected(VENDOR, OLD_VERSION)
    return ""


def sign_in(account: VendorAccount, values: Values) -> str:
    """See that the token serves; it is the cheapest call that needs one."""
    body = _asked(account, values, f"{DATA}/limits")
    daily = body.get("DailyApiRequests")
    if not isinstance(daily, dict):
        return ""
    return str(
        Saying(CALLS_LEFT, {"left": daily.get("Remaining", "?"), "all": daily.get("Max", "?")})
    )


def organization(account: VendorAccount, values: Values) -> Found:
    """Name the organization, so that people see which they connected."""
    body = _asked(account, values, f"{DATA}/query", {"q": _ORGANIZATION})
    rows = body.get("records")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    name, edition = str(row.get("Name") or ""), str(row.get("OrganizationType") or "")
    parts = [name, edition]
    if row.get("IsSandbox") is True:
        parts.append(str(SANDBOX))
    facts: dict[str, Any] = {
        "accountInfo": {"id": str(row.get("Id") or ""), "name": name, "edition": edition},
        "version": f"v{VERSION}",
    }
    return Found(", ".join(part for part in parts if part), facts)


def permissions(account: VendorAccount, values: Values) -> Found:
    """See what the user may do with contacts; only reading is needed;
    whether they may write is reported.
    """
    try:
        found = described(_client(account, values))
    except Rejected as error:
        if error.status != 404:
            raise
        # What a user may not see is not found.
        raise Rejected(VENDOR, NO_ACCESS, status=404) from error
    if found.get("queryable") is not True:
        raise Rejected(VENDOR, NO_ACCESS, status=403)
    if found.get("createable") is True and found.get("updateable") is True:
        return Found(READS_AND_WRITES, {"features": ["contacts.read", "contacts.write"]})
    return Found(READS, {"features": ["contacts.read"]})


def read_one(account: VendorAccount, values: Values) -> Text:
    """Read one contact."""
    body = _asked(
        account, values, f"{DATA}/query", {"q": "SELECT Id FROM Contact ORDER BY Id LIMIT 1"}
    )
    rows = body.get("records")
    if not isinstance(rows, list):
        raise Temporary(VENDOR, UNREADABLE)
    return SOME if rows else NOBODY


def _asked(
    account: VendorAccount, values: Values, path: str, params: dict[str, str] | None = None
) -> dict[str, Any]:
    body = _client(account, values).get(path, params=params).json()
    if not isinstance(body, dict):
        raise Temporary(VENDOR, UNREADABLE)
    return body


def _client(account: VendorAccount, values: Values) -> Client:
    return client(account, values, context_of(account, "test", by=values.tried_by))


PROBES: Final = (
    Probe(_("Address and certificate"), reach),
    Probe(_("Sign-in"), sign_in),
    Probe(_("Account"), organization),
    Probe(_("Permissions"), permissions),
    Probe(_("Read a contact"), read_one),
)
