"""Words that all parts of this provider share: its key, its data centers, its version,
what people choose from.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.words.sayings import Text
from integrations.providers.base import host

VENDOR: Final = "zoho"
KEY: Final = "ZOHO"
API: Final = "/crm/v8"
CONTACTS: Final = f"{API}/Contacts"
SCHEME: Final = "Zoho-oauthtoken"
SIGN_IN: Final = "OAUTH"
CLIENT: Final = "CLIENT_CREDENTIALS"
REFRESH: Final = "REFRESH_TOKEN"
METHODS: Final = (
    (SIGN_IN, _("Sign in at Zoho")),
    (CLIENT, _("Self client: client credentials")),
    (REFRESH, _("Self client: refresh token")),
)
SCOPES: Final = (
    "ZohoCRM.modules.contacts.ALL",
    "ZohoCRM.users.READ",
    "ZohoCRM.org.READ",
    "ZohoCRM.settings.fields.READ",
)


@dataclass(frozen=True, slots=True)
class DataCenter:
    """Where an organization's data is: everything at Zoho is per region, tokens and clients too."""

    key: str
    name: Text
    accounts: str
    # What comes after `zohoapis`.
    ending: str

    @property
    def api(self) -> str:
        return f"www.zohoapis.{self.ending}"

    @property
    def api_hosts(self) -> tuple[str, ...]:
        """Return where its API may be: of production, a sandbox, or a developer's edition."""
        return tuple(f"{word}.zohoapis.{self.ending}" for word in ("www", "sandbox", "developer"))


CENTERS: Final = {
    center.key: center
    for center in (
        DataCenter("us", _("United States (zoho.com)"), "accounts.zoho.com", "com"),
        DataCenter("eu", _("Europe (zoho.eu)"), "accounts.zoho.eu", "eu"),
        DataCenter("in", _("India (zoho.in)"), "accounts.zoho.in", "in"),
        DataCenter("au", _("Australia (zoho.com.au)"), "accounts.zoho.com.au", "com.au"),
        DataCenter("cn", _("China (zoho.com.cn)"), "accounts.zoho.com.cn", "com.cn"),
        DataCenter("jp", _("Japan (zoho.jp)"), "accounts.zoho.jp", "jp"),
        # Not accounts.zoho.ca.
        DataCenter("ca", _("Canada (zohocloud.ca)"), "accounts.zohocloud.ca", "ca"),
        DataCenter("sa", _("Saudi Arabia (zoho.sa)"), "accounts.zoho.sa", "sa"),
    )
}
USUAL_CENTER: Final = "us"
CHOICES: Final = tuple((center.key, center.name) for center in CENTERS.values())
HOSTS: Final = tuple(
    name for center in CENTERS.values() for name in (center.accounts, *center.api_hosts)
)


def center_of(key: str) -> DataCenter:
    """Return a data center, the usual one where none was chosen."""
    return CENTERS.get(key) or CENTERS[USUAL_CENTER]


def accounts_host(key: str) -> str:
    """Return where a data center gives tokens."""
    return host(KEY, f"https://{center_of(key).accounts}")
