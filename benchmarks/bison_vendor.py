"""A vendor for benchmarks.bison_sync: each answer takes a while and costs next to nothing;
its workspace is state.

    python -m benchmarks.bison_vendor 0.02 400        says its port, and serves until its input ends

One user moves between workspaces by `switch-workspace`; `/users` says where it is;
`/sender-emails` has so many accounts of that workspace, fifteen a page.
"""

import asyncio
import json
import sys
from functools import cache
from urllib.parse import parse_qs, urlsplit

PAGE = 15
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
WHEN = "2026-05-01T09:00:00.000000Z"


class State:
    """Where the user is."""

    workspace = 0


class Vendor(asyncio.Protocol):
    """One connection, which is kept."""

    def __init__(self, delay: float, accounts: int) -> None:
        self.delay, self.accounts = delay, accounts
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            length = _length(head)
            if len(rest) < length:
                return
            body, self.buffer = rest[:length], rest[length:]
            asyncio.get_running_loop().call_later(self.delay, self.answer, head, body)

    def answer(self, head: bytes, body: bytes) -> None:
        target = head.split(b" ", 2)[1].decode()
        path = urlsplit(target)
        if path.path.endswith("/switch-workspace"):
            State.workspace = json.loads(body)["team_id"]
            text = '{"data": {"name": "Client"}}'
        elif path.path.endswith("/users"):
            text = json.dumps(
                {
                    "data": {
                        "id": 1,
                        "name": "Robin",
                        "team": {"id": State.workspace, "name": "Client"},
                    }
                }
            )
        else:
            number = int(parse_qs(path.query).get("page", ["1"])[0])
            text = page(State.workspace, number, self.accounts)
        self.transport.write((HEAD % (len(text), text)).encode())  # type: ignore[attr-defined]


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


@cache
def page(workspace: int, number: int, accounts: int) -> str:
    """Return a page of the list; made once, so that serving it again costs nothing."""
    first = (number - 1) * PAGE
    rows = [account(workspace, place) for place in range(first, min(first + PAGE, accounts))]
    last = -(-accounts // PAGE)
    meta = {"current_page": number, "last_page": last, "per_page": PAGE, "total": accounts}
    return json.dumps({"data": rows, "links": {}, "meta": meta})


def account(workspace: int, place: int) -> dict[str, object]:
    counters = ("emails_sent_count", "total_replied_count", "bounced_count", "unique_replied_count")
    return {
        "id": workspace * 10_000 + place,
        "name": "Robin Example",
        "email": f"robin{place}@client{workspace}.example",
        "daily_limit": 20,
        "type": "google_workspace_oauth",
        "status": "Connected",
        "warmup_enabled": True,
        "created_at": WHEN,
        "updated_at": WHEN,
        "tags": [],
        **dict.fromkeys(counters, place),
    }


async def serve(delay: float, accounts: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Vendor(delay, accounts), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), int(sys.argv[2])))
