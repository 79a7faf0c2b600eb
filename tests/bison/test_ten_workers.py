"""Ten workers with one super-admin key, while a person keeps switching:
no account lands in a wrong workspace.
"""

import os
import subprocess
import sys

import pytest
from django.db import connection

from bison.models import Workspace
from bison.syncs.starting import start_sync
from core.models import Run
from sandbox.vendors.email_bison.cast import COMPANIES
from tests.bison import cast
from tests.bison.finished import at_vendor, in_koppel, sync
from tests.support.house import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 10
# One start of Django, and ten processes of it that begin at the same moment.
WORK = """
import os, random, time
from django.db import connections
from core import runs
from core.models import Run

def work():
    ids = list(Run.objects.values_list("pk", flat=True))
    while Run.objects.filter(state__in=Run.OPEN).exists():
        random.shuffle(ids)
        for each in ids:
            runs.execute(each)
        Run.objects.filter(state="queued", waits_until__isnull=False).update(waits_until=None)
        time.sleep(0.2)

children = []
for number in range({count}):
    child = os.fork()
    if child == 0:
        random.seed(number)
        work()
        connections.close_all()
        os._exit(0)
    children.append(child)
failed = [child for child in children if os.waitpid(child, 0)[1] != 0]
os._exit(len(failed))
"""


def logs(tmp_path):
    return (tmp_path / "workers.log").read_text()[-4000:]


def environment(settings, vendor):
    made = settings.DATABASES["default"]
    server = f"{made['HOST']}:{made['PORT']}" if made.get("PORT") else made["HOST"]
    address = (
        f"postgres://{made['USER']}:{made['PASSWORD']}@{server}/{connection.settings_dict['NAME']}"
    )
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": address,
        "DATABASE_POOL_SIZE": "6",
        "KOPPEL_ALLOW_PRIVATE_HOSTS": vendor.sandbox.host,
        "PYTHONPATH": str(ROOT),
    }


def prove(tmp_path, settings, bison_vendor, numbers, person_every):
    maverick = cast.instance(bison_vendor)
    found = [cast.workspace(maverick, number) for number in numbers]
    for workspace in found:
        start_sync("email_accounts", workspaces=[workspace.workspace_name], trigger="test")
    for workspace in found[::3]:
        start_sync("pipeline", workspaces=[workspace.workspace_name], trigger="test")
    start_sync("email_accounts", instance="maverick", trigger="test")
    bison_vendor.turn(person_every=person_every)
    command = [
        sys.executable,
        "manage.py",
        "shell",
        "--no-imports",
        "-c",
        WORK.format(count=WORKERS),
    ]
    with (tmp_path / "workers.log").open("wb") as log:
        env = environment(settings, bison_vendor)
        begun = subprocess.run(
            command, cwd=ROOT, env=env, stdout=log, stderr=log, timeout=900, check=False
        )
    assert begun.returncode == 0, logs(tmp_path)
    check(tmp_path, bison_vendor, found)
    # Once the person is gone, all of it is proved.
    bison_vendor.turn(person_every=0)
    assert sync().state == Run.State.SUCCEEDED
    for workspace in found:
        assert in_koppel(workspace) == at_vendor(bison_vendor, workspace)


def check(tmp_path, bison_vendor, found):
    ended = Run.objects.values_list("state", "error")
    assert {state for state, _error in ended} <= {"succeeded", "incomplete"}, logs(tmp_path)
    # The person keeps a few from their proof, which then say so; most have it.
    assert sum(state == "succeeded" for state, _error in ended) > len(ended) / 2, list(ended)
    assert sum(run.counts.get("thrown_away", 0) for run in Run.objects.all()) > 0
    for workspace in found:
        workspace.refresh_from_db()
        listed, stored = at_vendor(bison_vendor, workspace), in_koppel(workspace)
        assert stored <= listed, f"An account of another workspace is in {workspace}"
        if workspace.accounts_state == Workspace.AccountsState.COMPLETE:
            assert stored == listed
            assert workspace.accounts_in_koppel == workspace.accounts_at_vendor == len(listed)
    for run in Run.objects.filter(kind="bison.email_accounts"):
        for name, facts in run.evidence["workspaces"].items():
            workspace = next(each for each in found if each.workspace_name == name)
            if facts["state"] == "complete":
                assert (
                    facts["here"] == facts["at_vendor"] == len(at_vendor(bison_vendor, workspace))
                )


@pytest.mark.long(60)
@pytest.mark.timeout(420)
def test_ten_workers_and_a_person_leave_every_account_in_its_workspace(
    tmp_path, settings, bison_vendor
):
    bison_vendor.turn(page_size=30, rate_limits=False)
    prove(
        tmp_path,
        settings,
        bison_vendor,
        (2, 5, 6, 7, 8, 9, 10, 13, 15, 18, 21, 27),
        person_every=19,
    )


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_ten_workers_and_a_person_in_full(tmp_path, settings, bison_vendor):
    bison_vendor.turn(rate_limits=False)
    prove(
        tmp_path,
        settings,
        bison_vendor,
        [company.id for company in COMPANIES["maverick"]],
        person_every=61,
    )
