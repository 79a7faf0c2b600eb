"""LiveKit's own server in a trial: found, started with our key and webhook, kept alive,
ended with the rest.

A small program stands in for the binary: it notes what it was started with and answers
at its port, nothing else.
"""

import json
import os
import stat
import sys
import urllib.request
from pathlib import Path

import pytest

from sandbox.home import Home, LaunchError
from sandbox.processes import began, wait_until
from sandbox.screen import Screen
from sandbox.services import LiveKit, find_livekit, free_port
from sandbox.site import Site
from sandbox.supervisor import Supervisor

PROGRAM = f"""#!{sys.executable}
import http.server, json, pathlib, sys
path = pathlib.Path(sys.argv[sys.argv.index("--config") + 1])
with (path.parent / "starts").open("a") as starts:
    starts.write(json.dumps(sys.argv[1:]) + chr(10))
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"OK")
configuration = json.loads(path.read_text())
place = configuration["bind_addresses"][0], configuration["port"]
http.server.HTTPServer(place, Ok).serve_forever()
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "bin" / "livekit-server"
    path.parent.mkdir()
    path.write_text(PROGRAM)
    path.chmod(0o755)
    return path


def a_site(tmp_path: Path, **set_by_a_person: str) -> Site:
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    site = Site(Home(tmp_path / "home").make(), ports | {"PATH": os.defpath} | set_by_a_person)
    site.choose_ports(Screen())
    return site


def test_it_is_started_with_our_key_and_webhook_and_the_key_is_not_on_the_command_line(
    tmp_path: Path, program: Path
):
    site = a_site(
        tmp_path, LIVEKIT_SERVER_BIN=str(program), KOPPEL_ALLOW_PRIVATE_HOSTS="10.0.0.7:80"
    )
    server = site.livekit()
    assert server is not None
    server.start()
    try:
        site.use(server)
        found = site.environment()
        assert found["LIVEKIT_API_URL"] == f"ws://127.0.0.1:{server.port}"
        assert found["LIVEKIT_EGRESS"] == "0"
        allowed = found["KOPPEL_ALLOW_PRIVATE_HOSTS"].split(",")
        assert {"10.0.0.7:80", f"127.0.0.1:{server.port}", f"127.0.0.1:{site.vendors_port}"} == set(
            allowed
        )

        file = server.home / "livekit.yaml"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        configuration = json.loads(file.read_text())
        key, secret = found["LIVEKIT_API_KEY"], found["LIVEKIT_API_SECRET"]
        assert configuration["keys"] == {key: secret}
        assert len(secret) >= 32
        assert configuration["webhook"] == {
            "api_key": key,
            "urls": [f"{site.url}/webhooks/livekit"],
        }
        assert configuration["bind_addresses"] == ["127.0.0.1"]
        assert (server.home / "starts").read_text() == json.dumps(["--config", str(file)]) + "\n"
        assert server.process is not None
        assert secret not in Path(f"/proc/{server.process.pid}/cmdline").read_text()
    finally:
        server.stop()


def test_one_that_dies_is_started_again_at_its_address_and_ends_with_the_site(
    tmp_path: Path, program: Path
):
    server = LiveKit(tmp_path / "livekit", program, "http://127.0.0.1:1/webhooks/livekit")
    supervisor = Supervisor(Screen())
    supervisor.start_server(server)
    assert server.process is not None
    address, first = server.url, server.process.pid
    server.process.kill()
    server.process.wait()

    supervisor.watch(until=server.is_alive)

    assert server.url == address
    assert server.process.pid != first
    with urllib.request.urlopen(address.replace("ws://", "http://"), timeout=5) as answer:
        assert answer.read() == b"OK"
    supervisor.stop()
    assert wait_until(lambda: not began(server.process.pid), 2)


def test_it_is_found_on_the_path_and_only_where_no_other_is_named(tmp_path: Path, program: Path):
    path = {"PATH": str(program.parent)}
    assert find_livekit(path) == program
    assert find_livekit({"PATH": str(tmp_path)}) is None
    assert a_site(tmp_path, **path, LIVEKIT_API_URL="wss://video.example.com").livekit() is None
    with pytest.raises(LaunchError, match="LIVEKIT_SERVER_BIN=/nowhere/livekit is not a program"):
        find_livekit(path | {"LIVEKIT_SERVER_BIN": "/nowhere/livekit"})


def test_without_one_the_stand_in_holds_the_calls(tmp_path: Path):
    site = a_site(tmp_path)
    assert site.livekit() is None
    assert site.environment()["LIVEKIT_API_URL"] == f"ws://127.0.0.1:{site.vendors_port}/livekit"
