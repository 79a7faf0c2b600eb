"""Folders that another user can reach: as root, PostgreSQL runs as `nobody`,
who cannot enter root's own home.
"""

import os
import secrets
import shutil
import signal
import stat
from pathlib import Path

from sandbox.home import LaunchError, write_private
from sandbox.processes import began, wait_until

ELSEWHERE = Path("/var/tmp")


def others_reach(path: Path) -> bool:
    """Tell whether every folder down to this place lets strangers through."""
    return all(
        p.stat().st_mode & stat.S_IXOTH
        for p in (path.resolve(), *path.resolve().parents)
        if p.exists()
    )


def outside(home: Path, what: str) -> Path:
    """Return a folder of ours under /var/tmp, for a home that lies where others cannot go.

    It belongs to the home by an id kept there: a home that is deleted and made again never meets
    the old data, which was sealed with other keys.
    """
    name = home / "outside"
    if not name.exists():
        delete_outside(home)
        write_private(name, secrets.token_hex(8))
    path = ELSEWHERE / f"koppel-{what}-{name.read_text()}"
    path.mkdir(mode=0o711, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise LaunchError(f"{path} belongs to somebody else: remove it, or set DATABASE_URL")
    (path / "home").write_text(str(home))
    return path


def delete_outside(home: Path) -> None:
    """End and remove what a home, or an earlier one at the same place, keeps outside itself."""
    for mark in ELSEWHERE.glob("koppel-*/home"):
        if mark.parent.lstat().st_uid == os.geteuid() and mark.read_text() == str(home):
            end_postmaster(mark.parent / "data")
            shutil.rmtree(mark.parent)


def end_leftover_of(home: Path) -> None:
    """End what serves a home's data, wherever that lies."""
    places = [home]
    if (home / "outside").exists():
        places.append(ELSEWHERE / f"koppel-data-{(home / 'outside').read_text()}")
    for place in places:
        end_postmaster(place / "data")


def end_postmaster(data: Path) -> None:
    """End the PostgreSQL that a killed supervisor left behind:
    as `nobody` it does not hear its parent die.
    """
    for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        pid = _postmaster(data)
        if pid is None:
            return
        os.kill(pid, sig)
        wait_until(lambda: _postmaster(data) is None, 20)


def _postmaster(data: Path) -> int | None:
    file = data / "postmaster.pid"
    first = file.read_text().split("\n", 1)[0] if file.exists() else ""
    pid = int(first) if first.isdigit() else 0
    # After a restart of the machine the number may be a stranger's:
    # PostgreSQL works inside its data folder.
    try:
        ours = (
            Path(f"/proc/{pid}/cwd").resolve() == data.resolve()
            if Path("/proc/self").exists()
            else True
        )
    except OSError:
        ours = False
    return pid if pid and began(pid) and ours else None
