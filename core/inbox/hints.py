"""Telling the workers that there is something to do. Only a hint:
with Redis down or slow nothing here waits or fails.

One message names many deliveries, and messages leave in a thread of their own at a steady pace,
so that a broker's time-out holds up no answer. What is not told is found by the sweep.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from core.queue import jobs

TASK = "core.work_inbox"
PER_MESSAGE = 100
PAUSE_SECONDS = 0.05
WAITING_MOST = 50_000


class Hints:
    """One per process and event loop."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._telling: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="webhook-hints")

    def give(self, event_id: UUID) -> None:
        """Say that this delivery is stored and waits."""
        if len(self._waiting) < WAITING_MOST:
            self._waiting.append(str(event_id))
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                ids, self._waiting = self._waiting[:PER_MESSAGE], self._waiting[PER_MESSAGE:]
                await loop.run_in_executor(self._thread, jobs.send, TASK, ids)
                if len(self._waiting) < PER_MESSAGE:
                    await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._telling = None
