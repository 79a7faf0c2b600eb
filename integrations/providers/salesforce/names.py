"""Words that all parts of this provider share: its key, its hosts, its version,
what people choose from.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from integrations.providers.base import host

VENDOR: Final = "salesforce"
KEY: Final = "SALESFORCE"
# A number, and not `latest`: what an answer holds changes with it.
VERSION: Final = "66.0"
DATA: Final = f"/services/data/v{VERSION}"
LOGIN: Final = "https://login.salesforce.com"
SANDBOX: Final = "https://test.salesforce.com"
SIGN_IN: Final = "OAUTH"
CLIENT: Final = "CLIENT_CREDENTIALS"
METHODS: Final = (
    (SIGN_IN, _("Sign in at Salesforce")),
    (CLIENT, _("Client credentials of an app of yours")),
)
ENVIRONMENTS: Final = (("production", _("Production")), ("sandbox", _("Sandbox")))

# The host under which an organization signs in, of a sandbox too;
# never the one its pages are under.
_MY_DOMAIN: Final = re.compile(
    r"[a-z0-9][a-z0-9-]{0,78}(\.(sandbox|develop|scratch|demo|trailblaze))?\.my\.salesforce\.com"
)
NO_DOMAIN: Final = _(
    "Enter your My Domain as yourcompany.my.salesforce.com. It stands in Salesforce under Setup, "
    "My Domain; an address with lightning.force.com is not it."
)


def domain_of(value: str) -> str:
    """Return the host of a My Domain, written with or without https;
    ValidationError for anything else.
    """
    text = value.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise ValidationError(NO_DOMAIN, code="invalid") from error
    name = parts.netloc.lower()
    if (
        parts.scheme != "https"
        or parts.path not in ("", "/")
        or parts.query
        or not _MY_DOMAIN.fullmatch(name)
    ):
        raise ValidationError(NO_DOMAIN, code="invalid")
    return name


def check_domain(value: str) -> None:
    """Raise ValidationError for what is no My Domain."""
    domain_of(value)


def domain_host(value: str) -> str:
    """Return where a My Domain is called."""
    return host(KEY, f"https://{domain_of(value)}")


def login_host(environment: str) -> str:
    """Return where people sign in."""
    usual = SANDBOX if environment == "sandbox" else LOGIN
    return host(KEY, usual)
