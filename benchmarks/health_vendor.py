"""A vendor for benchmarks.health_round: each answer takes 50 ms and costs next to nothing.

    python -m benchmarks.health_vendor        says its port, and serves until its input ends

A key is `<number>|…`, and `GET …/users` answers that its user is in the workspace of this number.
"""

import asyncio
import sys

DELAY = 0.05
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
BODY = '{"data": {"id": 1, "name": "Robin", "team": {"id": %s, "name": "Client"}}}'


class Vendor(asyncio.Protocol):
    """One connection, which is kept."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            asyncio.get_running_loop().call_later(DELAY, self.answer, head)

    def answer(self, head: bytes) -> None:
        _, _, key = head.partition(b"Bearer ")
        number = key.partition(b"|")[0].decode()
        body = BODY % number
        self.transport.write((HEAD % (len(body), body)).encode())  # type: ignore[attr-defined]


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Vendor, "127.0.0.1", 0, backlog=1000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
