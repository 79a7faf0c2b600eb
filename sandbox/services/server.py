"""What both servers have in common: a folder, a port, a process,
and how to be sure that they serve.
"""

import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from sandbox.home import LaunchError, write_private
from sandbox.processes import wait_until

LISTEN = "127.0.0.1"


def free_port(preferred: int = 0) -> int:
    """Return the preferred port, or any free port when that is taken."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LISTEN, port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise LaunchError("No free port on 127.0.0.1")


def package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise LaunchError(
            f"The package {name} is not installed (requirements-embedded.txt). Or set DATABASE_URL "
            "and REDIS_URL."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def password_in(path: Path) -> str:
    """Read the password in a file; make a new password where there is none."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


def open_log(path: Path) -> int:
    """Open a server's log, begun anew when it has grown."""
    if path.exists() and path.stat().st_size > 10_000_000:
        path.replace(path.with_suffix(".old"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


class Server(ABC):
    """What PostgreSQL and Valkey have in common: a folder, a port, a process,
    three tries to start.
    """

    name: str
    port_wished: int
    dies_by: signal.Signals
    ends_by: signal.Signals

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        """Serve, and return when connections are answered. Started again, it keeps its port:
        its address is in use.
        """
        self.prepare()
        self.end_leftover()
        kept = self.port
        for _ in range(3):
            self.port = kept or free_port(self.port_wished)
            self.process = self.spawn()
            if (
                wait_until(lambda: self.answers() or not self.is_alive(), 60, every=0.03)
                and self.is_alive()
            ):
                return self
            # The port went to another program in between, or a dead server's memory
            # is not yet let go of.
            self.stop()
            time.sleep(0.5)
        end = self.log.read_text(errors="replace")[-2000:]
        raise LaunchError(f"{self.name} does not start. The end of {self.log}:\n{end}")

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, patience: float = 30) -> None:
        """End it in its own orderly way, or in the hard way when that takes too long."""
        if self.process is not None and self.is_alive():
            self.process.send_signal(self.ends_by)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    @abstractmethod
    def url(self) -> str:
        """Return where it serves, password included."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what it needs before its first start."""

    @abstractmethod
    def spawn(self) -> "subprocess.Popen[bytes]":
        """Begin its process."""

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether it serves by now."""

    @abstractmethod
    def end_leftover(self) -> None:
        """End the server that a killed supervisor left on this folder."""
