"""A worker that is killed amid a workspace: the next one goes on, and the counts are those
of the trial run.
"""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, connections

from bison import suppression
from bison.models import Suppression, SuppressionState
from core import runs
from core.models import Run
from tests.bison import cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
ROOT = Path(__file__).resolve().parents[2]
WORK = """
import sys, django
django.setup()
from core import runs
print("ready", flush=True)
runs.execute(sys.argv[1])
"""


def begin(run: Run, host: str) -> subprocess.Popen:
    own = connection.settings_dict
    address = (
        f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"
    )
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "KOPPEL_ALLOW_PRIVATE_HOSTS": host,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-c", WORK, str(run.pk)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def kill_amid_the_leads(run: Run, bison_vendor, *, after: int) -> None:
    process = begin(run, bison_vendor.sandbox.host)
    deadline = time.monotonic() + 150
    before = len(bison_vendor.calls("maverick", "/leads", "PATCH"))
    while len(bison_vendor.calls("maverick", "/leads", "PATCH")) < before + after:
        assert time.monotonic() < deadline, "It never came so far"
        assert process.poll() is None, "It was done too soon"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    Run.objects.filter(pk=run.pk).update(heartbeat_at="2026-01-01T00:00:00Z")
    assert runs.sweep() == 1


def test_a_worker_that_is_killed_twice_leaves_nothing_half_done_and_counts_nothing_twice(
    bison_vendor,
):
    maverick = cast.instance(bison_vendor)
    for number in (3, 6):
        cast.workspace(maverick, number, bison_vendor)
    asked = suppression.ask(["dunetravel.example", "somebody@rival.example"])
    trial = suppression.start_trial(
        asked.values, None, confirmed=True, started_by=None, trigger="test"
    ).run
    runs.execute(trial.pk)
    trial.refresh_from_db()
    assert trial.counts["unsubscribed"] > 40
    run = suppression.suppress_many(asked, confirmed=True, actor="test", trigger="test").started.run
    bison_vendor.turn(slow=0.02)
    kill_amid_the_leads(run, bison_vendor, after=5)
    kill_amid_the_leads(run, bison_vendor, after=12)
    bison_vendor.turn(slow=0.0)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("succeeded", 3)
    assert {name: run.counts[name] for name in trial.counts} == trial.counts
    assert set(SuppressionState.objects.values_list("state", flat=True)) == {"done"}
    for number in (3, 6):
        facts = bison_vendor.act("facts", workspace=number)
        assert facts["domains"].count("dunetravel.example") == 1
        assert facts["emails"].count("somebody@rival.example") == 1


def test_many_who_suppress_the_same_at_once_make_one_row_that_reaches_what_each_asked_for(
    bison_vendor,
):
    maverick = cast.instance(bison_vendor)
    names = [cast.workspace(maverick, number).workspace_name for number in (3, 4, 5, 6)]

    def ask(name: str) -> None:
        try:
            suppression.suppress(
                "somebody@rival.example",
                scope="workspace",
                workspaces=[name],
                actor="test",
                trigger="test",
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, names))
    assert len(Suppression.objects.get().workspace_ids) == 4
    assert SuppressionState.objects.count() == 4
