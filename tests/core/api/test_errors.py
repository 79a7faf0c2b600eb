"""The one error body, whoever refuses."""

from io import BytesIO

import pytest
from django.test import Client

from core.api.parsers import MAX_NODES, has_more_nodes
from core.signin import roles
from tests.support.people import assert_error, client_of, person, staff

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.api.probe_urls")]


@pytest.fixture
def client():
    return client_of(person("anna"))


@pytest.mark.parametrize(
    ("what", "status", "error"),
    [
        ("temporary", 504, "vendor_timeout"),
        ("fault", 502, "vendor_failed"),
        ("limited", 502, "vendor_failed"),
        ("rejected", 502, "vendor_failed"),
        ("credentials", 502, "vendor_failed"),
        ("misconfigured", 502, "vendor_failed"),
    ],
)
def test_a_vendors_failure_is_never_the_callers_and_names_the_vendor(client, what, status, error):
    body = assert_error(client.get(f"/api/probe/failing/{what}"), status, error)
    assert body["vendor"] == "fathom"
    assert "Fathom" in body["message"]


def test_a_vendor_that_asks_to_wait_passes_its_wait_on(client):
    assert client.get("/api/probe/failing/limited")["Retry-After"] == "8"
    assert "Retry-After" not in client.get("/api/probe/failing/rejected")


def test_what_a_view_raises_is_what_is_answered(client):
    assert (
        assert_error(client.get("/api/probe/failing/conflict"), 409, "taken")["message"]
        == "It is taken."
    )
    assert (
        assert_error(client.get("/api/probe/failing/tier"), 403, "TIER_LIMIT")["requiredTier"]
        == "TEAM"
    )
    assert_error(client.get("/api/probe/failing/forbidden"), 403, "not_permitted")


def test_what_a_service_does_not_find_is_404_in_the_api_and_a_page_elsewhere(client):
    assert_error(client.get("/api/probe/failing/absent"), 404, "not_found")
    page = client.get("/page/absent")
    assert page.status_code == 404
    assert page["Content-Type"].startswith("text/html")


def test_wrong_values_come_back_by_field_and_by_path(client):
    body = assert_error(
        client.post(
            "/api/probe/echo",
            {"configuration": {"apiKey": "x"}, "count": -1, "rows": [{"apiKey": "abc"}, {}]},
        ),
        400,
        "invalid",
    )
    assert set(body["fields"]) == {"name", "configuration.apiKey", "count", "rows.1.apiKey"}
    general = assert_error(client.post("/api/probe/echo", {"name": "both"}), 400, "invalid")
    assert general["message"] == "Not both."
    assert "fields" not in general


@pytest.mark.parametrize("body", [b"[1,2]", b'"text"', b"7", b"null", b"true"])
def test_json_that_is_no_object_is_a_wrong_value(client, body):
    assert_error(
        client.post("/api/probe/echo", body, content_type="application/json"), 400, "invalid"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"name": "a\x00b"}',
        b'{"name": "a\\u0000b"}',
        b'{"a\\u0000": 1}',
        b'{"name": "\\ud800"}',
        b'{"count": NaN}',
        b'{"count": Infinity}',
        b'{"count": -Infinity}',
        b'{"count": 1e999}',
        b'{"name": "\xc3\x28"}',
        b"[" * 51 + b"]" * 51,
        b'{"a":' * 60 + b"1" + b"}" * 60,
        b"[" * 40_000,
        b'{"name": "x"} trailing',
    ],
)
def test_odd_json_is_malformed(client, body):
    assert_error(
        client.post("/api/probe/echo", body, content_type="application/json"), 400, "malformed"
    )


def test_more_values_than_one_request_needs_are_refused_before_they_are_parsed(client):
    lists = b'{"name": [' + b",".join([b"[]"] * 30_000) + b"]}"
    assert_error(
        client.post("/api/probe/echo", lists, content_type="application/json"), 413, "too_large"
    )
    pairs = b"{" + b",".join(b'"%d":1' % number for number in range(30_000)) + b"}"
    assert_error(
        client.post("/api/probe/echo", pairs, content_type="application/json"), 413, "too_large"
    )


