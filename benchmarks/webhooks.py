"""Signed webhooks stored before the 2xx: the site's door against a plain Django
view under gunicorn.

    python -m benchmarks.webhooks [--seconds 6] [--rounds 3] [--connections 16]

Both have two worker processes and the same requests of 2 KB; rounds alternate, figures are medians.
Every round is checked: as many new rows as answers, forged and old deliveries refused, repeats not
stored again.
"""

import argparse
import base64
import hmac
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks import load
from benchmarks.database import own_database
from benchmarks.report import Line, show
from sandbox.services import free_port

ADDRESS = "/api/webhooks/benchmark"
KEY = os.urandom(24)
SECRET = "whsec_" + base64.b64encode(KEY).decode()
PROGRAMS = Path(sys.executable).parent
WORKERS = 2
OURS = (
    "uvicorn config.asgi:application --http core.serving.protocol:Protocol --port {port} --workers "
    "2 --no-access-log --no-proxy-headers --log-level warning"
)
REFERENCE = (
    "gunicorn benchmarks.reference --bind 127.0.0.1:{port} --workers 2 --threads 8 --keep-alive 75"
)


def requests(tag: str, age: int = 0, key: bytes = KEY) -> Iterator[bytes]:
    """Make different deliveries without end, signed as they are taken."""
    filling = "The customer asked for a second demo before the end of the quarter. " * 28
    number = 0
    while True:
        number += 1
        body = json.dumps({"event": "meeting", "number": number, "summary": filling}).encode()
        yield request(f"msg_{tag}_{number}", body, age, key)


