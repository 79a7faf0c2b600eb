"""The address guard: every spelling of a place that is not public is refused,
and nobody is dialled.
"""

import ipaddress
from typing import Any

import pytest

from core.errors import Misconfigured
from core.http.addresses import is_public
from core.models import ApiCall
from tests.support.resolver import PUBLIC, Names, ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_connections")]


REFUSED_HOSTS = {
    "loopback": "127.0.0.1",
    "loopback, another": "127.8.8.8",
    "loopback name": "localhost",
    "private 10": "10.0.0.5",
    "private 172": "172.31.255.254",
    "private 192": "192.168.1.1",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "metadata of Azure, a public number": "168.63.129.16",
    "metadata of Alibaba, in CGNAT": "100.100.100.200",
    "metadata of Oracle": "192.0.0.192",
    "carrier-grade NAT": "100.64.0.1",
    "this host": "0.0.0.0",
    "this network": "0.1.2.3",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "multicast": "224.0.0.1",
    "documentation": "192.0.2.1",
    "benchmarking": "198.18.0.1",
    "6to4 relay": "192.88.99.1",
    "IPv6 loopback": "[::1]",
    "IPv6 unspecified": "[::]",
    "IPv6 metadata": "[fd00:ec2::254]",
    "IPv6 unique local": "[fc00::1]",
    "IPv6 link-local": "[fe80::1]",
    "IPv6 link-local with a zone": "[fe80::1%25eth0]",
    "IPv6 site-local": "[fec0::1]",
    "IPv6 multicast": "[ff02::1]",
    "IPv6 documentation": "[2001:db8::1]",
    "IPv6 documentation, new": "[3fff::1]",
    "IPv4-mapped": "[::ffff:127.0.0.1]",
    "IPv4-mapped in hex": "[::ffff:a9fe:a9fe]",
    "IPv4-mapped public": f"[::ffff:{PUBLIC}]",
    "IPv4-compatible": "[::127.0.0.1]",
    "IPv4-translated": "[::ffff:0:127.0.0.1]",
    "NAT64": "[64:ff9b::7f00:1]",
    "NAT64, local": "[64:ff9b:1::7f00:1]",
    "6to4": "[2002:7f00:1::]",
    "Teredo": "[2001:0:53aa:64c:0:fbff:80ff:fffe]",
    "ISATAP": "[2a00:1450::5efe:7f00:1]",
    "SRv6": "[5f00::1]",
    "decimal": "2130706433",
    "decimal of metadata": "2852039166",
    "decimal, too large": "6425673729",
    "octal": "0177.0.0.1",
    "octal in full": "017700000001",
    "hexadecimal": "0x7f000001",
    "hexadecimal label": "0x7f.1",
    "hexadecimal empty": "0x.0x.0",
    "short": "127.1",
    "short of three": "127.0.1",
    "leading zeros": "127.000.000.001",
    "decimal of a public address": "1572395022",
    "ideographic dots": "127。0。0。1",
    "fullwidth dots": "127．0．0．1",
    "fullwidth digits": "１２７.0.0.1",
    "circled digits": "①②⑦.⓪.⓪.①",
    "circled letters": "ⓛocalhost",
    "upper case": "LOCALHOST",
    "trailing dot": "localhost.",
    "trailing dot of a number": "127.0.0.1.",
    "two dots": "example..com",
    "leading dot": ".example.com",
    "empty": "",
    "only a dot": ".",
    "user name": "user@example.com",
    "user name and password": "user:secret@example.com",
    "address as user name": f"{PUBLIC}@127.0.0.1",
    "empty user name": "@127.0.0.1",
    "user name behind a fragment": "example.com#@127.0.0.1",
    "backslash": "example.com\\@127.0.0.1",
    "space": "example.com 127.0.0.1",
    "tab": "127.0.0.1\t",
    "line break": "example.com\r\nHost: 127.0.0.1",
    "NUL": "127.0.0.1\x00.example.com",
    "percent": "127.0.0.1%2f.example.com",
    "percent-encoded": "%31%32%37.0.0.1",
    "soft hyphen": "127.0.0.1\u00ad",
    "bare IPv6": "::1",
    "bracket left open": "[::1",
    "name in brackets": "[localhost]",
    "port 0": f"{PUBLIC}:0",
    "port of SSH": f"{PUBLIC}:22",
    "port of mail": f"{PUBLIC}:25",
    "port of plain HTTP": f"{PUBLIC}:80",
    "port too large": f"{PUBLIC}:65536",
    "port that is none": f"{PUBLIC}:https",
    "port left out": f"{PUBLIC}:",
    "port negative": f"{PUBLIC}:-1",
    "label too long": "a" * 64 + ".example.com",
    "name too long": ".".join(["a" * 60] * 5),
    "subdomain of localhost": "x.localhost",
}


@pytest.mark.parametrize("host", REFUSED_HOSTS.values(), ids=REFUSED_HOSTS.keys())
def test_it_refuses_and_dials_nobody(host: str, dialled: list[Any], names: Names) -> None:
    names.answers |= {
        "localhost": [["127.0.0.1"]],
        "x.localhost": [["127.0.0.1"]],
        "example.com": [["127.0.0.1"]],
    }

    with pytest.raises(Misconfigured) as refused:
        ask(f"https://{host}")

    assert dialled == []
    # What a thread of another test still wrote down is none of it.
    row = ApiCall.objects.get(account="guard")
    assert (row.success, row.status_code) == (False, None)
    assert row.error_message == refused.value.message != ""


@pytest.mark.parametrize(
    "url",
    [
        f"http://{PUBLIC}",
        "http://example.com",
        "ftp://example.com",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "javascript:alert(1)",
        "https:example.com",
        "https:/example.com",
        "//example.com",
        "example.com",
        "",
        "unix:///run/redis.sock",
    ],
)
def test_it_refuses_every_scheme_but_https(url: str, dialled: list[Any]) -> None:
    with pytest.raises(Misconfigured):
        ask(url)

    assert dialled == []


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::1"],
        ["fd00:ec2::254"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        ["0.0.0.0"],
        [PUBLIC, "192.168.0.10"],
        ["192.168.0.10", PUBLIC],
        [PUBLIC, "::1"],
        ["fe80::1%2"],
    ],
    ids="-".join,
)
def test_it_refuses_a_name_if_any_of_its_addresses_is_not_public(
    found: list[str], dialled: list[Any], names: Names
) -> None:
    names.answers["crm.example.com"] = [found]

    with pytest.raises(Misconfigured) as refused:
        ask("https://crm.example.com")

    assert dialled == []
    assert "is not public" in refused.value.message
    assert not any(address in refused.value.message for address in found)


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "192.0.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
