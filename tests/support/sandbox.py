"""The vendor sandbox in tests: one server for the session, as after its start for each test,
allowed by the guard.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from pytest_django.fixtures import Settings

from sandbox.vendors import demo_keys
from sandbox.vendors.server import Server


class Sandbox:
    """Switches and reads the sandbox over HTTP, so that it may as well run in another process."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"

    def url(self, vendor: str, path: str = "") -> str:
        return f"http://{self.host}/{vendor}{path}"

    def fault(self, vendor: str, kind: str, **options: Any) -> None:
        """Switch a fault on: `path=`, `method=`, `after=`, `times=` and the kind's own options."""
        self._ask("POST", "/_control/faults", {"vendor": vendor, "kind": kind, **options})

    def heal(self, vendor: str = "") -> None:
        self._ask("DELETE", f"/_control/faults?{urlencode({'vendor': vendor})}")

    def turn(self, vendor: str, **switches: Any) -> None:
        self._ask("PATCH", f"/_control/vendors/{vendor}", switches)

    def act(self, vendor: str, name: str, **wishes: Any) -> Any:
        """Ask a stand-in for something beyond its API: `act("fathom", "arrive", count=3)`."""
        return self._ask("POST", f"/_control/vendors/{vendor}/{name}", wishes)

    def journal(self, vendor: str = "", path: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask(
            "GET", f"/_journal?{urlencode({'vendor': vendor, 'path': path})}"
        )
        return found

    def forget(self) -> None:
        self._ask("DELETE", "/_journal")

    def reset(self) -> None:
        self._ask("POST", "/_control/reset")

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(
            Request(f"http://{self.host}{path}", data, method=method), timeout=10
        ) as answer:
            content = answer.read()
        return json.loads(content) if content else None


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Server]:
    server = Server()
    server.run_in_thread()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def sandbox(sandbox_server: Server, settings: Settings) -> Sandbox:
    """Start the stand-ins: `Client("fathom", …, sandbox.url("fathom", "/external/v1"), …)`."""
    box = Sandbox(sandbox_server.port)
    box.reset()
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, box.host]
    return box


@pytest.fixture
def calls_stand_ins(sandbox: Sandbox, settings: Settings) -> Sandbox:
    """Set up LiveKit and the storage of recordings as a trial does; no webhooks, and time stands
    still.
    """
    settings.LIVEKIT_API_URL = f"ws://{sandbox.host}/livekit"
    settings.LIVEKIT_API_KEY = demo_keys.LIVEKIT_API_KEY
    settings.LIVEKIT_API_SECRET = demo_keys.LIVEKIT_API_SECRET
    settings.RECORDINGS_S3_ENDPOINT = sandbox.url("s3")
    settings.RECORDINGS_S3_BUCKET = demo_keys.S3_BUCKET
    settings.RECORDINGS_S3_REGION = demo_keys.S3_REGION
    settings.RECORDINGS_S3_ACCESS_KEY = demo_keys.S3_ACCESS_KEY
    settings.RECORDINGS_S3_SECRET_KEY = demo_keys.S3_SECRET_KEY
    sandbox.turn("livekit", speed=0)
    return sandbox
