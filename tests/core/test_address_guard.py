"""The address guard: what is refused, what gets through, and which address is dialled in the end."""

import ipaddress
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import Misconfigured, Temporary
from core.http import Client, HeaderKey, Limits, transport
from core.http.addresses import Refused, is_public, parse
from core.masking import Secret
from core.models import ApiCall
from tests.support.raw_server import say, serving

pytestmark = pytest.mark.django_db
ONCE = Limits(attempts=1, connect=1, read=2, total=5)
PUBLIC = "93.184.215.14"


@pytest.fixture(autouse=True)
def new_connections() -> Iterator[None]:
    transport.close()
    yield
    transport.close()


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The addresses that sockets were connected to. None outside this machine is really dialled."""
    seen: list[tuple[Any, ...]] = []
    connect = socket.socket.connect

    def note(self: socket.socket, address: Any) -> None:
        if self.type == socket.SOCK_STREAM and self.family != socket.AF_UNIX:
            seen.append(address)
            if not ipaddress.ip_address(address[0]).is_loopback:
                raise ConnectionRefusedError("Not from a test")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", note)
    return seen


class Names:
    """A resolver of our own, in getaddrinfo's place: each name's answers, one after another, the last for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)

    def _resolve(self, host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        self.asked.append(str(host))
        if host not in self.answers:
            return self._real(host, port, *arguments, **options)
        answers = self.answers[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


def ask(url: str, **options: Any) -> Any:
    return Client("custom", "guard", url, HeaderKey("X-Api-Key", Secret("k" * 30)), limits=ONCE, **options).get("/x")


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
    names.answers |= {"localhost": [["127.0.0.1"]], "x.localhost": [["127.0.0.1"]], "example.com": [["127.0.0.1"]]}

    with pytest.raises(Misconfigured) as refused:
        ask(f"https://{host}")

    assert dialled == []
    row = ApiCall.objects.get()
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


def test_it_lets_a_public_name_through_and_dials_exactly_the_address_that_was_found(
    dialled: list[Any], names: Names
) -> None:
    names.answers["crm.example.com"] = [[PUBLIC]]

    with pytest.raises(Temporary):
        ask("https://crm.example.com")

    assert dialled == [(PUBLIC, 443)]
    assert names.asked == ["crm.example.com"]


def test_it_tries_each_public_address_of_a_name(dialled: list[Any], names: Names) -> None:
    names.answers["crm.example.com"] = [["2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC]]

    with pytest.raises(Temporary):
        ask("https://crm.example.com:8443")

    assert dialled == [("2606:2800:21f:cb07:6820:80da:af6b:8b2c", 8443, 0, 0), (PUBLIC, 8443)]


def test_a_name_that_changes_its_address_between_check_and_use_gains_nothing(dialled: list[Any], names: Names) -> None:
    names.answers["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]

    with pytest.raises(Temporary):
        ask("https://rebind.example.com")

    assert dialled == [(PUBLIC, 443)]
    assert names.asked == ["rebind.example.com"]


def test_a_name_that_turns_private_is_refused_at_the_next_connection(dialled: list[Any], names: Names) -> None:
    names.answers["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    with pytest.raises(Temporary):
        ask("https://rebind.example.com")
    dialled.clear()

    with pytest.raises(Misconfigured):
        ask("https://rebind.example.com")

    assert dialled == []


def test_an_attempt_made_again_checks_the_name_again(dialled: list[Any], names: Names) -> None:
    names.answers["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    client = Client("custom", "guard", "https://rebind.example.com", limits=Limits(attempts=3, pause=0.01))

    with pytest.raises(Misconfigured):
        client.get("/x")

    assert dialled == [(PUBLIC, 443)]
    assert ApiCall.objects.count() == 2


def test_a_name_that_does_not_exist_is_said_to_be_misspelt(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(Misconfigured, match="does not exist"):
        ask("https://nosuch.example.com")


def test_a_resolver_that_is_down_is_a_temporary_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_arguments: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", down)

    with pytest.raises(Temporary):
        ask("https://crm.example.com")


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:6379/",
        "//127.0.0.1:1/x",
        "https://2130706433/",
        "file:///etc/passwd",
        "https://user@127.0.0.1/",
        "https://elsewhere.example.com/",
    ],
)
@pytest.mark.parametrize("follow", [False, True], ids=["not followed", "followed"])
def test_a_redirect_to_another_place_is_refused_and_the_key_stays_here(
    target: str, follow: bool, dialled: list[Any], names: Names, settings: Any
) -> None:
    names.answers["elsewhere.example.com"] = [[PUBLIC]]
    with serving(say("302 Found", b"", f"Location: {target}")) as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]

        with pytest.raises(Misconfigured):
            ask(server.url, follow_redirects=follow)

        assert dialled == [("127.0.0.1", server.port)]
        assert len(server.requests) == 1


def test_an_exception_is_for_its_port_alone(dialled: list[Any], settings: Any) -> None:
    with serving(say("200 OK", b"{}")) as server, serving(say("200 OK", b"{}")) as neighbour:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]

        assert ask(server.url).status == 200
        with pytest.raises(Misconfigured):
            ask(neighbour.url)

        assert neighbour.requests == []


def test_an_exception_can_name_a_host_and_ipv6(settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["Chat.internal:3000", "[::1]:3000"]

    assert str(parse("http://chat.internal:3000/a?b=c")[0]) == "http://chat.internal:3000"
    assert str(parse("http://[0:0:0:0:0:0:0:1]:3000")[0]) == "http://[::1]:3000"
    with pytest.raises(Refused):
        parse("http://chat.internal:3001")


def test_proxies_and_passwords_of_the_environment_are_not_used(
    dialled: list[Any], names: Names, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine crm.example.com login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    names.answers["crm.example.com"] = [[PUBLIC]]

    with pytest.raises(Temporary):
        ask("https://crm.example.com")

    assert dialled == [(PUBLIC, 443)]


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "192.0.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


class Tls:
    """A server on this machine with a certificate for vendor.example.com of an authority that only tests know."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "ca.pem"
        self._openssl(folder, "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Test-CA")
        self._openssl(folder, "req -newkey rsa:2048 -nodes -keyout s.key -out s.csr -subj /CN=vendor.example.com")
        (folder / "names").write_text("subjectAltName=DNS:vendor.example.com\n")
        self._openssl(folder, "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -out s.pem -days 2 -extfile names")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "s.pem", folder / "s.key")
        self.asked_for: list[str | None] = []
        self.context.sni_callback = lambda _socket, name, _context: self.asked_for.append(name)

    @staticmethod
    def _openssl(folder: Path, command: str) -> None:
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return Tls(tmp_path_factory.mktemp("tls"))


def test_name_and_certificate_are_checked_against_the_name_though_the_address_is_dialled(
    tls: Tls, names: Names, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority))
    names.answers["vendor.example.com"] = [["127.0.0.1"]]
    with serving(say("200 OK", b"{}"), tls=tls.context) as server:
        settings.ALLOW_PRIVATE_HOSTS = [f"vendor.example.com:{server.port}"]

        assert ask(f"https://vendor.example.com:{server.port}").json() == {}

        assert tls.asked_for[-1] == "vendor.example.com"
        assert f"Host: vendor.example.com:{server.port}".encode() in server.requests[0]


@pytest.mark.parametrize("trusted", [False, True], ids=["unknown authority", "another name"])
def test_a_certificate_that_is_not_valid_is_misconfigured_and_no_key_is_sent(
    trusted: bool, tls: Tls, names: Names, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "other.example.com" if trusted else "vendor.example.com"
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority))
    names.answers[name] = [["127.0.0.1"]]
    with serving(say("200 OK", b"{}"), tls=tls.context) as server:
        settings.ALLOW_PRIVATE_HOSTS = [f"{name}:{server.port}"]

        with pytest.raises(Misconfigured, match="certificate"):
            ask(f"https://{name}:{server.port}")

        assert server.requests == []


def test_a_name_that_flips_all_the_time_never_reaches_a_private_address(dialled: list[Any], names: Names) -> None:
    names.answers["flip.example.com"] = [[PUBLIC], ["127.0.0.1"]] * 50

    def hammer() -> None:
        for _ in range(10):
            with pytest.raises((Refused, OSError)):
                transport.send("GET", "https://flip.example.com/", headers={}, body=None, timeouts=(1, 1))

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {address[0] for address in dialled} == {PUBLIC}
