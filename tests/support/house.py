"""A whole Koppel of a test's own, to be killed: servers, web,
workers and beat as in production, and their logs.
"""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psycopg

from sandbox.services import Postgres, Valkey, delete_outside, free_port

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
SWEEP_SECONDS = 2
WORKER = [
    "celery",
    "--app",
    "config.celery",
    "worker",
    "--concurrency",
    "2",
    "--loglevel",
    "warning",
]


class House:
    """Started by `with`; every process in a group of its own, so that a kill takes
    its children too.
    """

    kinds = ("web", "worker", "long", "beat")

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Postgres(home / "postgres")
        self.valkey = Valkey(home / "valkey")
        self.port = free_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.postgres.start()
        self.valkey.start()
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=self.env, check=True
        )
        self.sql("UPDATE django_celery_beat_intervalschedule SET every = %s", SWEEP_SECONDS)
        for name in self.kinds:
            self.begin(name)
        wait_for(self.web_answers, 60)
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.kill(name)
        self.valkey.stop()
        self.postgres.stop()
        delete_outside(self.home / "postgres")

    @property
    def env(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("KOPPEL_")},
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "KOPPEL_WEBHOOK_LEASE_SECONDS": "3",
            "KOPPEL_WEBHOOK_RETRY_SECONDS": "1",
            "KOPPEL_RUN_SILENCE_SECONDS": "4",
            "PYTHONPATH": str(ROOT),
            "PORT": str(self.port),
            "KOPPEL_BIND": "127.0.0.1",
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        }

    def begin(self, name: str) -> None:
        commands = {
            "web": ["sh", "-c", f"exec {web_line()}"],
            "worker": [*WORKER, "--queues", "celery"],
            "long": [*WORKER, "--queues", "long", "--hostname", "long@%h"],
            "beat": [
                "celery",
                "--app",
                "config.celery",
                "beat",
                "--pidfile=",
                "--loglevel",
                "warning",
            ],
        }
        program, *words = commands[name]
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [shutil.which(program, path=self.env["PATH"]) or program, *words],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """Kill the process and all its children with -9."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_and_begin(self, name: str) -> None:
        self.kill(name)
        time.sleep(0.3)
        self.begin(name)

    def kill_one_child_of(self, name: str) -> None:
        """Kill a worker alone with -9: the master has to replace it."""
        children = (
            Path(f"/proc/{self.processes[name].pid}/task/{self.processes[name].pid}/children")
            .read_text()
            .split()
        )
        os.kill(int(children[-1]), signal.SIGKILL)

    def flush_redis(self) -> None:
        self.valkey.command("FLUSHALL")

    def restart_redis(self) -> None:
        assert self.valkey.process
        self.valkey.process.kill()
        self.valkey.process.wait()
        time.sleep(0.5)
        self.valkey.start()

    def restart_postgres(self, how: signal.Signals) -> None:
        """Restart by this signal. SIGINT is a fast restart; SIGQUIT an immediate restart, as after
        a crash.
        """
        assert self.postgres.process
        self.postgres.process.send_signal(how)
        self.postgres.process.wait(30)
        time.sleep(0.3)
        self.postgres.start()

    def freeze_postgres(self) -> list[int]:
        """Send SIGSTOP to the server and to each process that serves a connection.

        SIGCONT to these brings it back.
        """
        assert self.postgres.process
        server = self.postgres.process.pid
        os.kill(server, signal.SIGSTOP)
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        stopped = [server, *map(int, children)]
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        return stopped

    def web_answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def logs(self) -> str:
        """Return the end of every process's log, for a failure's message."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text()[-3000:]}"
            for path in sorted(self.home.glob("*.log"))
        )


def web_line() -> str:
    """Return the Procfile's command of the web process, for a shell with PORT and KOPPEL_BIND in
    its environment.
    """
    lines = (ROOT / "Procfile").read_text().splitlines()
    return next(line.removeprefix("web: ") for line in lines if line.startswith("web: "))


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < until:
        time.sleep(0.1)
    return met
