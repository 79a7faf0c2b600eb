"""The references of benchmarks.health_round: the same round as it is usually written,
and what the wire alone takes.

Each peer calls every workspace, logs the call and moves the workspace's row: `requests` and
Django's ORM, one after the other or in fifty threads. `wire` reads the answers from a hundred
sockets and does nothing with them.
"""

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests  # noqa: TID251 - what is measured against

AT_ONCE = 100
# What a thread needs of a workspace: its row's id, its name, its key.
Target = tuple[Any, str, str]


class Peer:
    """A round by requests and the ORM."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._own = threading.local()

    def serial(self, targets: Iterable[Target]) -> None:
        for target in targets:
            self.look(target)

    def threads(self, targets: Iterable[Target]) -> None:
        left = iter(targets)
        with ThreadPoolExecutor(50) as threads:
            list(threads.map(self._work, [left] * 50))

    def _work(self, left: Iterable[Target]) -> None:
        from django.db import connection  # noqa: PLC0415 - Django is set up first, here and below

        try:
            self.serial(left)
        finally:
            # The thread ends, and its connection goes back to the pool.
            connection.close()

    def look(self, target: Target) -> None:
        from django.utils import timezone  # noqa: PLC0415

        from bison.models import Workspace  # noqa: PLC0415
        from core.models import ApiCall  # noqa: PLC0415

        pk, name, key = target
        answer = self._session().get(
            f"{self.address}/users", headers={"Authorization": f"Bearer {key}"}, timeout=10
        )
        answer.raise_for_status()
        now = timezone.now()
        ApiCall.objects.create(
            created_at=now,
            vendor="email-bison",
            workspace_name=name,
            endpoint="/api/users",
            method="GET",
            status_code=answer.status_code,
            response_time_ms=round(answer.elapsed.total_seconds() * 1000),
            success=True,
        )
        workspace = Workspace.objects.get(pk=pk)
        workspace.api_health_status = "healthy"
        workspace.api_consecutive_failures = 0
        workspace.api_total_calls_today += 1
        workspace.api_last_successful_call_at = now
        workspace.save(
            update_fields=[
                "api_health_status",
                "api_consecutive_failures",
                "api_total_calls_today",
                "api_last_successful_call_at",
            ]
        )

    def _session(self) -> requests.Session:
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
        session: requests.Session = self._own.session
        return session


def wire(port: int, keys: list[str]) -> None:
    """Ask with each key, a hundred at once, and read the answers."""
    asyncio.run(_wire(port, keys))


async def _wire(port: int, keys: list[str]) -> None:
    left = iter(keys)
    await asyncio.gather(
        *(_one_after_the_other(port, left) for _number in range(min(AT_ONCE, len(keys))))
    )


async def _one_after_the_other(port: int, left: Iterable[str]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for key in left:
        writer.write(
            f"GET /api/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()