def request(delivery: str, body: bytes, age: int = 0, key: bytes = KEY) -> bytes:
    stamp = str(int(time.time()) - age)
    signature = base64.b64encode(
        hmac.digest(key, f"{delivery}.{stamp}.".encode() + body, "sha256")
    ).decode()
    head = (
        f"POST {ADDRESS} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"webhook-id: {delivery}\r\n"
        f"webhook-timestamp: {stamp}\r\nwebhook-signature: v1,{signature}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Side:
    """One of the two that are compared."""

    def __init__(self, name: str, command: str, rows: str) -> None:
        self.name = name
        self.port = free_port()
        self.command = command.format(port=self.port).split()
        self.rows = f"SELECT count(*) FROM {rows}"
        self.results: list[load.Result] = []
        self.cpu: list[float] = []

    @contextmanager
    def serving(self) -> Iterator[None]:
        program, *words = self.command
        process = subprocess.Popen(
            [str(PROGRAMS / program), *words], stdout=sys.stderr, stderr=sys.stderr
        )
        try:
            self._wait(process)
            self.pid = process.pid
            yield
        finally:
            process.terminate()
            process.wait(30)

    def round(self, tag: str, connections: int, seconds: float) -> None:
        """Measure one round, and check it."""
        load.run(self.port, requests(f"{tag}warm"), connections=connections, seconds=1)
        before, cpu = self.count(), cpu_seconds(self.pid)
        result = load.run(self.port, requests(tag), connections=connections, seconds=seconds)
        self.cpu.append((cpu_seconds(self.pid) - cpu) / len(result.latencies) * 1e6)
        self.results.append(result)
        stored = self.count() - before
        expect(set(result.statuses) == {202}, f"{self.name} answered {dict(result.statuses)}")
        expect(
            stored == len(result.latencies),
            f"{self.name}: {len(result.latencies)} answers, {stored} rows",
        )
        self._refuses(tag)

    def median(self, of: str, share: float = 0.0) -> float:
        values = [
            result.percentile(share) if of == "latency" else result.per_second
            for result in self.results
        ]
        return statistics.median(values)

    def count(self) -> int:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            found = connection.execute(self.rows).fetchone()
        assert found
        return int(found[0])

    def _refuses(self, tag: str) -> None:
        """Check that forged and old deliveries, and repeats of the round's first deliveries, leave
        no row.
        """
        before = self.count()
        for kind, made in (
            ("forged", requests(f"{tag}forged", key=os.urandom(24))),
            ("old", requests(f"{tag}old", age=3600)),
            ("repeated", requests(tag)),
        ):
            few = (next(made) for _ in range(50))
            result = load.run(self.port, few, connections=4, seconds=30)
            wanted = 202 if kind == "repeated" else 401
            expect(
                result.statuses == {wanted: 50},
                f"{self.name} answered {kind} with {dict(result.statuses)}",
            )
        expect(self.count() == before, f"{self.name} stored what it should not")

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            try:
                load.run(self.port, iter([request("msg_ready", b"{}")]), connections=1, seconds=1)
            except OSError:
                time.sleep(0.2)
            else:
                return
        sys.exit(f"{self.name} does not start")


def cpu_seconds(pid: int) -> float:
    """Return what a process and its children have used so far; 0 where there is no /proc."""
    proc = Path(f"/proc/{pid}")
    if not proc.exists():
        return 0.0
    fields = (proc / "stat").read_text().rpartition(") ")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(
        cpu_seconds(int(child)) for child in (proc / f"task/{pid}/children").read_text().split()
    )


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        sys.exit(f"The round does not count: {otherwise}")


@contextmanager
def own_site() -> Iterator[None]:
    """Make the site's tables, and the reference's, on a database of this run's own."""
    with own_database("webhooks"):
        os.environ |= {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", "BENCHMARK_SECRET": SECRET}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            connection.execute(
                "CREATE TABLE benchmark_deliveries (id uuid PRIMARY KEY, received_at timestamptz "
                "NOT NULL, delivery_id varchar(200) NOT NULL UNIQUE, event_type varchar(120) NOT "
                "NULL, event_data jsonb NOT NULL, event_signature varchar(500) NOT NULL)"
            )
        yield


def run(seconds: float = 6, rounds: int = 3, connections: int = 16) -> bool:
    """Measure and print; return whether the floor is met."""
    ours = Side("Koppel", OURS, "webhook_events WHERE source = 'benchmark'")
    reference = Side("Django view, gunicorn gthread", REFERENCE, "benchmark_deliveries")
    with own_site():
        for number in range(rounds):
            for side in (ours, reference):
                with side.serving():
                    side.round(f"{number}{os.getpid()}", connections, seconds)
    return show(
        f"Signed webhooks of 2 KB, stored before the 2xx ({WORKERS} workers, {connections} "
        f"connections, {seconds:g} s, median of {rounds}; reference: a Django view under "
        "gunicorn gthread)",
        [
            _rate(ours, reference),
            *[_latency(ours, reference, share) for share in (0.5, 0.99)],
            _cpu(ours, reference),
        ],
    )


def _rate(ours: Side, reference: Side) -> Line:
    our_rate, their_rate = ours.median("rate"), reference.median("rate")
    return Line(
        "deliveries a second", f"{our_rate:,.0f}", f"{their_rate:,.0f}", our_rate / their_rate, 2, 7
    )


def _latency(ours: Side, reference: Side, share: float) -> Line:
    our_time, their_time = ours.median("latency", share), reference.median("latency", share)
    floor = 1.0 if share == 0.99 else None
    return Line(
        f"milliseconds, p{share * 100:.0f}",
        f"{our_time:.1f}",
        f"{their_time:.1f}",
        their_time / our_time,
        floor,
    )


def _cpu(ours: Side, reference: Side) -> Line:
    our_cpu, their_cpu = statistics.median(ours.cpu), statistics.median(reference.cpu)
    return Line(
        "server CPU, microseconds a delivery",
        f"{our_cpu:.0f}",
        f"{their_cpu:.0f}",
        their_cpu / our_cpu if our_cpu else None,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.webhooks", description="The door in, under load"
    )
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args(arguments)
    return 0 if run(options.seconds, options.rounds, options.connections) else 1


if __name__ == "__main__":
    sys.exit(main())
