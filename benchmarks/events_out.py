"""Events out: deliveries a second, written down and all, beside one `requests.post` after another
in the same run.

    python -m benchmarks.events_out [--events 600] [--milliseconds 20] [--rounds 3]

The receiver is a process of its own that answers 204 after so many milliseconds, as one across a
network does. Ours take events that wait in the database, claim, sign and send them through the
guarded door, write each attempt down in its delivery and in the log of calls. The reference has its
bodies in memory, signs each and sends it, and writes nothing. Rounds alternate, figures are
medians; every round is checked: each event came once, under its own name.
"""

import argparse
import asyncio
import base64
import hmac
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests  # noqa: TID251 - what a script has that nobody thought about for long

from benchmarks.database import own_site
from benchmarks.report import Line, show
from sandbox.services import free_port

ONE, MANY = 1, 8
WARM = 20


async def receive(port: int, milliseconds: float) -> None:
    """Answer until killed; `GET /<hook>` says how many came to it, and under how many names."""
    came: dict[str, list[str]] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                method, path, _version = head[0].split(" ")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                await reader.readexactly(int(headers.get("content-length", 0)))
                names = came.setdefault(path, [])
                if method == "POST":
                    await asyncio.sleep(milliseconds / 1000)
                    names.append(headers["webhook-id"])
                    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                else:
                    body = json.dumps([len(names), len(set(names))]).encode()
                    names.clear()
                    writer.write(
                        b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
                    )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


@contextmanager
def receiver(milliseconds: float) -> Iterator[str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "benchmarks.events_out",
        "--receive",
        str(port),
        "--milliseconds",
        str(milliseconds),
    ]
    process = subprocess.Popen(command)
    host = f"127.0.0.1:{port}"
    try:
        for _attempt in range(200):
            try:
                counted(host, "ready")
                break
            except OSError:
                time.sleep(0.05)
        yield host
    finally:
        process.kill()
        process.wait()


def counted(host: str, hook: str) -> tuple[int, int]:
    with urllib.request.urlopen(f"http://{host}/{hook}") as answer:
        all_of_them, names = json.load(answer)
    return all_of_them, names


def check(host: str, hooks: int, events: int) -> None:
    """See that each endpoint got each event once."""
    for number in range(hooks):
        found = counted(host, f"hook{number}")
        if found != (events, events):
            sys.exit(f"hook{number} should have had {events} events once each, and had {found}")


class Ours:
    """Koppel, with endpoints of one organization, in the benchmark's own database."""

    def __init__(self, host: str, hooks: int) -> None:
        # The models are there only once Django is set up.
        crm, core = importlib.import_module("crm.models"), importlib.import_module("core.models")
        create = importlib.import_module("integrations.services").create
        self.waiting = importlib.import_module("integrations.models").Delivery.objects.filter(
            state="waiting"
        )
        self.emit = importlib.import_module("integrations.events").emit
        self.deliver = importlib.import_module("integrations.events.rounds").deliver
        self.organization = crm.Organization.objects.create(
            name=f"Benchmark {hooks}", tier="PRO_PLUS"
        )
        owner = core.User.objects.create_user(
            f"benchmark-{hooks}", f"benchmark-{hooks}@example.com"
        )
        crm.Member.objects.create(organization=self.organization, user=owner, role="CEO")
        for number in range(hooks):
            given = {"provider": "WEBHOOK", "url": f"http://{host}/hook{number}"}
            create(self.organization, owner, name=f"Hook {number}", kind="WEBHOOK", given=given)

    def round(self, lead: dict[str, Any], events: int) -> float:
        """Write events down, then send what waits; return how long the sending took."""
        self.emit(self.organization.pk, "lead.created", *[lead] * events)
        started = time.perf_counter()
        while self.waiting.all().exists():
            self.deliver(seconds=60)
        return time.perf_counter() - started


def one_after_another(host: str, hooks: int, lead: dict[str, Any], events: int) -> float:
    """Send as a script does that somebody writes in ten minutes, signed."""
    key = os.urandom(32)
    body = json.dumps(
        {"type": "lead.created", "timestamp": "2026-11-30T15:04:05+00:00", "data": lead}
    ).encode()
    started = time.perf_counter()
    for number in range(events):
        for hook in range(hooks):
            name, stamp = f"evt_{number}", str(int(time.time()))
            digest = hmac.digest(key, f"{name}.{stamp}.".encode() + body, "sha256")
            headers = {
                "content-type": "application/json",
                "webhook-id": name,
                "webhook-timestamp": stamp,
                "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
            }
            requests.post(
                f"http://{host}/hook{hook}", data=body, headers=headers, timeout=20
            ).raise_for_status()
    return time.perf_counter() - started


def measured(host: str, hooks: int, events: int, rounds: int) -> tuple[float, float]:
    """Return deliveries a second of both."""
    ours = Ours(host, hooks)
    lead = dict(importlib.import_module("integrations.events.examples").LEAD)
    few = max(events // 10, 20)
    ours.round(lead, WARM)
    check(host, hooks, WARM)
    found: tuple[list[float], list[float]] = ([], [])
    for _round in range(rounds):
        found[0].append(events * hooks / ours.round(lead, events))
        check(host, hooks, events)
        found[1].append(few * hooks / one_after_another(host, hooks, lead, few))
        check(host, hooks, few)
    return statistics.median(found[0]), statistics.median(found[1])


def run(events: int, milliseconds: float, rounds: int) -> int:
    lines = []
    with receiver(milliseconds) as host:
        os.environ["KOPPEL_ALLOW_PRIVATE_HOSTS"] = host
        with own_site("events_out"):
            for hooks, of_each, floor in ((ONE, events, 3.0), (MANY, events // 4, 5.0)):
                ours, reference = measured(host, hooks, of_each, rounds)
                what = (
                    f"deliveries/s, {hooks} endpoint{'s' * (hooks > 1)}, {milliseconds:g} ms each"
                )
                lines.append(Line(what, f"{ours:.0f}", f"{reference:.0f}", ours / reference, floor))
    return 0 if show("Events out against one requests.post after another", lines) else 1


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.events_out", description="Events out"
    )
    parser.add_argument("--events", type=int, default=600)
    parser.add_argument("--milliseconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--receive", type=int, default=0, metavar="PORT", help="be the receiver")
    wishes = parser.parse_args()
    if wishes.receive:
        asyncio.run(receive(wishes.receive, wishes.milliseconds))
        return 0
    return run(wishes.events, wishes.milliseconds, wishes.rounds)


if __name__ == "__main__":
    sys.exit(main())
