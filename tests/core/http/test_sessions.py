"""Libraries that bring `requests` go out through the same door,
whatever their session was given.
"""

from collections.abc import Callable
from typing import Any

import pytest
import requests  # noqa: TID251  what goes through the door is this library's session

from core.errors import Misconfigured, RateLimited, Rejected, Temporary
from core.http import Limits, Quota, sessions
from core.models import ApiCall
from tests.support.raw_server import RawServer, Talk, say, serving
from tests.support.resolver import PUBLIC, Names

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_connections")]
GRANT = {
    "grant_type": "refresh_token",
    "refresh_token": "a-refresh-token-of-a-vendor",
    "client_id": "koppel",
}


@pytest.fixture
def session_to(settings: Any) -> Callable[..., requests.Session]:
    def make(server: RawServer, **options: Any) -> requests.Session:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        options.setdefault("limits", Limits(attempts=1, read=1, total=2, body=100_000))
        return sessions.session("custom", "oauth", **options)

    return make


def test_a_form_is_posted_and_answered_and_logged_without_its_secrets(session_to: Any) -> None:
    answered = (
        b'{"error": "invalid_grant", "hint": "a-refresh-token-of-a-vendor of s3cret-of-the-client"}'
    )
    with serving(say("400 Bad Request", answered, "Content-Type: application/json")) as server:
        answer = session_to(server).post(
            server.url + "/token", data=GRANT, auth=("koppel", "s3cret-of-the-client")
        )

        assert (answer.status_code, answer.reason, answer.json()["error"]) == (
            400,
            "Bad Request",
            "invalid_grant",
        )
        assert answer.url == server.url + "/token"
        (request,) = server.requests
        assert request.startswith(b"POST /token HTTP/1.1\r\n")
        assert (
            b"grant_type=refresh_token&refresh_token=a-refresh-token-of-a-vendor&client_id=koppel"
            in request
        )
        assert (
            request.count(b"Authorization: Basic ")
            == request.lower().count(b"content-length: ")
            == 1
        )
    row = ApiCall.objects.get()
    assert (row.vendor, row.account, row.endpoint, row.status_code, row.success) == (
        "custom", "oauth", "/token", 400, None,
    )  # fmt: skip
    assert row.api_key_used == "e-client"
    assert "a-refresh-token" not in row.error_message
    assert "s3cret" not in row.error_message


def test_parameters_headers_and_an_answer_in_pieces_work_as_ever(session_to: Any) -> None:
    with serving(say("200 OK", b"abcdef", "X-Kind: odd")) as server:
        headers = {"Authorization": "Bearer an-access-token-of-a-vendor", "X-Mine": "yes"}
        answer = session_to(server).get(
            server.url + "/a/b", params={"q": "x y"}, headers=headers, stream=True
        )

        assert (answer.headers["x-kind"], list(answer.iter_content(4))) == ("odd", [b"abcd", b"ef"])
        assert server.requests[0].startswith(b"GET /a/b?q=x+y HTTP/1.1\r\n")
        assert b"X-Mine: yes\r\n" in server.requests[0]
        assert b"Authorization: Bearer an-access-token-of-a-vendor\r\n" in server.requests[0]


@pytest.mark.parametrize(
    ("talk", "error"),
    [
        (say("302 Found", b"", "Location: http://169.254.169.254/"), Misconfigured),
        (say("307 Again", b"", "Location: /other"), Misconfigured),
        (say("429 Slow", b"", "Retry-After: 60"), RateLimited),
        (say("503 Busy"), Temporary),
        (say("200 OK", b"x" * 100_001), Rejected),
    ],
)
def test_what_a_library_can_do_nothing_with_is_an_error_of_the_door(
    talk: Talk, error: type[Exception], session_to: Any
) -> None:
    with serving(talk) as server:
        with pytest.raises(error):
            session_to(server).post(server.url + "/token", data=GRANT)

        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/meta-data/", "https://10.0.0.1/", "http://localhost:1/"]
)
def test_what_is_not_public_is_not_dialled(url: str, dialled: list[Any]) -> None:
    with pytest.raises(Misconfigured):
        sessions.session("custom", "oauth").get(url)

    assert dialled == []


def test_no_proxy_netrc_or_certificate_file_changes_the_way(
    dialled: list[Any], names: Names, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine crm.example.com login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    names.answers["crm.example.com"] = [[PUBLIC]]
    session = sessions.session("custom", "oauth", limits=Limits(attempts=1))
    session.proxies = {"https": "http://127.0.0.1:9"}
    session.verify = False

    with pytest.raises(Temporary):
        session.post("https://crm.example.com/token", data=GRANT, timeout=900)

    assert dialled == [(PUBLIC, 443)]
    assert ApiCall.objects.get().api_key_used == ""


def test_no_cookie_is_kept(session_to: Any) -> None:
    with serving(say("200 OK", b"{}", "Set-Cookie: a=b")) as server:
        session = session_to(server)
        session.cookies["c"] = "d"
        session.get(server.url)
        session.get(server.url)

        assert all(b"cookie" not in request.lower() for request in server.requests)


def test_its_quota_is_counted(session_to: Any) -> None:
    with serving(say("200 OK", b"{}")) as server:
        session = session_to(
            server, quotas=[Quota("global", 1, 60)], limits=Limits(attempts=1, quota_wait=0)
        )
        session.get(server.url)

        with pytest.raises(RateLimited):
            session.get(server.url)

        assert len(server.requests) == 1


def test_a_session_that_a_library_made_goes_through_the_door_too(settings: Any) -> None:
    with serving(say("200 OK", b"{}")) as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        made = requests.Session()
        made.mount(f"http://{server.host}", requests.adapters.HTTPAdapter())

        sessions.through_the_door(made, sessions.Door("custom", "oauth")).get(server.url)

    assert ApiCall.objects.get().account == "oauth"


def test_a_body_in_pieces_is_refused_before_anything_is_sent(session_to: Any) -> None:
    with serving(say("200 OK", b"{}")) as server:
        with pytest.raises(TypeError):
            session_to(server).post(server.url, data=iter([b"a", b"b"]))

        assert server.requests == []
