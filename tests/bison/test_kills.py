"""A backfill whose worker, Redis and PostgreSQL are killed goes on with what has
no result, and ends right.
"""

import signal
import subprocess
import sys

import pytest

from sandbox.vendors import demo_keys
from tests.support.house import ROOT, House, wait_for

# All but one have a key of their own: what a dead worker had of a shared key,
# nobody has for 90 seconds.
NUMBERS = (6, 7, 8, 13, 19, 21, 23)
BEGIN = """
from bison import instances
from bison.client import fingerprint
from bison.models import Workspace
from bison.syncs.starting import start_sync
from core import vendors
from crm.models import Organization
from datetime import date
from sandbox.vendors.email_bison.cast import COMPANIES
from sandbox.vendors import demo_keys
northwind = Organization.objects.create(name="Northwind")
maverick = instances.create("maverick", "Maverick")
values = dict(base_url={url!r}, super_admin_key={admin!r}, backup_key="")
vendors.save(maverick.account, values, actor="test", insist=True)
for company in COMPANIES["maverick"]:
    if company.id not in {numbers}:
        continue
    made = Workspace(instance=maverick, bison_workspace_id=company.id, workspace_name=company.name,
                     organization=northwind)
    if company.keyed:
        made.bison_api_key = demo_keys.bison_workspace_token("maverick", company.id)
        made.bison_api_key_type, made.bison_api_key_status = "workspace", "active"
    made.save()
first, last = date(2026, 9, 1), date(2026, 10, 31)
run, is_new = start_sync("backfill", first=first, last=last, trigger="test")
print(run.pk)
"""


class BisonHouse(House):
    """A house whose Email Bison is the stand-in."""

    def __init__(self, home, sandbox):
        super().__init__(home)
        self.sandbox = sandbox

    @property
    def env(self):
        return super().env | {"KOPPEL_ALLOW_PRIVATE_HOSTS": self.sandbox.host}

    def begin(self, name):
        if name == "beat":
            # The sweeps alone: they are what finds a run again.
            self.sql(
                "UPDATE django_celery_beat_periodictask SET enabled = false "
                "WHERE task LIKE 'bison.%%'"
            )
        super().begin(name)

    def start(self, **words):
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", BEGIN.format(**words)],
            cwd=ROOT, env=self.env, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return done.stdout.strip().splitlines()[-1]

    def done(self):
        return self.sql("SELECT count(*) FROM bison_workspace_results")[0][0]

    def state(self, run):
        return self.sql("SELECT state FROM runs WHERE id = %s", run)[0][0]


@pytest.mark.long(90)
@pytest.mark.timeout(600)
def test_a_backfill_goes_on_after_every_death_and_ends_right(tmp_path, bison_vendor):
    sandbox = bison_vendor.sandbox
    bison_vendor.turn(rate_limits=False, slow=0.03)
    with BisonHouse(tmp_path, sandbox) as house:
        run = house.start(
            url=bison_vendor.url(),
            admin=demo_keys.BISON_SUPER_ADMINS["maverick"],
            numbers=set(NUMBERS),
        )
        whole = len(NUMBERS) * 6
        for part, death in enumerate((house_worker, house_redis, house_worker, house_postgres), 1):
            # One more than at the last death: whoever was begun then is at work.
            wanted = max(whole * part // 6, house.done() + 1)
            assert wait_for(lambda wanted=wanted: house.done() >= wanted, 150), house.logs()
            assert house.state(run) == "running", house.logs()
            death(house)
        bison_vendor.turn(slow=0)
        assert wait_for(lambda: house.state(run) not in ("queued", "running"), 240), house.logs()
        check(house, bison_vendor, run, whole)


def house_worker(house):
    house.kill_and_begin("long")


def house_redis(house):
    house.restart_redis()


def house_postgres(house):
    house.restart_postgres(signal.SIGQUIT)


def check(house, bison_vendor, run, whole):
    [facts] = house.sql(
        "SELECT state, error, attempts, evidence, counts FROM runs WHERE id = %s", run
    )
    state, error, attempts, evidence, counts = facts
    assert (state, error) == ("succeeded", ""), evidence
    assert attempts >= 3
    # Each part once, and counted once, however often the run began again.
    assert house.done() == counts["workspaces"] == counts["complete"] == whole
    ours = dict(
        house.sql(
            "SELECT w.bison_workspace_id, count(a.id) FROM client_registry w LEFT "
            "JOIN email_accounts_raw a ON a.workspace_id = w.id AND a.gone_at IS NULL GROUP BY 1"
        )
    )
    workspaces = bison_vendor.vendor.instances["maverick"].workspaces
    assert ours == {number: len(workspaces[number].contents.accounts.all()) for number in NUMBERS}
    interested = sum(
        row["interested"] and "2026-09-01" <= row["date_received"] < "2026-11-01"
        for number in NUMBERS
        for row in workspaces[number].contents.replies.all()
    )
    assert house.sql("SELECT count(*) FROM bison_replies WHERE is_interested") == [(interested,)]
    assert house.sql("SELECT count(*), count(DISTINCT email_normalized) FROM crm_lead") == [
        (interested, interested)
    ]
    assert house.sql("SELECT count(*), min(sent) >= 0 FROM bison_daily_figures") == [
        (61 * len(NUMBERS), True)
    ]
