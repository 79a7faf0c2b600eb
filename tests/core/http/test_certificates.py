"""The certificate is checked against the name, though an address is dialled."""

import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.errors import Misconfigured
from tests.support.raw_server import say, serving
from tests.support.resolver import Names, ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_connections")]


class Tls:
    """A server on this machine with a certificate for vendor.example.com of an authority
    that only tests know.
    """

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "ca.pem"
        self._openssl(
            folder,
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 "
            "-subj /CN=Test-CA",
        )
        self._openssl(
            folder,
            "req -newkey rsa:2048 -nodes -keyout s.key -out s.csr -subj /CN=vendor.example.com",
        )
        (folder / "names").write_text("subjectAltName=DNS:vendor.example.com\n")
        self._openssl(
            folder, "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -out s.pem -days 2 -extfile names"
        )
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
