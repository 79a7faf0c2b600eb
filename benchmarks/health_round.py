"""A round of the health check beside the same round as it is usually written,
with answers that take 50 ms.

    python -m benchmarks.health_round [--workspaces 3500] [--rounds 3]

All have the same workspaces, the same vendor in a process of its own, and end with a row in the log
for each call and each workspace's health moved. They take turns. The serial peer does a tenth of
the many, and is counted tenfold.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg

from benchmarks import health_peers
from benchmarks.database import own_site
from benchmarks.report import Line, show

FEW = 35
ADMIN = "1|" + "a" * 40


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.health_round", description="A round of health checks"
    )
    parser.add_argument("--workspaces", type=int, default=3_500)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    # The peer's threads have a connection each.
    os.environ["DATABASE_POOL_SIZE"] = "60"
    with vendor() as port, own_site("health_round"):
        lines = []
        for count in (FEW, options.workspaces):
            load(count, port)
            lines += compare(count, port, options.rounds)
        return 0 if show("Health: a round with answers of 50 ms; seconds, medians", lines) else 1


@contextmanager
def vendor() -> Iterator[int]:
    """Serve it in a process of its own, and give its port."""
    command = [sys.executable, "-m", "benchmarks.health_vendor"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


def load(count: int, port: int) -> None:
    """Register so many workspaces, each with a key of its own."""
    from django.conf import settings  # noqa: PLC0415 - Django is set up first, here and below

    from bison import instances  # noqa: PLC0415
    from bison.models import Instance, Workspace  # noqa: PLC0415
    from core import vendors  # noqa: PLC0415

    settings.ALLOW_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
    Workspace.objects.all().delete()
    Instance.objects.all().delete()
    made = instances.create("maverick", "Maverick")
    values = {"base_url": f"http://127.0.0.1:{port}/api", "super_admin_key": ADMIN}
    vendors.save(made.account, values, actor="benchmark")
    Workspace.objects.bulk_create(
        Workspace(
            instance=made,
            workspace_name=f"Client {number}",
            bison_workspace_id=number,
            bison_api_key=key_of(number),
            bison_api_key_type="workspace",
            bison_api_key_status="active",
        )
        for number in range(1, count + 1)
    )


def key_of(number: int) -> str:
    return f"{number}|{number:040}"


class Measured:
    """Seconds, processor seconds and statements of each round."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.processor: list[float] = []
        self.statements: list[int] = []

    def run(self, act: Callable[[], Any], times: int = 1) -> None:
        with counted_statements() as count:
            began, spent = time.perf_counter(), time.process_time()
            act()
            self.seconds.append((time.perf_counter() - began) * times)
            self.processor.append((time.process_time() - spent) * times)
        self.statements.append(count[0] * times)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


@contextmanager
def counted_statements() -> Iterator[list[int]]:
    """Count what psycopg sends by any connection of this process."""
    count = [0]
    execute, copy = psycopg.Cursor.execute, psycopg.Cursor.copy

    def executed(self: Any, *arguments: Any, **named: Any) -> Any:
        count[0] += 1
        return execute(self, *arguments, **named)

    def copied(self: Any, *arguments: Any, **named: Any) -> Any:
        count[0] += 1
        return copy(self, *arguments, **named)

    psycopg.Cursor.execute, psycopg.Cursor.copy = executed, copied  # type: ignore[method-assign]
    try:
        yield count
    finally:
        psycopg.Cursor.execute, psycopg.Cursor.copy = execute, copy  # type: ignore[method-assign]


def compare(count: int, port: int, rounds: int) -> list[Line]:
    """Let all take turns."""
    from bison.models import Workspace  # noqa: PLC0415

    keys = [key_of(number) for number in range(1, count + 1)]
    ids = dict(Workspace.objects.values_list("workspace_name", "pk"))
    targets = [
        (ids[f"Client {number}"], f"Client {number}", key_of(number))
        for number in range(1, count + 1)
    ]
    peer = health_peers.Peer(f"http://127.0.0.1:{port}/api")
    tenth = max(1, count // 350)
    measured = {name: Measured() for name in ("ours", "serial", "threads", "wire")}
    for _round in range(rounds):
        measured["wire"].run(lambda: health_peers.wire(port, keys))
        run = started()
        measured["ours"].run(partial(worked, run))
        check(run, count)
        measured["threads"].run(lambda: peer.threads(targets))
        measured["serial"].run(lambda: peer.serial(targets[: count // tenth]), times=tenth)
    return lines_of(count, measured)


def started() -> Any:
    """Queue a round, as the clock does."""
    from bison import health  # noqa: PLC0415

    return health.start(trigger="benchmark").run


def worked(run: Any) -> None:
    """Work it, as a worker does."""
    from core import runs  # noqa: PLC0415

    runs.execute(run.pk)


def check(run: Any, count: int) -> None:
    """See that each call was logged and noted."""
    from bison.models import Workspace  # noqa: PLC0415
    from core.models import ApiCall  # noqa: PLC0415

    run.refresh_from_db()
    logged = ApiCall.objects.filter(run_id=run.pk).count()
    healthy = Workspace.objects.filter(api_health_status="healthy").count()
    if run.outcomes != {"healthy": count} or (logged, healthy) != (count + 1, count):
        sys.exit(
            f"The round does not count: {run.state} {run.error} {run.outcomes}, {logged} logged, "
            f"{healthy} noted"
        )


def lines_of(count: int, measured: dict[str, Measured]) -> list[Line]:
    ours, wire = measured["ours"], measured["wire"]
    lines = []
    for name, words, floor, goal in (
        ("threads", "50 threads + ORM", 2 if count > FEW else None, 5 if count > FEW else 4),
        ("serial", "serial + ORM", None, None),
    ):
        other = measured[name]
        ratio = other.median / ours.median
        lines.append(
            Line(
                f"{count:,} workspaces / {words}",
                f"{ours.median:.2f} s",
                f"{other.median:.2f} s",
                ratio,
                floor,
                goal,
            )
        )
    share = f"{ours.median / wire.median:.2f}x"
    lines.append(
        Line(f"{count:,} workspaces, of the wire alone (<= 1.3x)", share, f"{wire.median:.2f} s")
    )
    each = statistics.median(ours.statements) / count
    peers = statistics.median(measured["threads"].statements) / count
    if count > FEW:
        # Floor: at most 0.1 statements for each workspace; goal: 0.02.
        words = f"{count:,} workspaces, statements each"
        lines.append(Line(words, f"{each:.3f}", f"{peers:.1f}", peers / each, 30, 150))
    spent = statistics.median(ours.processor)
    other_spent = statistics.median(measured["threads"].processor)
    lines.append(
        Line(
            f"{count:,} workspaces, processor",
            f"{spent:.2f} s",
            f"{other_spent:.2f} s",
            other_spent / spent,
        )
    )
    return lines


if __name__ == "__main__":
    sys.exit(main())
