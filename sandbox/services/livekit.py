"""LiveKit's own server, where this machine has one: then a trial's calls are real,
with picture and sound.

We ship no binary of it. It is found on the PATH as `livekit-server`, or where LIVEKIT_SERVER_BIN
says. It runs as one node without Redis, so it has no recorders: nobody records its calls, and
Koppel is told so (LIVEKIT_EGRESS=0).
"""

import json
import os
import shutil
import signal
import subprocess
import urllib.request
from pathlib import Path

from sandbox.home import LaunchError, write_private
from sandbox.processes import dies_with_parent, end_leftover, remember
from sandbox.services.server import LISTEN, Server, free_port, open_log, password_in

PROGRAM = "livekit-server"
API_KEY = "APIkoppelTrial"
# It waits for the people in its rooms before it ends; those who stop a trial do not.
PATIENCE = 3


def find_livekit(env: dict[str, str]) -> Path | None:
    """Find the program, if there is one; raise LaunchError when the program that was named cannot
    be run.
    """
    named = env.get("LIVEKIT_SERVER_BIN", "")
    found = shutil.which(named or PROGRAM, path=env.get("PATH", os.environ.get("PATH", os.defpath)))
    if named and not found:
        raise LaunchError(f"LIVEKIT_SERVER_BIN={named} is not a program that can be run")
    return Path(found) if found else None


class LiveKit(Server):
    """One node of LiveKit on this machine's own address, with a key of this home."""

    name = "LiveKit"
    port_wished = 7880
    dies_by = ends_by = signal.SIGTERM

    def __init__(self, home: Path, program: Path, webhook: str) -> None:
        """Prepare the server; `webhook` is where it tells what happens in its rooms."""
        super().__init__(home)
        self.program = program
        self.webhook = webhook
        self.media_port = 0

    @property
    def url(self) -> str:
        return f"ws://{LISTEN}:{self.port}"

    def prepare(self) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.secret = password_in(self.home / "password")
        self.media_port = self.media_port or free_port()

    def end_leftover(self) -> None:
        end_leftover(self.home / "pid")

    def spawn(self) -> "subprocess.Popen[bytes]":
        # In a file for its owner alone: a key on the command line is for all to read.
        write_private(self.home / "livekit.yaml", json.dumps(self._configuration(), indent=2))
        log = open_log(self.log)
        try:
            process = subprocess.Popen(
                [str(self.program), "--config", str(self.home / "livekit.yaml")], cwd="/",
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=dies_with_parent(self.dies_by),
            )  # fmt: skip
        finally:
            os.close(log)
        remember(self.home / "pid", process.pid)
        return process

    def _configuration(self) -> dict[str, object]:
        """Write what it is to do. JSON is YAML, too."""
        return {
            "port": self.port,
            "bind_addresses": [LISTEN],
            "rtc": {
                # It would listen on every address; the browsers of a trial are on this machine
                "tcp_port": 0,
                "udp_port": self.media_port,
                "use_external_ip": False,
                "node_ip": LISTEN,
                "enable_loopback_candidate": True,
                "interfaces": {"includes": ["lo", "lo0"]},
            },
            "keys": {API_KEY: self.secret},
            "webhook": {"api_key": API_KEY, "urls": [self.webhook]},
            "logging": {"level": "info"},
        }

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{LISTEN}:{self.port}/", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self, patience: float = PATIENCE) -> None:
        super().stop(patience)
