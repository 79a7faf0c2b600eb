"""The log of outgoing calls: a row for every attempt, nothing secret in it, written aside,
not lost by a rollback.
"""

import base64
import traceback
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from django.db import connection

from core.errors import BadCredentials, VendorError
from core.http import BasicKey, BearerKey, CallContext, Client, HeaderKey, Limits, PathKey, QueryKey
from core.http.auth import spellings
from core.http.call_log import endpoint
from core.ids import time_of
from core.masking import BULLETS, Secret
from core.models import ApiCall
from core.secrets.crypto import Place
from core.secrets.fields import SealedValue
from tests.support.raw_server import RawServer, say, say_raw, serving

KEY = Secret("s3cr3t/key+of=35-characters_ABCDEFGH")
ONCE = Limits(attempts=1, connect=1, read=1, total=2)


@pytest.fixture
def server(settings: Any) -> Iterator[RawServer]:
    with serving(say("200 OK", b"{}")) as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        yield server


def client_of(server: RawServer, **options: Any) -> Client:
    options.setdefault("limits", ONCE)
    return Client("custom", "account-1", server.url, **options)


# --- What a row says ------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_row_says_who_called_what_on_whose_behalf(server: RawServer) -> None:
    organization, integration, run = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    context = CallContext(
        organization_id=organization,
        integration_id=integration,
        run_id=run,
        workspace_name="Acme",
        instance="maverick",
        api_key_type="workspace",
        function_name="sync_accounts",
        triggered_by="beat",
        metadata={"page": 2, "filter": ["a"]},
    )
    with structlog.contextvars.bound_contextvars(request_id="request-7"):
        client_of(server, auth=BearerKey(KEY), context=context).get(
            "/leads", params={"page": 2, "email": "a@b.c"}
        )

    row = ApiCall.objects.values().get()
    assert row.pop("created_at") == time_of(row.pop("id"))
    assert row.pop("response_time_ms") < 1000
    assert row == {
        "vendor": "custom",
        "account": "account-1",
        "organization_id": organization,
        "integration_id": integration,
        "run_id": run,
        "workspace_name": "Acme",
        "instance": "maverick",
        "endpoint": "/leads?page=2&email=…",
        "method": "GET",
        "api_key_used": "ABCDEFGH",
        "api_key_type": "workspace",
        "status_code": 200,
        "success": True,
        "error_message": "",
        "function_name": "sync_accounts",
        "triggered_by": "beat",
        "attempt": 1,
        "request_id": "request-7",
        "metadata": {"page": 2, "filter": ["a"]},
    }


@pytest.mark.django_db
def test_texts_of_any_length_and_kind_are_stored(server: RawServer) -> None:
    odd = "x\x00y\ud800é" * 300
    context = CallContext(
        workspace_name=odd,
        instance=odd,
        api_key_type=odd,
        function_name=odd,
        triggered_by=odd,
        metadata={
            odd: odd,
            "deep": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
            "big": 10**30,
            "nan": float("nan"),
        },
    )

    Client("v" * 100, odd, server.url, context=context, limits=ONCE).get("/" + "p" * 2000)

    row = ApiCall.objects.get()
    assert row.workspace_name.startswith("xy?é")
    assert (len(row.vendor), len(row.account), len(row.endpoint)) == (40, 120, 500)
    assert row.metadata["big"] == "1" + "0" * 30
    assert row.metadata["nan"] is None


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("page=2&per_page=100&deep=true", "?page=2&per_page=100&deep=true"),
        (
            "from=2026-01-31&since=2026-01-31T00:00:00Z",
            "?from=2026-01-31&since=2026-01-31T00:00:00Z",
        ),
        ("search=jane.doe%40example.com", "?search=…"),
        ("api_token=123456&code=42&key=7&signature=1", "?api_token=…&code=…&key=…&signature=…"),
        ("cursor=eyJwYWdlIjoyfQ&empty=", "?cursor=…&empty=…"),
        ("", ""),
    ],
)
def test_of_a_query_only_numbers_dates_and_booleans_are_shown(query: str, shown: str) -> None:
    assert endpoint("/x", query) == "/x" + shown