def test_marks_inside_texts_are_no_values():
    long = b'{"name": "' + b'[{,:\\"' * 100_000 + b'"}'
    assert not has_more_nodes(long, MAX_NODES)
    assert not has_more_nodes(b'{"name": "' + b'\\",' * 400_000, MAX_NODES)
    assert has_more_nodes(b'{"name": "a,b", "c": [' + b"0," * MAX_NODES + b"0]}", MAX_NODES)


def test_a_stranger_sends_64_kb_at_most():
    body = b'{"username": "' + b"x" * 65_536 + b'"}'
    for headers in (
        {},
        {"HTTP_AUTHORIZATION": "Bearer invented"},
        {"HTTP_COOKIE": "sessionid=invented"},
    ):
        answer = Client().post("/api/auth/token", body, content_type="application/json", **headers)
        assert_error(answer, 413, "too_large")


@pytest.mark.parametrize(
    "number", [10**18, 10**30, 10**400, -(10**30), 1.5, "1", "x", True, [], {}]
)
def test_numbers_of_any_size_are_read_or_refused(client, number):
    answer = client.post(
        "/api/probe/echo",
        f'{{"name": "a", "count": {number!r}}}'.replace("'", '"').replace("True", "true"),
        content_type="application/json",
    )
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert_error(answer, 400)


def test_fifty_levels_are_read(client):
    body = b'{"name": "a", "extra": ' + b"[" * 48 + b"]" * 48 + b"}"
    assert client.post("/api/probe/echo", body, content_type="application/json").status_code == 200


def test_a_body_beyond_the_limit_is_413_and_says_so_for_json_and_forms(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert_error(client.post("/api/probe/echo", {"name": "x" * 1001}), 413, "too_large")
    form = Client(raise_request_exception=False).post(
        "/api/probe/plain", "a=" + "x" * 2000, content_type="application/x-www-form-urlencoded"
    )
    assert_error(form, 413, "too_large")
    page = Client(raise_request_exception=False).post(
        "/page/plain", "a=" + "x" * 2000, content_type="application/x-www-form-urlencoded"
    )
    assert page.status_code == 413
    assert page["Content-Type"].startswith("text/html")


def test_another_media_type_is_415(client):
    for kind in (
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "nonsense",
    ):
        answer = client.post("/api/probe/echo", b"name=a", content_type=kind)
        assert_error(answer, 415, "unsupported_media_type")


def test_a_wrong_method_is_405_and_names_the_right_ones(client):
    answer = client.get("/api/probe/echo")
    assert_error(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]
    plain = client.get("/api/probe/plain")
    assert_error(plain, 405, "method_not_allowed")
    assert plain["Allow"] == "POST"


def test_an_unknown_address_is_json_under_the_api_and_a_page_elsewhere(client):
    for path in (
        "/api/none",
        "/api",
        "/functions/none",
        "/webhooks/none",
        "/calls/appointments/none",
        "/api/me/none",
        "/api//me",
    ):
        assert_error(client.get(path), 404, "not_found")
    assert client.get("/none")["Content-Type"].startswith("text/html")
    assert client.get("/calls/none", HTTP_ACCEPT="*/*")["Content-Type"].startswith("text/html")


def test_a_fault_of_ours_is_500_without_a_word_of_it(client, settings):
    for debug in (False, True):
        settings.DEBUG = debug
        for path in ("/api/probe/failing/bug", "/functions/bug"):
            answer = client.get(path)
            assert_error(answer, 500, "internal_error")
            assert b"canary" not in answer.content
            assert b"Traceback" not in answer.content


def test_a_missing_csrf_token_is_json_where_the_session_signs_in():
    user = person("anna")
    session = Client(enforce_csrf_checks=True)
    session.force_login(user)
    body = assert_error(
        session.post("/api/probe/echo", {"name": "a"}, content_type="application/json"),
        403,
        "csrf_failed",
    )
    assert "again" in body["message"]
    assert_error(session.post("/api/probe/plain", {"a": 1}), 403)


def test_nobody_is_401_with_the_way_to_sign_in(client):
    answer = client_of().get("/api/me")
    assert_error(answer, 401, "not_signed_in")
    assert answer["WWW-Authenticate"] == 'Bearer realm="koppel"'


def test_an_endpoint_for_staff_is_403_for_others_and_for_staff_without_the_permission(client):
    assert_error(client.get("/api/probe/staff"), 403, "not_permitted")
    assert_error(client_of(person(is_staff=True)).get("/api/probe/staff"), 403, "not_permitted")
    assert client_of(staff(roles.OPERATIONS_VIEWER)).get("/api/probe/staff").status_code == 200


def test_the_message_is_in_the_readers_language_and_the_error_is_not(client):
    dutch = client_of(person("bram", language="nl")).get("/api/none-such")
    assert_error(dutch, 404, "not_found")
    assert dutch["Content-Language"] == "en"  # nobody is signed in where there is nothing


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*;q=0", "", "nonsense"])
def test_the_answer_is_json_whatever_was_asked_for(client, accept):
    assert client.get("/api/me", HTTP_ACCEPT=accept)["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/me", "a=%00"),
        ("/api/me", "a=%ff"),
        ("/api/me", "%00=1"),
        ("/api/me", "%c3%28=1"),
        ("/api/runs", "search=%00"),
        ("/api/%00", ""),
        ("/api/runs/%00", ""),
        ("/webhooks/%00", ""),
        ("/api/\x00", ""),
    ],
)
def test_a_nul_or_bad_utf8_in_the_address_is_400(client, path, query):
    assert_error(client.get(path, QUERY_STRING=query), 400, "malformed")


