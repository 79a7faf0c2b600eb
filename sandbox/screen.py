"""What the launcher says: a line per step with its time.
What the processes say goes to the log alone.

Nothing here ever waits for the reader. A terminal that is paused or a pipe that nobody empties must
not stop the site, so lines go through a queue that drops when it is full, and all of them to the
log as well. Standard library only.
"""

import collections
import os
import queue
import re
import sys
import threading
import time
from pathlib import Path
from typing import IO

PLENTY = 5_000
PAINT = re.compile(r"\033\[[\d;]*m")


class Screen:
    """One writer for all: lines of different processes never mix."""

    def __init__(self, began: float | None = None, log: Path | None = None) -> None:
        """Begin at `began`, the Unix time that steps count from, handed on through the launcher's
        processes.
        """
        self.began = began or time.time()
        self.coloured = (
            sys.stdout.isatty()
            and not os.environ.get("NO_COLOR")
            and os.environ.get("TERM") != "dumb"
        )
        self.tick = "✓" if "utf" in (sys.stdout.encoding or "").lower() else "+"
        self.closed = threading.Event()
        self.log = log
        # The last lines of the processes, shown when a start fails.
        self._kept: collections.deque[str] = collections.deque(maxlen=60)
        self._dropped = 0
        self._file: IO[str] | None = _open(log) if log else None
        self._lines: queue.Queue[str | None] = queue.Queue(PLENTY)
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    # --- Steps ------------------------------------------------------------------------------------
    def doing(self, text: str) -> None:
        self._step(" ", f"{text} …" if self.tick == "✓" else f"{text} ...", 2)

    def done(self, text: str) -> None:
        self._step(self.tick, text, 32)

    def note(self, text: str) -> None:
        self._step(" ", text, 0)

    def trouble(self, text: str) -> None:
        self._step("!", text, 31)

    def _step(self, mark: str, text: str, colour: int) -> None:
        clock = self._paint(f"{time.time() - self.began:6.1f} s", 2)
        self.line(f"{clock}  {self._paint(mark, colour)} {text}")

    # --- Lines ------------------------------------------------------------------------------------
    def child(self, name: str, text: str) -> None:
        """Note down a line that one of the processes wrote."""
        line = f"{name:<8}| {PAINT.sub('', text)}"
        self._kept.append(line)
        self._note_down(line)

    def failed(self, text: str) -> None:
        """Say what failed, after the last lines of the processes, and where the rest of them is."""
        wrote = bool(self._kept)
        while self._kept:
            self._put(self._kept.popleft())
        self.trouble(text)
        if wrote:
            self.note(f"All that the processes wrote is in {self.log}")

    def line(self, text: str) -> None:
        self._put(text)
        self._note_down(text)

    def _put(self, text: str) -> None:
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self._dropped += 1

    def _note_down(self, text: str) -> None:
        if self._file:
            self._file.write(f"{PAINT.sub('', text)}\n")

    def bold(self, text: str) -> str:
        return self._paint(text, 1)

    def close(self, patience: float = 2) -> None:
        """Write out what is waiting, as far as somebody reads it."""
        if self._writer.is_alive():
            try:
                self._lines.put(None, timeout=patience)
            except queue.Full:
                return
            self._writer.join(patience)

    def _paint(self, text: str, colour: int) -> str:
        return f"\033[{colour}m{text}\033[0m" if self.coloured and colour else text

    def _write(self) -> None:
        while (text := self._lines.get()) is not None:
            if self._dropped and self._lines.qsize() < PLENTY // 2:
                text, self._dropped = (
                    f"({self._dropped} lines were not read in time; they are in the log)\n{text}",
                    0,
                )
            try:
                sys.stdout.write(f"{text}\n")
                sys.stdout.flush()
            except (OSError, ValueError):
                self.closed.set()
                return


def _open(path: Path) -> IO[str]:
    if path.exists():
        path.replace(path.with_suffix(".old"))
    # At the end always: what prepares the database writes to the same file.
    return path.open("a", buffering=1, encoding="utf-8", errors="replace")
