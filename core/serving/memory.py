"""What large bodies took of the memory goes back to the system once they are answered.

A refusal that was raised keeps its body until Python next looks for what refers to itself, and
the C library keeps what was freed: a flood of large bodies would leave a process as large as
it ever was.
"""

import asyncio
import ctypes
import gc
from typing import Final

# Not after each body: looking costs a tenth of a second.
RELEASE_SECONDS: Final = 5.0


class Release:
    """Gives memory back, a while after it was asked to: once, however often it was
    asked in between.
    """

    def __init__(self) -> None:
        self.is_due = False

    def soon(self) -> None:
        if not self.is_due:
            self.is_due = True
            asyncio.get_running_loop().call_later(RELEASE_SECONDS, self._now)

    def _now(self) -> None:
        self.is_due = False
        gc.collect()
        # glibc has it; others give back by themselves.
        if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
            trim(0)
