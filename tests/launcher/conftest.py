"""Folders for servers to live in, and what may be found of their processes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.home import Home
from sandbox.processes import began
from sandbox.services import delete_outside, end_leftover_of


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can reach. pytest's own are for its user alone."""
    path = Path(tempfile.mkdtemp(dir="/var/tmp"))
    path.chmod(0o755)
    yield path
    end_leftover_of(path / "postgres")
    shutil.rmtree(path)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home where nobody else can go, as in root's own folder."""
    tmp_path.chmod(0o700)
    home = Home(tmp_path / "home").make()
    yield home
    end_leftover_of(home.path / "postgres")
    delete_outside(home.path / "postgres")


def processes_of(home: Path) -> dict[int, str]:
    """The living processes that have a home in their command line, environment or working folder;
    not our own.
    """
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        try:
            command = (entry / "cmdline").read_bytes()
            seen = (
                command
                + (entry / "environ").read_bytes()
                + str((entry / "cwd").readlink()).encode()
            )
        except OSError:
            continue  # it ended meanwhile
        if str(home).encode() in seen and pid != os.getpid() and began(pid):
            found[pid] = command.replace(b"\0", b" ").decode(errors="replace")
    return found
