"""How far a sync is costs no more the more there is to do, and goes on from where it was."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bison import instances
from bison.models import Instance, Workspace, WorkspaceResult
from bison.syncs.starting import start_sync
from core import runs
from core.models import Run
from tests.bison.finished import sync
from tests.bison.stand_in import MAVERICK


@pytest.fixture
def maverick(db: None, no_calls_stay: None) -> Instance:
    return instances.create(MAVERICK, "Maverick")


def workspaces(of: Instance, count: int) -> None:
    """Make so many that nobody can be asked: each has its result at once."""
    begin = Workspace.objects.count()
    Workspace.objects.bulk_create(
        Workspace(instance=of, bison_workspace_id=number, workspace_name=f"Client {number:05}")
        for number in range(begin + 1, begin + count + 1)
    )


def counted() -> int:
    """Sync, and return how often the results of a run were counted."""
    with CaptureQueriesContext(connection) as asked:
        sync()
    return sum(
        "COUNT(*)" in each["sql"] and WorkspaceResult._meta.db_table in each["sql"]
        for each in asked
    )


def test_results_are_counted_as_often_for_many_parts_as_for_few(maverick: Instance) -> None:
    workspaces(maverick, 2)
    few = counted()
    workspaces(maverick, 20)
    assert counted() == few == 1


def test_an_attempt_counts_on_from_what_the_ones_before_did(maverick: Instance) -> None:
    workspaces(maverick, 5)
    earlier = sync()
    run = start_sync("email_accounts", trigger="test").run
    for row in WorkspaceResult.objects.filter(run=earlier)[:3]:
        WorkspaceResult.objects.create(
            run=run,
            workspace_id=row.workspace_id,
            kind=row.kind,
            state=row.state,
            reason=row.reason,
            finished_at=row.finished_at,
        )
    runs.execute(run.pk)
    found = Run.objects.get(pk=run.pk)
    assert (found.progress_done, found.progress_total) == (5, 5)
    assert WorkspaceResult.objects.filter(run=run).count() == 5
    assert found.counts["workspaces"] == 2
