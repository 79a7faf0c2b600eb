"""A sync of many workspaces by one super-admin key beside its floor:
switches and pages, one after another.

    python -m benchmarks.bison_sync [--workspaces 35] [--accounts 400] [--delay 0.02] [--rounds 3]

The key can be in one workspace at a time, so nothing is faster than the calls themselves by one
kept connection: a switch, where it is, the pages of fifteen, and once more where it is. The floor
makes just these and keeps nothing. Ours is the run as a worker does it: every call logged, every
account stored, each count proved. A first sync and one that finds everything unchanged are
measured; the vendor is a process of its own, and all take turns. With answers of 20 ms or more the
key's own quota (3,000 calls a minute) holds nothing up.
"""

import argparse
import http.client
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.bison_vendor import PAGE
from benchmarks.database import own_site
from benchmarks.health_round import ADMIN, Measured
from benchmarks.report import Line, show

# As of J3: of the time of the wire alone.
GOAL = 1.3
SWITCH = "/api/workspaces/v1.1/switch-workspace"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bison_sync", description="A sync by one shared key"
    )
    parser.add_argument("--workspaces", type=int, default=35)
    parser.add_argument("--accounts", type=int, default=400)
    parser.add_argument("--delay", type=float, default=0.02, help="seconds that each answer takes")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    with vendor(options.delay, options.accounts) as port, own_site("bison_sync"):
        register(options.workspaces, port)
        lines = compare(options.workspaces, options.accounts, port, options.rounds)
        words = f"answers of {options.delay * 1000:.0f} ms; seconds, medians"
        return (
            0
            if show(
                f"Email Bison: a sync of {options.accounts} accounts each by one key, {words}",
                lines,
            )
            else 1
        )


@contextmanager
def vendor(delay: float, accounts: int) -> Iterator[int]:
    """Serve it in a process of its own, and give its port."""
    command = [sys.executable, "-m", "benchmarks.bison_vendor", str(delay), str(accounts)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


def register(count: int, port: int) -> None:
    """Register so many workspaces, none with a key of its own."""
    from django.conf import settings  # noqa: PLC0415 - Django is set up first, here and below

    from bison import instances  # noqa: PLC0415
    from bison.models import Workspace  # noqa: PLC0415
    from core import vendors  # noqa: PLC0415

    settings.ALLOW_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
    made = instances.create("maverick", "Maverick")
    values = {"base_url": f"http://127.0.0.1:{port}/api", "super_admin_key": ADMIN}
    vendors.save(made.account, values, actor="benchmark")
    Workspace.objects.bulk_create(
        Workspace(instance=made, workspace_name=f"Client {number}", bison_workspace_id=number)
        for number in range(1, count + 1)
    )


def compare(count: int, accounts: int, port: int, rounds: int) -> list[Line]:
    """Let all take turns; before each first sync the table of accounts is emptied."""
    from bison.models import EmailAccount  # noqa: PLC0415

    measured = {name: Measured() for name in ("first", "again", "floor")}
    calls = 0
    for _round in range(rounds):
        measured["floor"].run(lambda: floor(port, count, accounts))
        EmailAccount.objects.all().delete()
        for name in ("first", "again"):
            run = started()
            measured[name].run(lambda run=run: worked(run))  # type: ignore[misc]
            calls = check(run, count, accounts)
    return lines_of(count, accounts, calls, measured)


def floor(port: int, count: int, accounts: int) -> None:
    """Make the calls, and no more."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {ADMIN}", "Accept": "application/json"}

    def call(method: str, path: str, body: str | None = None) -> bytes:
        connection.request(method, path, body, headers)
        return connection.getresponse().read()

    for number in range(1, count + 1):
        call("POST", SWITCH, json.dumps({"team_id": number}))
        call("GET", "/api/users")
        for page in range(1, pages(accounts) + 1):
            call("GET", f"/api/sender-emails?page={page}")
        call("GET", "/api/users")
    connection.close()


def pages(accounts: int) -> int:
    return -(-accounts // PAGE)


def started() -> Any:
    """Queue a sync, as the clock does."""
    from bison.syncs import kinds, starting  # noqa: PLC0415

    found = starting.start_by_clock(kinds.EMAIL_ACCOUNTS)
    assert found
    return found.run


def worked(run: Any) -> None:
    """Work it, as a worker does."""
    from core import runs  # noqa: PLC0415

    runs.execute(run.pk)


def check(run: Any, count: int, accounts: int) -> int:
    """See that every account is stored and each count proved; return how many calls that took."""
    from bison.models import EmailAccount, Workspace  # noqa: PLC0415
    from core.http import call_log  # noqa: PLC0415
    from core.models import ApiCall  # noqa: PLC0415

    call_log.flush()
    run.refresh_from_db()
    stored = EmailAccount.objects.filter(gone_at=None).count()
    proved = Workspace.objects.filter(
        accounts_state="complete", accounts_in_koppel=accounts
    ).count()
    if run.state != "succeeded" or (stored, proved) != (count * accounts, count):
        sys.exit(
            f"The sync does not count: {run.state} {run.error} {run.outcomes}, {stored} stored, "
            f"{proved} proved"
        )
    return ApiCall.objects.filter(run_id=run.pk).count()


def lines_of(count: int, accounts: int, calls: int, measured: dict[str, Measured]) -> list[Line]:
    wire = measured["floor"].median
    needed = count * (pages(accounts) + 3)
    lines = []
    for name, words in (("first", "first sync"), ("again", "all unchanged")):
        ours = measured[name]
        shown = f"{ours.median:.2f} s"
        share = ours.median / wire
        lines.append(
            Line(
                f"{count} workspaces, {words}",
                shown,
                f"{wire:.2f} s",
                wire / ours.median,
                None,
                1 / GOAL,
            )
        )
        lines.append(
            Line(f"{count} workspaces, {words}, of the floor", f"{share:.2f}x", f"<= {GOAL}x")
        )
        spent = statistics.median(ours.processor)
        lines.append(Line(f"{count} workspaces, {words}, processor", f"{spent:.2f} s"))
        each = statistics.median(ours.statements) / calls
        lines.append(Line(f"{count} workspaces, {words}, statements a call", f"{each:.2f}"))
    lines.append(Line(f"{count} workspaces, calls", f"{calls:,}", f"{needed:,}", needed / calls))
    return lines


if __name__ == "__main__":
    sys.exit(main())
