"""The address guard: which hosts Koppel may call, decided after name resolution on the very
addresses that are dialled.

`parse(url)` takes an address apart in one strict way and refuses what two parsers could read
differently (user names, odd dots, numbers that are not dotted quads). `resolve(origin)` asks the
resolver once and refuses the name if *any* of its addresses is not public. Only what it returned is
dialled (core.http.transport), so a name that changes its address between check and use gains
nothing. `settings.ALLOW_PRIVATE_HOSTS` names host:port pairs that are exempt.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import idna
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.words.sayings import Text

NOT_AN_ADDRESS = _(
    "The address of %(vendor)s is not a web address. Enter it as https://name.example."
)
NOT_HTTPS = _("The address of %(vendor)s must begin with https://.")
WITH_USER = _("The address of %(vendor)s must not contain a user name or password.")
ODD_PORT = _(
    "The address of %(vendor)s names a port that Koppel does not call. Use 443 or one above 1023."
)
NOT_PUBLIC = _(
    "The address of %(vendor)s is not public. Koppel calls only servers on the public internet."
)

# IANA's special-purpose registry, plus 168.63.129.16, a public number that answers
# as Azure's metadata service.
CLOSED_IPV4: Final = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
# Only global unicast is open at all: that leaves out ::, ::1, mapped (::ffff:0:0/96), NAT64
# (64:ff9b::/96), unique local (fc00::/7, so fd00:ec2::254), link-local (fe80::/10) and
# multicast (ff00::/8).
OPEN_IPV6: Final = ipaddress.IPv6Network("2000::/3")
# Within it: Teredo and the other protocol assignments, documentation, 6to4.
CLOSED_IPV6: Final = [
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]
# ISATAP: the last 64 bits are [02]00:5efe and an IPv4 address.
ISATAP: Final = {0x00005EFE, 0x02005EFE}

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# A last label like these makes resolvers read the whole as a number:
# 2130706433, 0x7f.1, 127.1, 0177.0.0.1.
_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
# What splits or ends an address differently from parser to parser.
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\]")


class Refused(Exception):
    """The guard's no. `text` says why in words that are safe to show:
    never with an address that was found.
    """

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port in one spelling."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = self.host
        if ":" in host:
            host = f"[{host}]"
        if {"https": 443, "http": 80}[self.scheme] == self.port:
            return f"{self.scheme}://{host}"
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def exempt(self) -> bool:
        return is_exempt(self.host, self.port)


@dataclass(frozen=True)
class Address:
    """One address that may be dialled."""

    family: socket.AddressFamily
    sockaddr: tuple[Any, ...]


def is_exempt(host: str, port: int) -> bool:
    """Tell whether KOPPEL_ALLOW_PRIVATE_HOSTS names exactly this host and port."""
    name = f"{host}:{port}"
    if ":" in host:
        name = f"[{host}]:{port}"
    return name in {allowed.strip().lower() for allowed in settings.ALLOW_PRIVATE_HOSTS}


def parse(url: str) -> tuple[Origin, str]:
    """Return the origin and the rest (path and query, no fragment) of a web address,
    or raise Refused.
    """
    if _UNSAFE.search(url):
        raise Refused(NOT_AN_ADDRESS)
    parts, port = _split(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused(NOT_AN_ADDRESS)
    if "@" in parts.netloc:
        raise Refused(WITH_USER)
    origin = Origin(parts.scheme, _host(parts.hostname, bracketed="[" in parts.netloc), port)
    if not origin.exempt:
        _check_origin(origin)
    if parts.query:
        return origin, f"{parts.path}?{parts.query}"
    return origin, parts.path


def _split(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(NOT_AN_ADDRESS) from error
    if parts.netloc.endswith(":") or port == 0:
        raise Refused(ODD_PORT)
    return parts, port or {"http": 80}.get(parts.scheme, 443)


def named(host: str) -> str:
    """Return a host that came by itself (a database's) in its one spelling, or raise Refused."""
    bare = host.strip()
    bracketed = bare.startswith("[") and bare.endswith("]")
    if bracketed:
        bare = bare[1:-1]
    return _host(bare, bracketed=bracketed or ":" in bare)


def _host(text: str, *, bracketed: bool) -> str:
    """Return the host in its one spelling: an IP address as ipaddress writes it,
    or an ASCII name with no final dot.
    """
    if bracketed:
        try:
            return str(ipaddress.IPv6Address(text))
        except ValueError as error:
            raise Refused(NOT_AN_ADDRESS) from error
    try:
        # Also makes one of the dots and digits that only look alike (127。0。0。1, １２７.0.0.1).
        name = text
        if not text.isascii():
            name = idna.encode(text, uts46=True).decode()
    except idna.IDNAError as error:
        raise Refused(NOT_AN_ADDRESS) from error
    name = name.lower()
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise Refused(NOT_AN_ADDRESS)
    if _NUMBER.fullmatch(name):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError as error:
            raise Refused(NOT_AN_ADDRESS) from error
    return name


def _check_origin(origin: Origin) -> None:
    if origin.scheme != "https":
        raise Refused(NOT_HTTPS)
    if origin.port != 443 and origin.port < 1024:
        raise Refused(ODD_PORT)
    try:
        literal = ipaddress.ip_address(origin.host)
    except ValueError:
        return
    if not is_public(literal):
        raise Refused(NOT_PUBLIC)


def resolve(host: str, port: int) -> list[Address]:
    """Return every address of the host, in the resolver's order;
    Refused if any of them is not public.

    Raises socket.gaierror when the name cannot be resolved.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not is_exempt(host, port) and not all(is_public(_ip(entry[4])) for entry in found):
        raise Refused(NOT_PUBLIC)
    return [Address(entry[0], entry[4]) for entry in found]


def _ip(sockaddr: tuple[Any, ...]) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(str(sockaddr[0]).partition("%")[0])


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address is one of the open internet, and cannot stand for one that is not."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in CLOSED_IPV4)
    if address not in OPEN_IPV6 or any(address in network for network in CLOSED_IPV6):
        return False
    return int(address) >> 32 & 0xFFFFFFFF not in ISATAP
