"""Everything that can go wrong at once: Fathom's faults, lists that shift, odd meetings,
and a worker that is killed.

Afterwards every meeting that Fathom lists is here once, or in the ledger with its reason,
and the counts add up.
"""

import subprocess
import sys

import pytest

from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.house import ROOT, House, wait_for

MEETINGS = "/external/v1/meetings"
PEOPLE = """
from crm.models import Organization
from crm import services
first, second = (Organization.objects.create(name=name) for name in ("Northwind", "Contoso"))
for one in (first, second):
    services.grant(organization=one, value="example.com", actor="test")
chloe = services.create_rep(organization=first, name="Chloe", email="chloe.martin@example.com")
services.add_alias(rep=chloe, address="c.martin@example.com")
services.create_rep(organization=first, name="Milan", email="milan.devries@example.com")
services.create_rep(organization=first, name="Lena", email="lena.fischer@example.com")
services.create_rep(organization=second, name="Lena", email="lena.fischer@example.com")
left = services.create_rep(organization=first, name="Ruben", email="ruben.smit@example.com")
services.archive_rep(rep=left)
"""
# And one for a rep, who cannot see the other: it has its turn after it.
SYNC = """
from crm.models import SalesRep
from fathom_sync import accounts
from fathom_sync.syncs import sync
run, started = sync.start_sync(accounts.installation(), reset=True, trigger="test")
rep = SalesRep.objects.get(name="Chloe")
part, started = sync.start_sync(accounts.installation(), rep=rep, hours=24, trigger="test")
print(run.pk, part.pk)
"""
RECONCILE = """
from fathom_sync import accounts
from fathom_sync.ledger import reconciling
run, started = reconciling.start_reconcile(accounts.installation(), days=400, trigger="test")
print(run.pk)
"""


