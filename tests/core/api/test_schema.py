"""The published schema: complete, valid, the same whoever asks first,
and what the endpoints really say.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.test import Client

from core.api.errors import BY_STATUS
from core.models import Run
from tests.support import (
    bison_answers,
    bison_call_answers,
    bison_key_answers,
    bison_sync_answers,
    bison_webhook_answers,
    call_answers,
    contact_answers,
    crm_answers,
    event_answers,
    fathom_answers,
    helpdesk_answers,
    incident_answers,
    integration_answers,
    integration_oauth_answers,
    truth,
)
from tests.support.addresses import every_address
from tests.support.people import PASSWORD, client_of, person

pytestmark = pytest.mark.django_db

WITHOUT_A_SCHEMA = {"api_schema", "api_docs"}  # what tells of the API is no part of it
FIRST_REQUESTS = """
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from django.test import Client
def ask(_):
    answer = Client(raise_request_exception=False).get("/api/schema")
    return answer.status_code, len(answer.content)
with ThreadPoolExecutor(16) as pool:
    print(sorted(set(pool.map(ask, range(16)))))
"""


def test_every_api_address_is_in_it():
    published = {re.sub(r"\\{[^}]+\\}", "<>", path) for path in truth.schema()["paths"]}
    for address in every_address():
        if (
            address.is_api
            and address.name not in WITHOUT_A_SCHEMA
            and "/webhooks/" not in address.path
        ):
            assert re.sub(r"<[^>]+>", "<>", address.path) in {
                re.sub(r"\{[^}]+\}", "<>", path) for path in published
            }


def test_it_is_valid_openapi_and_says_how_to_sign_in():
    from jsonschema import Draft202012Validator

    schema = truth.schema()
    assert schema["openapi"].startswith("3.")
    assert set(schema["components"]["securitySchemes"]) == {"bearer", "session"}
    for part in schema["components"]["schemas"].values():
        Draft202012Validator.check_schema(part)
    identifiers = [operation["operationId"] for operation in truth.operations().values()]
    assert len(identifiers) == len(set(identifiers))
    for (method, path), operation in truth.operations().items():
        assert operation.get("description"), f"{method} {path} has no words"
        for status in ("400", "405", "500"):
            assert operation["responses"][status]["content"]["application/json"]["schema"][
                "$ref"
            ].endswith("/Error")


def test_the_drawing_of_it_warns_of_nothing():
    done = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "spectacular",
            "--fail-on-warn",
            "--validate",
            "--file",
            os.devnull,
        ],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_first_requests_of_a_process_all_get_it_when_they_come_at_once():
    done = subprocess.run(
        [sys.executable, "-c", FIRST_REQUESTS],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "CRITICAL"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"\[\(200, \d{4,}\)\]", done.stdout.strip()), done.stdout


def test_it_is_the_same_in_every_language():
    texts = {
        Client().get("/api/schema", HTTP_ACCEPT_LANGUAGE=language).content
        for language in ("en", "nl", "fr")
    }
    assert len(texts) == 1


@pytest.mark.parametrize("path", ["/api/schema", "/api/docs"])
def test_it_is_only_read(path):
    stranger = Client(enforce_csrf_checks=True)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert stranger.generic(method, path, b"{}").status_code == 405


def test_a_guests_join_promises_no_repetition():
    operation = truth.operations()["POST", "/api/calls/guest/{token}/join"]
    assert "Idempotency-Key" not in {parameter["name"] for parameter in operation["parameters"]}
    operation = truth.operations()["POST", "/api/calls/appointments/{appointment_id}/join"]
    assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}


def test_the_page_of_it_loads_everything_from_here_under_the_strict_policy():
    answer = Client().get("/api/docs")
    html = answer.content.decode()
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"https?://", html)
    assert not re.search(r"<script(?![^>]+src=)", html)
    assert "style=" not in html
    for source in re.findall(r'(?:src|href)="(/static/[^"]+)"', html):
        assert Client().get(source).status_code == 200, source


@pytest.mark.browser
def test_a_browser_shows_the_page_without_a_complaint(live_server, page):
    complaints = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/api/docs")
    page.get_by_text("/api/auth/token/refresh").first.wait_for()
    assert complaints == []


def answers(sandbox, sandbox_server):
    """Real answers, one scenario per operation and status that can be had by asking."""
    user = person("anna")
    run, ended = (
        Run.objects.create(kind="x", started_by=user),
        Run.objects.create(kind="x", started_by=user, state="failed"),
    )
    stranger, client = client_of(), client_of(user)
    pair = stranger.post("/api/auth/token", {"username": "anna", "password": PASSWORD})
    yield "POST", "/api/auth/token", pair
    yield (
        "POST",
        "/api/auth/token",
        stranger.post("/api/auth/token", {"username": "anna", "password": "no"}),
    )
    yield (
        "POST",
        "/api/auth/token/refresh",
        stranger.post("/api/auth/token/refresh", {"refresh": pair.json()["refresh"]}),
    )
    yield (
        "POST",
        "/api/auth/token/refresh",
        stranger.post("/api/auth/token/refresh", {"refresh": "x"}),
    )
    yield (
        "POST",
        "/api/auth/logout",
        stranger.post("/api/auth/logout", {"refresh": pair.json()["refresh"]}),
    )
    yield "POST", "/api/auth/logout", stranger.post("/api/auth/logout", {})
    for _ in range(6):
        locked = stranger.post("/api/auth/token", {"username": "locked", "password": "no"})
    yield "POST", "/api/auth/token", locked
    yield "GET", "/api/me", client.get("/api/me")
    yield "PATCH", "/api/me", client.patch("/api/me", {"theme": "dark"}, HTTP_IDEMPOTENCY_KEY="k")
    yield "PATCH", "/api/me", client.patch("/api/me", {"theme": "dark"}, HTTP_IDEMPOTENCY_KEY="k")
    yield "PATCH", "/api/me", client.patch("/api/me", {"theme": "light"}, HTTP_IDEMPOTENCY_KEY="k")
    yield "GET", "/api/runs", client.get("/api/runs")
    yield "GET", "/api/search", client.get("/api/search?q=fathom")
    yield "GET", "/api/search", client.get("/api/search?other=1")
    yield "GET", f"/api/runs/{run.pk}", client.get(f"/api/runs/{run.pk}")
    yield "POST", f"/api/runs/{run.pk}/cancel", client.post(f"/api/runs/{run.pk}/cancel")
    yield "POST", f"/api/runs/{ended.pk}/cancel", client.post(f"/api/runs/{ended.pk}/cancel")
    yield from crm_answers.answers()
    yield from incident_answers.answers()
    yield from call_answers.answers()
    yield from fathom_answers.answers()
    yield from bison_answers.answers()
    yield from bison_sync_answers.answers()
    yield from bison_call_answers.answers()
    yield from integration_answers.answers()
    yield from event_answers.answers()
    yield from helpdesk_answers.answers(sandbox)
    yield from integration_oauth_answers.answers(sandbox, sandbox_server)
    yield from contact_answers.answers()
    yield from bison_key_answers.answers(sandbox)
    yield from bison_webhook_answers.answers(sandbox)
    for (method, path), operation in truth.operations().items():
        real = re.sub(r"\{\w+\}", str(run.pk), path)
        if "401" in operation["responses"] and "/auth/" not in path:
            yield (
                method,
                real,
                stranger.generic(method, real, b"{}", content_type="application/json"),
            )
        if "{" in path:
            missing = re.sub(r"\{\w+\}", "0193d7a0-0000-7000-8000-00000000dead", path)
            yield (
                method,
                missing,
                client.generic(method, missing, b"{}", content_type="application/json"),
            )
        if method != "GET":
            yield method, real, client.generic(method, real, b"{", content_type="application/json")
            if "requestBody" in operation:
                yield method, real, client.generic(method, real, b"{}", content_type="text/plain")


@pytest.mark.usefixtures("no_calls_stay")
def test_what_endpoints_really_answer_is_what_it_says(sandbox, sandbox_server, settings):
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    seen: dict[tuple[str, str], set[int]] = {}
    for method, path, answer in answers(sandbox, sandbox_server):
        truth.check(method, path, answer)
        operation = truth.operation_of(method, path)
        assert operation is not None
        seen.setdefault(operation["operationId"], set()).add(answer.status_code)
    assert seen.keys() == {operation["operationId"] for operation in truth.operations().values()}, (
        "an operation was not asked"
    )
    unmet = {
        name for name, statuses in seen.items() if not any(status < 300 for status in statuses)
    }
    assert unmet == set(), "an operation never succeeded"
    assert set.union(*seen.values()) >= {200, 400, 401, 404, 409, 415, 429}


def test_the_wrong_answer_would_be_noticed():
    answer = client_of(person()).get("/api/me")
    with pytest.raises(AssertionError, match="required property"):
        truth.check("GET", "/api/runs", answer)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: truth.operation_of("GET", "/api/me/")).result()


def test_the_guide_names_every_error_and_every_operation_group():
    guide = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    for error in [text for text, _sentence in BY_STATUS.values()]:
        assert f"`{error}`" in guide, error
    for path in truth.schema()["paths"]:
        assert path in guide, path
