"""Words that all parts of this provider share: its key, its host, its versions, its scopes."""

from typing import Final

from integrations.providers.base import host

VENDOR: Final = "hubspot"
KEY: Final = "HUBSPOT"
API: Final = "https://api.hubapi.com"
# A version is a date in the path, and stands after `objects`.
VERSION: Final = "2026-09"
OAUTH_VERSION: Final = "2026-03"
CONTACTS: Final = f"/crm/objects/{VERSION}/contacts"
PROPERTIES: Final = f"/crm/properties/{VERSION}/contacts"
DETAILS: Final = f"/account-info/{VERSION}/details"
# The version before has everything but the account's name.
EARLIER_DETAILS: Final = "/account-info/2026-03/details"
READ: Final = "crm.objects.contacts.read"
WRITE: Final = "crm.objects.contacts.write"
SCOPES: Final = ("oauth", READ, WRITE)
# As much of a name as is kept.
LONGEST: Final = 200


def api() -> str:
    """Return where the API is: one host for all data centres."""
    return host(KEY, API)
