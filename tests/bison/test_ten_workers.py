"""Ten workers with one super-admin key, while a person keeps switching: no account lands in a wrong workspace."""

import os
import subprocess
import sys
import threading

import pytest
from django.db import connection

from bison.models import EmailAccount, Workspace
from bison.syncs.starting import start_sync
from core.models import Run
from sandbox.vendors.email_bison.cast import COMPANIES
from tests.bison import cast
from tests.bison.finished import at_vendor, in_koppel
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


def environment(settings):
    made = settings.DATABASES["default"]
    server = f"{made['HOST']}:{made['PORT']}" if made.get("PORT") else made["HOST"]
    address = f"postgres://{made['USER']}:{made['PASSWORD']}@{server}/{connection.settings_dict['NAME']}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": address,
        "DATABASE_POOL_SIZE": "6",
        "PYTHONPATH": str(ROOT),
    }


class Person:
    """Somebody who clicks through the vendor's app, workspace after workspace."""

    def __init__(self, vendor, seconds):
        self.vendor, self.seconds = vendor, seconds
        self.clicks = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._click, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.over.set()
        self.thread.join()

    def _click(self):
        while not self.over.wait(self.seconds):
            self.vendor.act("person_switches")
            self.clicks += 1


def prove(tmp_path, settings, bison_vendor, numbers, pause):
    maverick = cast.instance(bison_vendor)
    found = [cast.workspace(maverick, number) for number in numbers]
    for workspace in found:
        start_sync("email_accounts", workspaces=[workspace.workspace_name], trigger="test")
    for workspace in found[::3]:
        start_sync("pipeline", workspaces=[workspace.workspace_name], trigger="test")
    start_sync("email_accounts", instance="maverick", trigger="test")
    settings_env = environment(settings)
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", WORK.format(count=WORKERS)]
    with Person(bison_vendor, pause) as person, (tmp_path / "workers.log").open("wb") as log:
        begun = subprocess.run(command, cwd=ROOT, env=settings_env, stdout=log, stderr=log, timeout=900, check=False)
    assert begun.returncode == 0, logs(tmp_path)
    assert person.clicks > 10
    check(tmp_path, bison_vendor, found)


def check(tmp_path, bison_vendor, found):
    states = dict(Run.objects.values_list("pk", "state"))
    assert set(states.values()) <= {"succeeded", "incomplete"}, logs(tmp_path)
    # A person who clicks so often may keep a few from their proof, which then say so; and most have it.
    assert sum(state == "succeeded" for state in states.values()) > len(states) / 2
    for workspace in found:
        workspace.refresh_from_db()
        listed, stored = at_vendor(bison_vendor, workspace), in_koppel(workspace)
        assert stored <= listed, f"An account of another workspace is in {workspace}"
        if workspace.accounts_state == Workspace.AccountsState.COMPLETE:
            assert stored == listed
            assert workspace.accounts_in_koppel == workspace.accounts_at_vendor == len(listed)
    for run in Run.objects.filter(kind="bison.email_accounts", state="succeeded"):
        for name, facts in run.evidence["workspaces"].items():
            workspace = next(each for each in found if each.workspace_name == name)
            assert facts["here"] == facts["at_vendor"] == len(at_vendor(bison_vendor, workspace))
    total = EmailAccount.objects.filter(gone_at=None).count()
    assert total == len(set(EmailAccount.objects.values_list("vendor_id", flat=True)))


@pytest.mark.long(60)
@pytest.mark.timeout(420)
def test_ten_workers_and_a_person_leave_every_account_in_its_workspace(tmp_path, settings, bison_vendor):
    bison_vendor.turn(page_size=30, rate_limits=False)
    prove(tmp_path, settings, bison_vendor, (2, 5, 6, 7, 8, 9, 10, 13, 15, 18, 21, 27), pause=0.35)


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_ten_workers_and_a_person_in_full(tmp_path, settings, bison_vendor):
    bison_vendor.turn(rate_limits=False)
    prove(tmp_path, settings, bison_vendor, [company.id for company in COMPANIES["maverick"]], pause=1.0)