def test_bad_utf8_in_the_path_is_400(client):
    assert_error(client.generic("GET", "/api/runs/%ff%fe"), 400, "malformed")


def test_both_forms_of_every_address_answer_without_a_redirect(client):
    for path in (
        "/api/probe/echo",
        "/api/probe/echo/",
        "/api/probe/slashed",
        "/api/probe/slashed/",
    ):
        answer = client.post(path, {"name": "a"})
        assert answer.status_code == 200, path
        assert answer.json()["name"] == "a"
    assert client.get("/api/me/").status_code == client.get("/api/me").status_code == 200
    assert_error(client.get("/api/me//"), 404)


def test_every_answer_carries_the_headers_that_protect_it(client):
    answer = client.get("/api/me")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert "camera=(self)" in answer["Permissions-Policy"]
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert len(answer["X-Request-ID"]) == 32


def test_the_request_id_is_ours_whatever_the_client_sends(client):
    answer = client.get("/api/me", HTTP_X_REQUEST_ID="chosen-by-me")
    assert answer["X-Request-ID"] != "chosen-by-me"


def chunked(client, path: str, body: bytes, kind: str = "application/json"):
    """As a server hands on a body that came in chunks: no length,
    and a stream that knows its end.
    """
    stream = {"wsgi.input": BytesIO(body), "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.generic("POST", path, b"", content_type=kind, **stream)


def test_a_body_in_chunks_is_read_and_held_to_the_limit(client, settings):
    assert chunked(client, "/api/probe/echo", b'{"name": "a"}').json()["name"] == "a"
    assert (
        chunked(client, "/api/probe/plain", b"a=1", "application/x-www-form-urlencoded").content
        == b"1"
    )
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert_error(
        chunked(client, "/api/probe/echo", b'{"name": "' + b"x" * 1000 + b'"}'), 413, "too_large"
    )
    assert chunked(client, "/page/plain", b"a" * 1001).status_code == 413


def test_a_host_that_is_not_ours_is_400(client):
    assert_error(client.get("/api/me", HTTP_HOST="evil.example"), 400, "malformed")
    assert_error(client.options("/api/me"), 405, "method_not_allowed")
