"""A light closed-loop client: a few kept-alive connections, each sending its next request when
the last is answered.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop


@dataclass
class Result:
    """What one round gave."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return this percentile in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[int(len(ordered) * share)] * 1000


class _Connection(asyncio.Protocol):
    def __init__(
        self, requests: Iterator[bytes], result: Result, until: float, over: asyncio.Future[None]
    ) -> None:
        self.requests = requests
        self.result = result
        self.until = until
        self.over = over
        self.received = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.received[:end].lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r")[0])
        if len(self.received) < end + 4 + length:
            return
        now = time.perf_counter()
        self.result.latencies.append(now - self.sent_at)
        self.result.statuses[int(self.received[9:12])] += 1
        self.received = b""
        if now < self.until:
            self._next()
        else:
            self.transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def _next(self) -> None:
        if (request := next(self.requests, None)) is None:
            self.transport.close()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(request)


def run(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Result:
    """Send for so long over so many connections, or until the requests are used up."""
    return uvloop.run(_run(port, requests, connections, seconds))


async def _run(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Result:
    loop = asyncio.get_running_loop()
    result = Result(seconds)
    begun = time.perf_counter()
    ends = [loop.create_future() for _ in range(connections)]
    for over in ends:
        made = partial(_Connection, requests, result, begun + seconds, over)
        await loop.create_connection(made, "127.0.0.1", port)
    await asyncio.gather(*ends)
    result.seconds = time.perf_counter() - begun
    return result
