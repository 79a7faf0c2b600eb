"""Keeps the site's processes running: starts, notes down what they write, starts again what died,
ends all in order.

A process is ended before what it stands on. A Celery worker whose broker is gone never stops by
itself, so web, workers and beat go first, then the stand-in vendors, then Valkey, then PostgreSQL.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.home import ROOT
from sandbox.processes import dies_with_parent, end_group, members, remember
from sandbox.screen import Screen
from sandbox.services import Server

STEADY = 60  # seconds after which a process counts as healthy again
LONGEST_PAUSE = 30


@dataclass
class Child:
    """One process of the site, in a group of its own, so that Ctrl-C reaches
    the supervisor alone.
    """

    name: str
    command: str
    env: dict[str, str]
    pid_file: Path
    # A worker that waits for a broker that died with us would never end by itself.
    dies_by: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[str] | None = None
    began: float = 0
    deaths: int = 0
    again_at: float = field(default=0)
    # It has an end of its own, and is not started again.
    ends: bool = False

    def start(self, screen: Screen) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["sh", "-c", f"exec {self.command}"], cwd=ROOT, env=self.env, text=True,
            errors="replace", bufsize=1, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=dies_with_parent(self.dies_by),
        )  # fmt: skip
        remember(self.pid_file, self.process.pid)
        threading.Thread(target=self._note_down, args=(self.process, screen), daemon=True).start()

    def _note_down(self, process: "subprocess.Popen[str]", screen: Screen) -> None:
        for line in process.stdout or ():
            screen.child(self.name, line.rstrip("\n"))

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end(self, sig: signal.Signals, patience: float) -> bool:
        """End the whole group; return whether it had to be killed."""
        if self.process is None:
            return False
        # Reaped by its own poll(), or it stays a zombie that looks alive to others.
        reaper = threading.Thread(target=self.process.wait, daemon=True)
        reaper.start()
        killed = end_group(self.process.pid, sig, patience) if members(self.process.pid) else False
        reaper.join(2)
        self.pid_file.unlink(missing_ok=True)
        return killed


class Supervisor:
    """The servers and children of one running site."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.servers: list[Server] = []
        self.children: list[Child] = []
        self.stopping = False
        self.hurried = False

    def obey_signals(self) -> None:
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, self._asked_to_stop)

    def _asked_to_stop(self, *_: object) -> None:
        self.hurried = self.stopping
        self.stopping = True

    def start_server(self, server: Server) -> None:
        self.servers.append(server)
        server.start()

    def start(self, child: Child) -> None:
        self.children.append(child)
        child.start(self.screen)

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Keep everything running until asked to stop, or `until()` comes true."""
        while not self.stopping and not self.screen.closed.is_set() and not until():
            for server in self.servers:
                if not server.is_alive():
                    self.screen.trouble(
                        f"{server.name} ended; starting it again. What it wrote is in {server.log}"
                    )
                    server.start()
                    self.screen.done(f"{server.name} is back, with its data")
            for child in self.children:
                if not child.ends and not child.is_alive():
                    self._revive(child)
            time.sleep(0.1)
        self.stopping = self.stopping or self.screen.closed.is_set()

    def _revive(self, child: Child) -> None:
        now = time.monotonic()
        if not child.again_at:
            child.deaths = 0 if now - child.began > STEADY else child.deaths
            pause = min(LONGEST_PAUSE, 2**child.deaths)
            child.deaths += 1
            child.again_at = now + pause
            code = child.process.returncode if child.process else None
            child.end(signal.SIGKILL, 1)  # what the dead one may have left of its group
            self.screen.trouble(
                f"{child.name} ended ({_why(code)}); starting it again in {pause} s.{self._where()}"
            )
        elif now >= child.again_at:
            child.again_at = 0
            child.start(self.screen)

    def _where(self) -> str:
        return f" What it wrote is in {self.screen.log}" if self.screen.log else ""

    def stop(self) -> None:
        """End everything, in order. A second signal meanwhile makes it quick and hard."""
        if not (self.servers or self.children):
            return
        self.screen.note("Stopping")
        first = [c for c in self.children if c.name != "vendors"]
        for stage in (first, [c for c in self.children if c not in first]):
            threads = [threading.Thread(target=self._end, args=(child,)) for child in stage]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        for server in reversed(self.servers):
            server.stop()
        self.screen.done("Stopped; no process is left, the data is kept")

    def _end(self, child: Child) -> None:
        if child.end(signal.SIGTERM, 2 if self.hurried else 20):
            self.screen.trouble(f"{child.name} did not stop in time and was killed")


def _why(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