class FathomHouse(House):
    """A house whose Fathom is the stand-in, without limits on either side."""

    def __init__(self, home, sandbox):
        super().__init__(home)
        self.sandbox = sandbox

    @property
    def env(self):
        return super().env | {
            "FATHOM_API_BASE_URL": self.sandbox.url("fathom", "/external/v1"),
            "FATHOM_API_KEY": DEMO_KEYS[0],
            "FATHOM_CALLS_PER_MINUTE": "1000000",
            "FATHOM_HEAVY_CALLS_PER_MINUTE": "1000000",
            "FATHOM_HEAVY_CALLS_UNDER_LOAD": "1000000",
            "KOPPEL_ALLOW_PRIVATE_HOSTS": self.sandbox.host,
        }

    def begin(self, name):
        if name == "beat":
            # The clock's own syncs would be joined in place of the one that is watched.
            self.sql(
                "UPDATE django_celery_beat_periodictask SET enabled = false "
                "WHERE task LIKE 'fathom_sync.%%_all'"
            )
        super().begin(name)

    def run(self, script):
        """What a script of the house prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
            cwd=ROOT, env=self.env, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""

    def state(self, run):
        return self.sql("SELECT state FROM runs WHERE id = %s", run)[0][0]

    def processed(self, run):
        return self.sql(
            "SELECT coalesce((counts->>'processed')::int, 0) FROM runs WHERE id = %s", run
        )[0][0]

    def ended(self, run, seconds):
        return wait_for(lambda: self.state(run) not in ("queued", "running"), seconds)


def disturb(sandbox, pages):
    """Each fault a few times, spread over the list."""
    kinds = [
        ("error", {"status": 500}), ("error", {"status": 503}),
        ("rate_limited", {"retry_after": "1"}), ("cut", {}), ("malformed", {}),
        ("html", {"status": 200}), ("duplicate_page", {}), ("changed_rows", {"shift": 3}),
        ("changed_rows", {"shift": -10}),
    ]  # fmt: skip
    for place, (kind, options) in enumerate(kinds):
        for part in range(2):
            after = pages * (place + 1 + part * len(kinds)) // (2 * len(kinds) + 2)
            sandbox.fault("fathom", kind, path=MEETINGS, after=max(1, after), times=1, **options)


def prove_all_here(home, sandbox, count, kills, pause):
    sandbox.turn(
        "fathom",
        rate_limits=False,
        meetings=count,
        arriving=9,
        equal_times=7,
        nulls=0.1,
        strange=0.1,
        broken=0.03,
    )
    with FathomHouse(home, sandbox) as house:
        house.run(PEOPLE)
        disturb(sandbox, count // 10)
        sandbox.fault("fathom", "latency", path=MEETINGS, seconds=pause)
        run, part = house.run(SYNC).split()
        for number in range(kills):
            wanted = count * (number + 1) // (kills + 2)
            assert wait_for(lambda wanted=wanted: house.processed(run) >= wanted, 300), house.logs()
            assert house.state(run) == "running"
            house.kill_and_begin("long")
        assert house.ended(run, 300), house.logs()
        assert house.sql("SELECT attempts > %s FROM runs WHERE id = %s", kills, run) == [(True,)]
        # Whatever died meanwhile: one walk of the account at a time.
        assert house.ended(part, 60), house.logs()
        order = (
            "SELECT one.finished_at <= two.started_at FROM runs one, runs two "
            "WHERE one.id = %s AND two.id = %s"
        )
        assert house.sql(order, run, part) == [(True,)]

        sandbox.heal("fathom")
        sandbox.turn("fathom", arriving=0)
        sandbox.act("fathom", "arrive", count=5, seconds_ago=9 * 86400)
        for _cycle in range(2):
            proof = house.run(RECONCILE)
            assert house.ended(proof, 300), house.logs()
        check(house, sandbox, proof)


def check(house, sandbox, proof):
    facts = sandbox.act("fathom", "facts")
    sound = {str(fact["recording_id"]) for fact in facts if "broken" not in fact["oddities"]}
    columns = "recording_id, outcome, reason, call_id IS NOT NULL"
    rows = house.sql(f"SELECT {columns} FROM fathom_sync_fathommeeting ORDER BY organization_id")
    names = {row[0] for row in rows}
    assert sound - names == set(), "listed at Fathom, and not known here"
    # Those without an id too: each once, whether it was listed with its transcript or without.
    # What two organizations have the address of is in the queue of both.
    assert len(names) == len(facts)
    twice = {name for name in names if sum(row[0] == name for row in rows) > 1}
    doubled = {(row[0].startswith("?"), *row[1:]) for row in rows if row[0] in twice}
    # Without an id it is in both queues for that reason.
    without_id = (True, "error", "no_id", False)
    assert doubled - {without_id} == {(False, "skipped", "ambiguous", False)}
    assert len(rows) == len(names) + len(twice)
    with_id = {name for name in names if not name.startswith("?")}
    assert with_id <= {str(fact["recording_id"]) for fact in facts}
    assert all(
        is_imported if outcome == "imported" else reason
        for _name, outcome, reason, is_imported in rows
    )
    assert {outcome for _name, outcome, _reason, _here in rows} <= {"imported", "skipped", "error"}
    imported = sum(1 for row in rows if row[1] == "imported")
    assert house.sql("SELECT count(*), count(DISTINCT external_id) FROM calls_call") == [
        (imported, imported)
    ]

    # Every run's counts add up.
    for kind, processed, outcomes in house.sql(
        "SELECT kind, counts->>'processed', outcomes FROM runs"
    ):
        assert int(processed or 0) == sum(outcomes.values()), kind
    # And the ledger says the same.
    [state] = house.sql("SELECT state, evidence->'ledger' FROM runs WHERE id = %s", proof)
    assert state[0] == "succeeded", state
    ledger = house.sql("SELECT sum(at_vendor), sum(here), sum(missing) FROM fathom_sync_ledgerday")
    assert ledger == [(len(rows), imported, 0)]


@pytest.mark.long(45)
@pytest.mark.timeout(240)
def test_every_meeting_is_here_or_has_a_reason_whatever_fails(tmp_path, sandbox):
    prove_all_here(tmp_path, sandbox, count=600, kills=2, pause=0.08)


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_every_meeting_is_here_or_has_a_reason_whatever_fails_in_full(tmp_path, sandbox):
    prove_all_here(tmp_path, sandbox, count=20_000, kills=10, pause=0.01)
