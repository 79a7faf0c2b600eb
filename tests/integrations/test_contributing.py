"""A provider is a folder and a line: the one that CONTRIBUTING.md shows is built from that
page, and connected.
"""

import importlib
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from pytest_django.fixtures import Settings

import integrations.providers
from core.errors import VENDOR_NAMES
from core.models import VendorSecret
from core.models.vendors import NAMES
from core.vendors import declarations
from integrations import registry, tasks
from integrations.providers.base import Provider
from tests.integrations.conftest import API

pytestmark = pytest.mark.django_db
KEY = "acme-key-of-no-value-0001"


def shown() -> str:
    """Return the provider that the page shows."""
    page = (Path(project.BASE_DIR) / "CONTRIBUTING.md").read_text()
    section = page.partition("## A provider\n")[2].partition("\n## ")[0]
    return section.partition("```python\n")[2].partition("```")[0]


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Provider]:
    """Make the folder, and say the line; forget both afterwards."""
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from integrations.providers.acme.provider import PROVIDER as PROVIDER\n"
    )
    (folder / "provider.py").write_text(shown())
    integrations.providers.__path__.append(str(tmp_path))
    module = importlib.import_module("integrations.providers.acme")
    yield registry.declare(module.PROVIDER)
    integrations.providers.__path__.remove(str(tmp_path))
    for name in ("integrations.providers.acme", "integrations.providers.acme.provider"):
        del sys.modules[name]
    del registry._known["ACME"]
    for known in (declarations._declared, VENDOR_NAMES, NAMES):
        del known["acme"]


@pytest.fixture
def server(settings: Settings) -> Iterator[str]:
    """Answer `/me` to the one key."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_right = self.headers.get("Authorization") == f"Bearer {KEY}"
            body = json.dumps({"name": "Ada"} if is_right else {"error": "no such key"}).encode()
            self.send_response(200 if is_right else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's own name
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{running.server_port}"
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, host]
    yield f"http://{host}"
    running.shutdown()
    running.server_close()


def test_what_the_page_shows_is_a_whole_provider(acme: Provider, server: str, closer: Any) -> None:
    listed = {provider["key"]: provider for provider in closer.get(f"{API}/providers").json()}
    assert [field["name"] for field in listed["ACME"]["fields"]] == ["baseUrl", "apiKey"]
    assert [field["sensitive"] for field in listed["ACME"]["fields"]] == [False, True]
    configuration = {"provider": "ACME", "baseUrl": server, "apiKey": "wrong-key-of-no-value"}
    body = {"name": "Our Acme", "type": "CRM", "configuration": configuration}
    refused = closer.post(f"{API}/test", body).json()
    assert (refused["success"], refused["error"]) == (False, "BAD_CREDENTIALS")
    configuration["apiKey"] = KEY
    tested = closer.post(f"{API}/test", body).json()
    assert (tested["success"], tested["details"]["accountInfo"]) == (True, {"name": "Ada"})
    made = closer.post(API, body)
    assert made.status_code == 201
    integration = made.json()["integration"]
    assert KEY not in made.content.decode()
    assert KEY not in str(list(VendorSecret.objects.values_list("value", flat=True)))
    tasks.check(integration["id"])
    assert (
        closer.get(f"{API}/{integration['id']}").json()["connectionStatus"]["isConnected"] is True
    )
    assert {
        call["endpoint"] for call in closer.get(f"{API}/{integration['id']}/logs").json()["results"]
    } == {"/me"}


def test_its_address_is_held_against_the_guard(acme: Provider, closer: Any) -> None:
    configuration = {"provider": "ACME", "baseUrl": "http://169.254.169.254/latest", "apiKey": KEY}
    body = {"name": "Our Acme", "type": "CRM", "configuration": configuration}
    answer = closer.post(API, body)
    assert answer.status_code == 400
    assert "configuration.baseUrl" in answer.json()["fields"]
