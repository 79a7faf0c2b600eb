"""The folder that holds everything a trial makes, and the one lock that says who runs in it.

Standard library only: the launcher reads it before any package is installed.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
MARK = "this-is-a-koppel-home"
# Made once and kept: everything stored in the database is sealed or signed with these.
KEYS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "INTEGRATION_ENCRYPTION_KEY": lambda: secrets.token_hex(32),
    "CRON_SECRET": lambda: secrets.token_urlsafe(32),
}
LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")


class LaunchError(Exception):
    """The launcher cannot go on; the message says why and what to do."""


def read_env(path: Path) -> dict[str, str]:
    """Read the `NAME=value` lines of a file, quotes and comments removed; nothing when there is no
    file.
    """
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        if not line.lstrip().startswith("#") and (match := LINE.match(line)):
            name, value = match.groups()
            if value[:1] in {'"', "'"} and value[-1:] == value[:1] and len(value) > 1:
                value = value[1:-1]
            else:
                value = re.split(r"\s#", value, maxsplit=1)[0].strip()
            found[name] = value
    return found


def environment() -> dict[str, str]:
    """Return what a person set: the environment, then `.env`.

    A name that is set to nothing counts as not set.
    """
    return {k: v for k, v in {**read_env(ROOT / ".env"), **os.environ}.items() if v != ""}


class Home:
    """`${KOPPEL_HOME:-.koppel}`, or a folder inside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    @classmethod
    def of(cls, env: dict[str, str]) -> "Home":
        return cls((ROOT / env.get("KOPPEL_HOME", ".koppel")).resolve())

    def make(self) -> "Home":
        """Make the folder, with our mark in it, so that `make reset` can never delete anything
        else.
        """
        known = {MARK, "venv", "venv.lock", "test"}
        if (
            self.path.is_dir()
            and not (self.path / MARK).exists()
            and {p.name for p in self.path.iterdir()} - known
        ):
            raise LaunchError(
                f"{self.path} is not empty and was not made by Koppel: set KOPPEL_HOME to "
                "another folder"
            )
        # Others may pass through (as root, PostgreSQL runs as nobody) but not look;
        # what is secret has its own mode.
        self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
        if not os.access(self.path, os.W_OK):
            raise LaunchError(
                f"{self.path} belongs to another user: set KOPPEL_HOME to a folder of your own"
            )
        (self.path / MARK).touch()
        return self

    def folder(self, name: str, mode: int = 0o700) -> Path:
        path = self.path / name
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        return path

    def keys(self) -> dict[str, str]:
        """Return the keys of this home: made at the first start, the same ever after."""
        path = self.path / "env"
        kept = read_env(path)
        if KEYS.keys() - kept.keys():
            kept = {name: kept.get(name) or make() for name, make in KEYS.items()} | kept
            write_private(path, "".join(f"{name}={value}\n" for name, value in kept.items()))
        return kept

    # --- Who runs here ----------------------------------------------------------------------------
    def take(self) -> bool:
        """Take the home for this process, and tell whether it has it now.

        The system lets go of it when the process ends, however it ends.
        """
        self._lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            return False
        return True

    def is_taken(self) -> bool:
        if not (self.path / "lock").exists():
            return False
        probe = Home(self.path)
        free = probe.take()
        if probe._lock:
            probe._lock.close()
        return not free

    def say(self, **facts: Any) -> None:
        """Note what others need to know of the running one: its process, address,
        state and environment.
        """
        write_private(self.path / "running.json", json.dumps({**self.running(), **facts}))

    def running(self) -> dict[str, Any]:
        path = self.path / "running.json"
        facts: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return facts

    def forget(self) -> None:
        (self.path / "running.json").unlink(missing_ok=True)

    def delete(self) -> None:
        if not (self.path / MARK).exists():
            raise LaunchError(f"{self.path} was not made by Koppel: nothing is deleted")
        shutil.rmtree(self.path)


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by its owner alone."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
