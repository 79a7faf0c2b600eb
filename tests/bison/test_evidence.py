"""What a run over many workspaces keeps: numbers of all, the worst by name, every reason."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bison import evidence, instances
from bison.models import Instance, Workspace, WorkspaceResult
from bison.webhooks import checking
from core import runs
from tests.bison.finished import sync
from tests.bison.stand_in import MAVERICK

MANY = evidence.NAMED + 20


@pytest.fixture
def many(db: None, no_calls_stay: None) -> Instance:
    """So many workspaces that none of them can be asked: nobody has a key."""
    made = instances.create(MAVERICK, "Maverick")
    Workspace.objects.bulk_create(
        Workspace(
            instance=made,
            bison_workspace_id=number,
            workspace_name=f"Client {number:05}",
            bison_webhook_id=number,
        )
        for number in range(1, MANY + 1)
    )
    return made


def test_few_stand_there_each_by_name() -> None:
    found = {name: {"state": "complete"} for name in ("Aspen", "Birch")}
    assert evidence.bounded(found) == {"workspaces": found}


def test_of_many_the_worst_stand_there_and_the_numbers_are_of_all() -> None:
    found = {f"Fine {number}": {"state": "complete"} for number in range(evidence.NAMED)}
    found |= {f"Short {number:04}": {"state": "incomplete"} for number in range(evidence.NAMED)}
    found |= {"Broken": {"state": "failed"}, "Without": {"state": "refused"}}
    found |= {"Moved": {"state": "complete", "drift": {"what": "missing"}}}
    kept = evidence.bounded(found)
    assert list(kept["workspaces"])[:3] == ["Broken", "Without", "Short 0000"]
    assert len(kept["workspaces"]) == evidence.NAMED
    assert kept["states"] == {
        "complete": evidence.NAMED + 1,
        "incomplete": evidence.NAMED,
        "failed": 1,
        "refused": 1,
    }
    assert sum(kept["states"].values()) == len(found)


def test_a_sync_of_many_says_of_all_how_it_went(many: Instance) -> None:
    run = sync()
    assert run.state == "incomplete"
    assert len(run.evidence["workspaces"]) == evidence.NAMED
    assert run.evidence["states"] == {"failed": MANY}
    rows = WorkspaceResult.objects.filter(run=run)
    assert rows.count() == MANY
    assert not rows.filter(reason="").exists()


def test_a_round_without_rows_loses_no_reason(many: Instance) -> None:
    run = checking.start(trigger="test").run
    runs.execute(run.pk)
    run.refresh_from_db()
    assert run.state == "incomplete"
    assert run.outcomes == {"not_checked": MANY}
    named = run.evidence["workspaces"]
    assert (len(named), run.evidence["states"]) == (evidence.NAMED, {"failed": MANY})
    rows = WorkspaceResult.objects.filter(run=run).select_related("workspace")
    reasons = {row.workspace.workspace_name: row.reason for row in rows}
    assert len(reasons) == MANY - evidence.NAMED
    assert not reasons.keys() & named.keys()
    assert set(reasons.values()) == {facts["reason"] for facts in named.values()}
    assert {row.kind for row in rows} == {"webhooks"}


def test_the_command_says_how_many_there_were(
    many: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError):
        call_command("sync_email_accounts")
    assert f"{MANY} failed" in capsys.readouterr().out
