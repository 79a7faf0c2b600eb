"""Which addresses a vendor's OAuth is asked at, and which of the addresses that stand
in answers may be asked.

`<PROVIDER>_BASE_URL` takes the place of all hosts, paths kept; then nothing else is asked,
whatever an answer names.
"""

from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from core.errors import Misconfigured
from core.http import addresses
from integrations.oauth.declaring import OAuth
from integrations.providers.base import Provider, host

FOREIGN: Final = _(
    "%(vendor)s named a server that is not one of its own. Nothing was sent there and "
    "nothing was changed."
)
HTTPS: Final = 443


class ForeignHost(Misconfigured):
    """An answer, an address or a person named a host that is not the vendor's."""

    text = FOREIGN


def authorize(provider: Provider, oauth: OAuth, place: str) -> str:
    """Return the address of the vendor's page; ForeignHost where the place is none of its."""
    return _at(provider, oauth.authorize, origin_of(provider, oauth, place))


def token(provider: Provider, oauth: OAuth, origin: str) -> str:
    """Return the address that exchanges codes and renews tokens."""
    return _at(provider, oauth.token, origin)


def revoke(provider: Provider, oauth: OAuth, origin: str) -> str:
    """Return the address that takes tokens back."""
    return _at(provider, oauth.revoke, origin)


def fixed(provider: Provider, api_base: str) -> str:
    """Return an API's address that is the same for all accounts."""
    return host(provider.key, api_base)


def origin_of(provider: Provider, oauth: OAuth, place: str) -> str:
    """Return the origin of a place to sign in at, '' for the usual;
    ForeignHost for what is none.
    """
    if not place:
        return ""
    if place in oauth.places:
        return oauth.places[place]
    if not oauth.takes_host:
        raise ForeignHost(provider.vendor.key)
    return checked(provider, oauth, place)


def checked(provider: Provider, oauth: OAuth, address: str) -> str:
    """Return an address that was learned, as an origin, if it is one of the vendor's;
    else ForeignHost.

    Nothing is asked and no name is looked up for it.
    """
    base = host(provider.key, "")
    if base:
        if address.rstrip("/") != base:
            raise ForeignHost(provider.vendor.key)
        return base
    try:
        origin, rest = addresses.parse(address)
    except addresses.Refused as error:
        raise ForeignHost(provider.vendor.key) from error
    is_plain = (origin.scheme, origin.port) == ("https", HTTPS) and rest in ("", "/")
    if not is_plain or not any(_fits(origin.host, pattern) for pattern in oauth.allowed):
        raise ForeignHost(provider.vendor.key)
    return str(origin)


def _fits(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:]) and len(name) > len(pattern) - 1
    return name == pattern


def _at(provider: Provider, address: str, origin: str) -> str:
    """Return a whole address at another origin, or at the one that stands for all."""
    parts = urlsplit(address)
    usual = origin or f"{parts.scheme}://{parts.netloc}"
    return f"{host(provider.key, usual)}{parts.path}"
