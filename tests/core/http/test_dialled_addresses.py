"""Which address is dialled in the end: the one that was checked, and no other."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from core.errors import Misconfigured, Temporary
from core.http import Client, Limits, transport
from core.http.addresses import Refused, parse
from core.models import ApiCall
from tests.support.raw_server import say, serving
from tests.support.resolver import PUBLIC, Names, ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_connections")]


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


def test_a_name_that_changes_its_address_between_check_and_use_gains_nothing(
    dialled: list[Any], names: Names
) -> None:
    names.answers["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]

    with pytest.raises(Temporary):
        ask("https://rebind.example.com")

    assert dialled == [(PUBLIC, 443)]
    assert names.asked == ["rebind.example.com"]


def test_a_name_that_turns_private_is_refused_at_the_next_connection(
    dialled: list[Any], names: Names
) -> None:
    names.answers["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    with pytest.raises(Temporary):
        ask("https://rebind.example.com")
    dialled.clear()

    with pytest.raises(Misconfigured):
        ask("https://rebind.example.com")

    assert dialled == []


def test_an_attempt_made_again_checks_the_name_again(dialled: list[Any], names: Names) -> None:
    names.answers["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    client = Client(
        "custom", "guard", "https://rebind.example.com", limits=Limits(attempts=3, pause=0.01)
    )

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
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    names.answers["crm.example.com"] = [[PUBLIC]]

    with pytest.raises(Temporary):
        ask("https://crm.example.com")

    assert dialled == [(PUBLIC, 443)]


def test_a_name_that_flips_all_the_time_never_reaches_a_private_address(
    dialled: list[Any], names: Names
) -> None:
    names.answers["flip.example.com"] = [[PUBLIC], ["127.0.0.1"]] * 50

    def hammer() -> None:
        for _ in range(10):
            with pytest.raises((Refused, OSError)):
                transport.send(
                    "GET", "https://flip.example.com/", headers={}, body=None, timeouts=(1, 1)
                )

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {address[0] for address in dialled} == {PUBLIC}
