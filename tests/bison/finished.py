"""Syncs that ran to their end, and what the stand-in has against what is in Koppel."""

from typing import Any

from bison.models import EmailAccount, Workspace, WorkspaceResult
from bison.syncs.starting import start_sync
from core import runs
from core.models import Run
from tests.bison.stand_in import BisonVendor


def sync(kind: str = "email_accounts", **wish: Any) -> Run:
    """Start it and work it here; return the run at its end."""
    run = start_sync(kind, trigger="test", **wish).run
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def evidence(run: Run, workspace: Workspace) -> dict[str, Any]:
    """Return what the run says of a workspace."""
    found: dict[str, Any] = run.evidence["workspaces"][workspace.workspace_name]
    return found


def result(run: Run, workspace: Workspace) -> WorkspaceResult:
    return WorkspaceResult.objects.get(run=run, workspace=workspace)


def in_koppel(workspace: Workspace) -> set[int]:
    """Return the numbers of the accounts that Koppel has in a workspace."""
    rows = EmailAccount.objects.filter(workspace=workspace, gone_at=None)
    return set(rows.values_list("vendor_id", flat=True))


def at_vendor(vendor: BisonVendor, workspace: Workspace) -> set[int]:
    """Return the numbers of the accounts that the stand-in has in a workspace,
    without asking it over HTTP.
    """
    found = vendor.vendor.instances[workspace.instance.slug].workspaces[
        workspace.bison_workspace_id
    ]
    return {row["id"] for row in found.contents.accounts.all()}
