"""Runs through many workspaces: whoever waits for a key holds up those that share it,
and nobody else.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from bison import instances, onboarding, rounds, suppression, turns
from bison.client import fingerprint
from bison.models import Instance, Onboarding, Workspace, WorkspaceResult
from bison.runway import computing
from core import runs
from core.errors import RateLimited
from core.models import Run
from tests.bison import cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
OWN = (3, 4, 6)
SHARED = (5, 9)


@pytest.fixture
def maverick(bison_vendor: Any) -> Instance:
    """Three workspaces with a key of their own, and two that the super-admin key is moved to."""
    made = cast.instance(bison_vendor)
    for number in OWN:
        cast.workspace(made, number, bison_vendor)
    for number in SHARED:
        cast.workspace(
            made,
            number,
            webhook_token_hash=f"{number:064}",
            bison_webhook_secret=f"secret-{number}",
        )
    return made


def suppress() -> Run:
    asked = suppression.ask(["somebody@rival.example"])
    return suppression.suppress_many(asked, actor="test", trigger="test").started.run


def compute() -> Run:
    return computing.start(trigger="test").run


@pytest.mark.timeout(300)
@pytest.mark.parametrize("start", [suppress, compute])
def test_while_somebody_has_the_shared_key_those_with_their_own_are_done(
    maverick: Instance, bison_vendor: Any, start: Callable[[], Run]
) -> None:
    run = start()
    lease = turns.Lease(fingerprint(bison_vendor.admin()))
    assert lease.take()
    worker = in_thread(lambda: runs.execute(run.pk))
    results = WorkspaceResult.objects.filter(run=run)
    assert wait_for(lambda: results.count() == len(OWN), 40)
    assert set(results.values_list("workspace__bison_workspace_id", flat=True)) == set(OWN)
    run.refresh_from_db()
    assert (run.state, run.progress_done, run.progress_total) == (
        "running",
        len(OWN),
        len(OWN) + len(SHARED),
    )
    lease.give_back()
    worker.join()
    run.refresh_from_db()
    assert (
        run.counts["workspaces"]
        == sum(run.outcomes.values())
        == results.count()
        == len(OWN) + len(SHARED)
    )
    assert set(run.evidence["workspaces"]) == set(
        Workspace.objects.values_list("workspace_name", flat=True)
    )
    assert run.progress_done == len(OWN) + len(SHARED)


@pytest.mark.timeout(300)
def test_checklists_of_those_with_their_own_key_do_not_wait_for_the_shared_one(
    maverick: Instance, bison_vendor: Any
) -> None:
    lease = turns.Lease(fingerprint(bison_vendor.admin()))
    assert lease.take()
    worker = in_thread(onboarding.look_at_all)
    tested = Onboarding.objects.filter(api_key_tested=True)
    assert wait_for(lambda: tested.count() == len(OWN), 40)
    assert worker.is_alive()
    lease.give_back()
    worker.join()
    assert Onboarding.objects.count() == len(OWN) + len(SHARED)


def test_a_lane_that_is_asked_to_pause_leaves_the_others_to_their_end_and_the_run_waits() -> None:
    seen: list[int] = []

    def do(number: int) -> None:
        if number == 10:
            raise RateLimited("email_bison", retry_after=7)
        seen.append(number)

    with pytest.raises(RateLimited) as raised:
        rounds.side_by_side([[1, 10, 2], [3, 4], [5]], do, stops=lambda: False)
    assert (sorted(seen), raised.value.retry_after) == ([1, 3, 4, 5], 7)


def test_a_fault_of_the_house_ends_every_lane_and_who_is_asked_to_stop_begins_nothing() -> None:
    begun: list[int] = []

    def do(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise LookupError
        time.sleep(0.01)

    with pytest.raises(LookupError):
        rounds.side_by_side(
            [[0], *([number] * 100 for number in range(1, 5))], do, stops=lambda: False
        )
    assert len(begun) < 300
    begun.clear()
    rounds.side_by_side([[1], [2]], do, stops=lambda: True)
    assert begun == []


def in_thread(do: Callable[[], object]) -> threading.Thread:
    def work() -> None:
        try:
            do()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def wait_for(is_so: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_round_that_nobody_waits_for_any_more_begins_no_other_workspace(db: None) -> None:
    instance = instances.create("maverick", "Maverick")
    made = Workspace.objects.bulk_create(
        Workspace(instance=instance, bison_workspace_id=number, workspace_name=f"Client {number}")
        for number in range(1, 201)
    )
    begun: list[str] = []

    def do(workspace: Workspace) -> rounds.Result:
        begun.append(workspace.workspace_name)
        time.sleep(0.02)
        return rounds.Result(workspace, rounds.State.COMPLETE)

    found = rounds.results(made, do, stops=lambda: False)
    assert next(found).is_complete
    found.close()
    assert len(begun) < 100
    assert len(list(rounds.results(made, do, stops=lambda: False))) == 200
