"""`make run` as a person meets it: says when it is ready, mends itself, refuses a second,
survives every kill.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.home import ROOT
from sandbox.processes import wait_until
from sandbox.services import Postgres, Valkey, delete_outside, free_port
from tests.launcher.conftest import processes_of
from tests.support import configuration

pytestmark = pytest.mark.xdist_group("launcher")
# A step with its time, or one of the lines that welcome a person.
STEP = re.compile(r" *\d+\.\d s  [ ✓+!] .+|  .+|Koppel is ready: .+|")


class Run:
    """One `python -m sandbox.up` with its output."""

    def __init__(self, home: Path, **settings: str) -> None:
        env = {
            k: v
            for k, v in os.environ.items()
            if k not in configuration.names() | {"PORT", "SANDBOX_PORT"}
        }
        env |= {"KOPPEL_HOME": str(home), "KOPPEL_ENV_FILE": os.devnull, **settings}
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.up"], cwd=ROOT, env=env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip("\n") for line in iter(self.process.stdout.readline, ""))

    def wait_ready(self) -> str:
        """The address, once it says that it is ready."""
        found = wait_until(
            lambda: self.ready_line() is not None or self.process.poll() is not None, 120
        )
        assert found, self.text()
        line = self.ready_line()
        assert line is not None, self.text()
        return line.removeprefix("Koppel is ready: ")

    def ready_line(self) -> str | None:
        return next(
            (line for line in list(self.lines) if line.startswith("Koppel is ready: ")), None
        )

    def text(self) -> str:
        return "\n".join(self.lines)

    def facts(self) -> dict[str, object]:
        facts: dict[str, object] = json.loads((self.home / "running.json").read_text())
        return facts

    def stop(self, sig: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(sig)
        return self.process.wait(60)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "home"
    yield path
    for pid in processes_of(tmp_path):
        os.kill(pid, signal.SIGKILL)
    delete_outside(path / "postgres")


def ports() -> dict[str, str]:
    return {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}


def get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


def pid_of(home: Path, name: str) -> int:
    path = home / "pids" / f"{name}.pid"
    return int(path.read_text().split()[0]) if path.exists() else 0


def database(run: Run) -> str:
    env = run.facts()["env"]
    assert isinstance(env, dict)
    return str(env["DATABASE_URL"])


@pytest.mark.long(35)
@pytest.mark.timeout(300)
def test_a_trial_from_start_over_a_kill_to_its_end(home: Path) -> None:
    """One long story, as every start costs seconds."""
    wishes = ports()
    first = Run(home, **wishes)
    url = first.wait_ready()

    # It is ready when it says so, serves where it was told, and has told no key.
    assert url == f"http://127.0.0.1:{wishes['PORT']}"
    status, body = get(f"{url}/readyz")
    assert status == 200
    assert {name: part["state"] for name, part in json.loads(body)["parts"].items()} == {
        "database": "ok", "keys": "ok", "redis": "ok", "worker": "ok", "beat": "ok",
    }  # fmt: skip
    assert get(f"http://127.0.0.1:{wishes['SANDBOX_PORT']}/_journal")[0] == 200
    secrets = dict(line.split("=", 1) for line in (home / "env").read_text().splitlines())
    assert (home / "env").stat().st_mode & 0o777 == 0o600
    assert not [name for name, value in secrets.items() if value in first.text()]

    # The people of the demo are there, and marked as such.
    with psycopg.connect(database(first)) as connection:
        people = connection.execute(
            "select username, is_superuser from core_user where is_demo order by 1"
        ).fetchall()
        assert people == [
            (name, name == "ops")
            for name in (
                "auditor",
                "ceo",
                "closer",
                "manager",
                "ops",
                "outsider",
                "setter",
                "viewer",
            )
        ]
        connection.execute("update core_user set first_name = 'Kept' where username = 'ceo'")

    # A second one in the same home is refused with the address.
    second = Run(home, **ports())
    assert second.process.wait(20) == 1
    assert wait_until(lambda: f"already runs in {home}: {url}" in second.text(), 5), second.text()

    # What dies is started again, and said.
    worker = pid_of(home, "worker")
    os.kill(worker, signal.SIGKILL)
    assert wait_until(lambda: pid_of(home, "worker") not in {0, worker}, 20), first.text()
    assert "worker ended (killed by SIGKILL)" in first.text()

    # The supervisor is killed: nothing of the site goes on without it,
    # and the next start finds all data.
    first.process.kill()
    first.process.wait()
    began = time.monotonic()
    third = Run(home, **wishes)
    assert third.wait_ready() == url
    assert time.monotonic() - began < 60
    with psycopg.connect(database(third)) as connection:
        assert connection.execute(
            "select first_name from core_user where username = 'ceo'"
        ).fetchone() == ("Kept",)
    assert dict(line.split("=", 1) for line in (home / "env").read_text().splitlines()) == secrets

    # A command in the running site ends with its own code, and what it logs is not on the screen.
    command = [sys.executable, "-m", "sandbox.manage", "manage"]
    env = os.environ | {"KOPPEL_HOME": str(home), "KOPPEL_ENV_FILE": os.devnull}
    wrong = subprocess.run(
        [*command, "sync_fathom", "--hours", "0"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (wrong.returncode, wrong.stderr) == (2, "CommandError: --hours goes from 1 to 8760.\n")
    right = subprocess.run(
        [*command, "verify_audit"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert (right.returncode, right.stderr) == (0, "")

    # Ctrl-C ends all of it. Nothing but steps was on the screen;
    # the processes' words are in the log.
    assert third.stop() == 0
    assert [line for run in (first, third) for line in run.lines if not STEP.fullmatch(line)] == []
    assert "Warm shutdown" in (home / "log" / "koppel.log").read_text()
    assert "audit_head" in (home / "log" / "koppel.old").read_text()
    assert processes_of(home) == {}
    assert not (home / "running.json").exists()


def test_a_port_that_was_asked_for_and_is_taken_is_an_error_that_names_it(home: Path) -> None:
    wishes = ports()
    with socket.create_server(("127.0.0.1", int(wishes["PORT"]))):
        run = Run(home, **wishes)
        assert run.process.wait(20) == 1
    assert f"Port {wishes['PORT']} (PORT) is taken by another program" in run.text()
    assert processes_of(home) == {}


@pytest.mark.long(30)
@pytest.mark.timeout(300)
def test_without_demo_data_and_with_servers_of_ones_own(home: Path, tmp_path: Path) -> None:
    """It makes the first administrator, serves as production does, and starts no server."""
    nobody_to_ask = Run(home, KOPPEL_DEMO="0", **ports())
    assert nobody_to_ask.process.wait(100) == 1
    assert "set KOPPEL_ADMIN_USER and KOPPEL_ADMIN_PASSWORD" in nobody_to_ask.text()

    postgres, valkey = (
        Postgres(tmp_path / "given" / "postgres"),
        Valkey(tmp_path / "given" / "valkey"),
    )
    postgres.start()
    valkey.start()
    given = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
    person = {"KOPPEL_ADMIN_USER": "boss", "KOPPEL_ADMIN_PASSWORD": "an-odd-horse-9"}
    try:
        run = Run(home.with_name("second"), KOPPEL_DEMO="0", **given, **person, **ports())
        url = run.wait_ready()
        assert not (run.home / "postgres").exists()
        # With hashed static files: a page that names one that is missing would not be served.
        assert get(f"{url}/sign-in")[0] == 200
        with psycopg.connect(postgres.url) as connection:
            people = connection.execute(
                "select username, is_superuser, is_demo from core_user"
            ).fetchall()
        assert people == [("boss", True, False)]
        assert "an-odd-horse-9" not in run.text()
        assert run.stop(signal.SIGTERM) == 0
        assert processes_of(run.home) == {}
        assert postgres.is_alive()
    finally:
        valkey.stop()
        postgres.stop()
        delete_outside(postgres.home)


def test_a_folder_with_other_things_in_it_is_never_made_a_home(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    run = Run(tmp_path, **ports())
    assert run.process.wait(20) == 1
    assert "is not empty and was not made by Koppel" in run.text()
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]