# --- Secrets --------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    "auth",
    [
        HeaderKey("X-Api-Key", KEY),
        BearerKey(KEY),
        BasicKey("user", KEY),
        QueryKey("api_token", KEY),
        PathKey(KEY),
    ],
    ids=lambda auth: type(auth).__name__,
)
def test_no_spelling_of_the_key_is_in_the_log_even_when_the_vendor_sends_it_back(
    auth: Any, settings: Any
) -> None:
    plain = KEY.reveal()
    spellings = [plain, quote(plain, safe=""), plain[:12]]
    if isinstance(auth, BasicKey):
        spellings.append(base64.b64encode(f"user:{plain}".encode()).decode())
    echo = '{"error": "bad key ' + " or ".join(spellings[:2] + spellings[3:]) + '"}'
    with serving(say("400 Bad", echo.encode())) as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        context = CallContext(function_name=plain, metadata={"note": f"with {plain}", plain: 1})
        with pytest.raises(VendorError) as raised:
            client_of(server, auth=auth, context=context).get(
                f"/x/{plain}", params={"again": plain}
            )

    with connection.cursor() as cursor:
        cursor.execute("SELECT api_call_logs::text, api_key_used, error_message FROM api_call_logs")
        row, used, error = cursor.fetchone()
    assert not [spelling for spelling in spellings if spelling in row]
    assert used == plain[-8:]
    assert BULLETS in error
    assert plain not in str(raised.value)
    assert plain not in repr(raised.value)


def test_the_spellings_of_a_key_are_those_that_texts_have() -> None:
    found = spellings(HeaderKey("X-Api-Key", KEY))

    assert KEY.reveal().replace("/", "\\/") in found
    assert (
        quote(KEY.reveal(), safe="")
        .replace("%2F", "%2f")
        .replace("%2B", "%2b")
        .replace("%3D", "%3d")
        in found
    )


@pytest.mark.django_db
def test_a_path_that_is_a_secret_is_not_shown_in_pieces_either(settings: Any) -> None:
    key = PathKey(Secret("/hooks/abcdefgh12345678?token=zyxwvuts87654321"))
    with serving(say("404 What", b"no hook abcdefgh12345678 with zyxwvuts87654321")) as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        with pytest.raises(VendorError):
            client_of(server, auth=key, reads="bytes").post("", json={})

        assert server.requests[0].startswith(
            b"POST /hooks/abcdefgh12345678?token=zyxwvuts87654321 HTTP/1.1"
        )
    row = ApiCall.objects.get()
    assert (row.endpoint, row.error_message) == (
        f"/hooks/{BULLETS}?token=…",
        f"no hook {BULLETS} with {BULLETS}",
    )


@pytest.mark.django_db
@pytest.mark.parametrize("before", range(440, 501, 6))
def test_a_key_at_the_cut_of_a_long_answer_is_not_cut_in_two(before: int, settings: Any) -> None:
    body = b"x" * before + KEY.reveal().encode() + b"y" * 1000
    with serving(say("400 Bad", body)) as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        with pytest.raises(VendorError):
            client_of(server, auth=BearerKey(KEY)).get("/x")

    assert ApiCall.objects.get().error_message.strip("xy") in {"", BULLETS[: 500 - before], BULLETS}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "talk",
    [
        say("200 OK", b"{}"),
        say_raw(b""),
        say_raw(b"HTTP/1.1 200 OK\r\nbroken header line\r\n: x\r\nContent-Length: 2\r\n\r\n{}"),
    ],
    ids=["answered", "cut", "odd headers"],
)
@pytest.mark.parametrize("auth", [QueryKey("api_token", KEY), PathKey(KEY)], ids=["query", "path"])
def test_a_key_in_the_address_is_in_no_line_of_any_log_nor_in_a_traceback(
    auth: Any, talk: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    trace = ""
    with serving(talk) as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        try:
            client_of(server, auth=auth).get("/x")
        except VendorError:
            trace = traceback.format_exc()

    assert len(server.requests) == 1
    assert not [spelling for spelling in spellings(auth) if spelling in caplog.text + trace]


@pytest.mark.django_db
def test_a_key_that_cannot_be_opened_is_a_bad_credential_and_nothing_is_sent(
    server: RawServer,
) -> None:
    lost = SealedValue("00" * 16 + ":" + "00" * 16 + ":00", Place("a_table", "1", "field"))

    with pytest.raises(BadCredentials, match="Enter it again"):
        client_of(server, auth=BearerKey(lost)).get("/x")

    assert server.requests == []
    assert ApiCall.objects.get().success is False


@pytest.mark.django_db
def test_of_a_short_key_nothing_is_kept(server: RawServer) -> None:
    client_of(server, auth=BearerKey(Secret("short-key-of-19-chr"))).get("/x")

    assert ApiCall.objects.get().api_key_used == ""


@pytest.mark.django_db
def test_a_long_answer_of_an_error_is_cut(settings: Any) -> None:
    with serving(say("400 Bad", b'{"error": "' + b"long " * 10_000 + b'"}')) as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        with pytest.raises(VendorError):
            client_of(server).get("/x")

    assert len(ApiCall.objects.get().error_message) == 500
