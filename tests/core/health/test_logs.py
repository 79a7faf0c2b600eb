"""Logs: one JSON object a line, with the request's id, without secrets;
and the id follows into Celery tasks.
"""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from django.test import Client

from core.health.logs import Terminal, configure, hide_secrets, only_warnings, path_for_logs
from core.masking import BULLETS, Secret

PROGRAM = """
import logging, django
django.setup()
import structlog
from core.masking import Secret
from django.test import Client
log = structlog.get_logger("probe")
nested = {"refresh": "canary-2", "list": [{"password": "canary-3"}]}
log.info("said", api_key="canary-1", nested=nested, held=Secret("canary-4"))
logging.getLogger("plain").warning("from %s at %s", Secret("canary-5"), "redis://user:canary-6@host/0")
try:
    local = "canary-7"
    raise ValueError("broken")
except ValueError:
    logging.getLogger("plain").exception("failed")
link = "/password/reset/key/abc-canary-8/?token=canary-9"
Client().get(link, headers={"authorization": "Bearer canary-10"})
Client(raise_request_exception=False).get("/api/none?secret=canary-11")
"""


def lines(**environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in done.stderr.splitlines() if line.strip()]


def test_every_line_is_json_and_none_holds_a_secret():
    events = [json.loads(line) for line in lines(DEBUG="0", KOPPEL_DEMO="0", LOG_LEVEL="DEBUG")]
    assert "canary" not in json.dumps(events)
    logged = next(line for line in events if line["event"] == "said")
    assert logged["api_key"] == logged["held"] == logged["nested"]["refresh"] == BULLETS
    assert logged["level"] == "info"
    assert logged["timestamp"].endswith("Z")
    failed = next(line for line in events if line["event"] == "failed")
    assert "ValueError: broken" in failed["exception"]
    request = next(line for line in events if line["event"] == "request")
    assert request["path"] == "/password/reset/key/…/"
    assert len(request["request_id"]) == 32


def test_a_developer_reads_lines_without_secrets_too():
    text = "\n".join(lines(DEBUG="1"))
    assert "said" in text
    assert "canary" not in text


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal() -> Iterator[Screen]:
    """A terminal that the log lines go to."""
    screen = Screen()
    handler = Terminal(screen)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield screen
    root.setLevel(level)
    root.removeHandler(handler)


def test_while_a_bar_is_drawn_only_warnings_come_to_the_terminal_and_each_in_place_of_the_bar(
    terminal: Screen,
):
    log = logging.getLogger("bar")
    with only_warnings():
        log.info("quiet")
        log.warning("loud")
    assert terminal.getvalue() == "\r\033[Kloud\n"
    log.info("afterwards")
    assert terminal.getvalue().endswith("afterwards\n")


def test_with_a_file_to_log_to_nothing_comes_to_standard_error(tmp_path: Path):
    file = tmp_path / "koppel.log"
    assert lines(DEBUG="1", LOG_FILE=str(file), PYTHONWARNINGS="ignore") == []
    text = file.read_text()
    assert "broken" in text
    assert "canary" not in text
    assert "\033" not in text


@pytest.mark.parametrize(
    ("key", "hidden"),
    [
        ("password", True),
        ("api_key", True),
        ("apiKey", True),
        ("Authorization", True),
        ("webhook_secret", True),
        ("otp", True),
        ("set_cookie", True),
        ("access", True),
        ("accessToken", True),
        ("event", False),
        ("api_key_type", False),
        ("status", False),
        ("tokens_left", True),
        ("has_api_key", False),
    ],
)
def test_a_key_named_like_a_secret_shows_bullets(key, hidden):
    assert (hide_secrets(None, "", {key: "value"})[key] == BULLETS) is hidden


def test_a_secret_is_bullets_however_deep():
    assert hide_secrets(None, "", {"a": [{"b": (Secret("x"),)}]}) == {"a": [{"b": [BULLETS]}]}
    endless: dict = {}
    endless["again"] = endless
    assert "…" in str(hide_secrets(None, "", {"a": endless}))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (
            "/api/runs/0193d7a0-0000-7000-8000-000000000001/cancel",
            "/api/runs/0193d7a0-0000-7000-8000-000000000001/cancel",
        ),
        ("/api/webhooks/bison/Abc123_-xyz", "/api/webhooks/bison/…"),
        ("/password/reset/key/1-set-password", "/password/reset/key/…"),
        ("/api/calls/guest/short/join", "/api/calls/guest/…/join"),
        ("/api/me?token=x", "/api/me"),
        ("/a\nb", "/…"),
    ],
)
def test_a_path_is_logged_without_what_may_be_a_token(path, shown):
    assert path_for_logs(path) == shown


def test_the_request_id_goes_with_the_tasks_that_a_request_queues():
    from celery import current_app
    from celery.signals import before_task_publish

    seen = []

    def look(headers=None, **_signal):
        seen.append(headers["__django_structlog__"]["request_id"])

    before_task_publish.connect(look)
    try:
        with structlog.contextvars.bound_contextvars(request_id="the-id"):
            current_app.send_task("probe.none", ignore_result=True)
    finally:
        before_task_publish.disconnect(look)
        current_app.control.purge()
    assert seen == ["the-id"]


def test_configuring_is_a_plain_dictionary():
    assert configure(readable=False)["root"] == {"handlers": ["standard"], "level": "INFO"}
    assert Client().get("/healthz")["X-Request-ID"]
