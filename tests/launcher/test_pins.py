"""Every package is pinned with hashes, by files that say no place;
what is unsafe of them is said where it is known.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from sandbox.home import ROOT
from scripts import check_advisories, check_pins

NAMES = ("requirements", "requirements-embedded", "requirements-dev", "requirements-installer")
WRITTEN = f"one==1.0 ; sys_platform == 'nowhere' \\\n    {check_pins.HASH}{'0' * 64}\n"


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_what_its_source_says_with_hashes_and_without_a_place(name: str) -> None:
    assert check_pins.not_as_wanted(ROOT / f"{name}.in") == []
    assert check_pins.not_as_pinned(ROOT / f"{name}.txt") == []


def test_all_that_production_needs_is_what_tests_run_with() -> None:
    everything = check_pins.pins(ROOT / "requirements-dev.txt")
    for name in ("requirements", "requirements-embedded"):
        assert check_pins.pins(ROOT / f"{name}.txt").items() <= everything.items()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (WRITTEN, ""),
        ("one==1.0\n", "has no hash"),
        (f"--index-url https://packages.example.com\n{WRITTEN}", "names a place"),
        (f"Django==1.0 {check_pins.HASH}{'0' * 64}\n", "is pinned, but"),
    ],
)
def test_a_file_that_could_bring_something_else_is_refused(
    text: str, fault: str, tmp_path: Path
) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(text)
    faults = "".join(check_pins.not_as_pinned(file))
    assert fault in faults
    assert bool(faults) is bool(fault)


def test_a_source_that_was_changed_without_its_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(WRITTEN)
    source = tmp_path / "requirements.in"
    source.write_text("one==1.0\n")
    assert check_pins.not_as_wanted(source) == []
    source.write_text("one==1.1\nmore\n")
    faults = check_pins.not_as_wanted(source)
    assert len(faults) == 2
    assert "run `make pins`" in faults[1]


class Advisories(BaseHTTPRequestHandler):
    """A database that knows something against version 1.0 of `one`."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        results = [
            {"vulns": [{"id": "X-1"}]} if query["package"]["name"] == "one" else {}
            for query in asked
        ]
        body = json.dumps({"results": results}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Nothing: the tests' output is theirs."""


@pytest.fixture
def database() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Advisories)
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def written(folder: Path, text: str) -> Path:
    for name in check_advisories.FILES:
        (folder / name).write_text(text)
    return folder


def test_a_pin_that_advisories_name_fails_the_check(
    tmp_path: Path, database: str, capsys: Any
) -> None:
    assert check_advisories.main(database, written(tmp_path, WRITTEN)) == 1
    assert "one==1.0: X-1" in capsys.readouterr().out
    assert check_advisories.main(database, written(tmp_path, WRITTEN.replace("one", "two"))) == 0
    assert "1 pins held against the advisories; 0 of them are named" in capsys.readouterr().out


def test_a_database_that_is_not_reached_is_said_so_and_fails_nothing(
    tmp_path: Path, capsys: Any
) -> None:
    assert check_advisories.main("http://127.0.0.1:1", written(tmp_path, WRITTEN)) == 0
    assert "Note: NOT CHECKED against advisories" in capsys.readouterr().out
