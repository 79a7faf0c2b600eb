"""Processes that must not outlive their supervisor, and how to end what one that was
killed left behind.

A pid alone is not an identity: the number is given out again.
With the moment the process began it is one. Standard library only.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Looked up once, before any fork: between fork and exec nothing but the call itself is safe.
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def dies_with_parent(sig: signal.Signals) -> Callable[[], None] | None:
    """Let the kernel send `sig` when the parent is gone: a `preexec_fn`.

    Linux alone can; elsewhere pid files must do.
    """
    return None if _PRCTL is None else lambda: _PRCTL(_PR_SET_PDEATHSIG, int(sig))


def follow_parent(sig: signal.Signals = signal.SIGTERM) -> None:
    """Have this very process end when its parent does."""
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, int(sig))


def _table() -> list[tuple[int, int, str, str]]:
    """Return (pid, group, state, began) of every process that can be seen."""
    if Path("/proc/self/stat").exists():
        pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [row for row in map(_stat, pids) if row]
    output = subprocess.run(
        ["ps", "-axo", "pid=,pgid=,stat=,lstart="], capture_output=True, text=True, check=True
    )
    lines = (line.split(None, 3) for line in output.stdout.splitlines())
    return [(int(pid), int(group), state[:1], began) for pid, group, state, began in lines]


def _stat(pid: int) -> tuple[int, int, str, str] | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return pid, int(fields[2]), fields[0], fields[19]


def began(pid: int) -> str:
    """Return when a living process began, in the system's own words.

    "" when it is gone (or dead and not yet buried).
    """
    row = _row_of(pid)
    if row is None or row[2] in "ZX":
        return ""
    return row[3]


def _row_of(pid: int) -> tuple[int, int, str, str] | None:
    if Path("/proc/self/stat").exists():
        return _stat(pid)
    return next((row for row in _table() if row[0] == pid), None)


def members(group: int) -> list[int]:
    """Return the living processes of a group."""
    return [pid for pid, of, state, _ in _table() if of == group and state not in "ZX"]


def _boot() -> str:
    """Name this start of the machine: numbers from before a restart name strangers."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else "-"


def remember(path: Path, pid: int) -> None:
    """Write a pid file."""
    path.write_text(f"{pid} {_boot()} {began(pid)}")


def recall(path: Path) -> int | None:
    """Return the group that a pid file names, if it is still the same group."""
    if not path.exists():
        return None
    number, boot, then = [*path.read_text().split(" ", 2), "", ""][:3]
    if not number.isdigit() or boot != _boot():
        return None
    pid, now = int(number), began(int(number))
    if now and now != then:
        return None
    # A group's number is not given out again while a member lives: with the leader gone, what is
    # left of the group is ours.
    if not now and not members(pid):
        return None
    return pid


def end_group(group: int, first: signal.Signals, patience: float) -> bool:
    """Ask a group to end, then make it; return whether it had to be made."""
    _signal_group(group, first)
    if wait_until(lambda: not members(group), patience):
        return False
    _signal_group(group, signal.SIGKILL)
    wait_until(lambda: not members(group), 5)
    return True


def end_leftover(path: Path, first: signal.Signals = signal.SIGTERM, patience: float = 10) -> bool:
    """End what a pid file names, if it still runs, and remove the file. Return whether there was
    anything.
    """
    group = recall(path)
    if group:
        end_group(group, first, patience)
    path.unlink(missing_ok=True)
    return group is not None


def _signal_group(group: int, sig: signal.Signals) -> None:
    try:
        os.killpg(group, sig)
    except ProcessLookupError:
        return


def wait_until(done: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Wait until `done()` is true; return whether that came in time."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True
