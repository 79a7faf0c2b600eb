"""One workspace, with all that is known of it in one place."""

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bison import naming
from bison.keys.usage import where_used
from bison.models import Onboarding, Workspace, WorkspaceResult
from core import outgoing
from core.models import ApiCall
from core.outgoing.keys import Use
from core.postgres import partitions
from core.runs import kinds
from dashboard import signs
from dashboard.proofs import Proof
from dashboard.tables import Column, Empty, Table
from dashboard.workspaces import starters
from dashboard.workspaces.forms import KeyForm, WebhookForm, WorkspaceForm
from dashboard.workspaces.rows import WorkspaceRow

RESULTS_SHOWN: Final = 8
CALLS_SHOWN: Final = 8
# Calls that are older are in the log alone.
CALLS_SINCE: Final = timedelta(days=7)
# The items of the checklist, in the order in which they can be done.
ITEMS: Final = {
    "api_key_generated": gettext_lazy("It has a key of its own"),
    "api_key_tested": gettext_lazy("The key has worked"),
    "webhook_url_configured": gettext_lazy("The webhook is registered at Email Bison"),
    "webhook_secret_generated": gettext_lazy("Its address is secret"),
    "webhook_tested": gettext_lazy("A delivery has come in"),
    "initial_sync_completed": gettext_lazy("The first sync is complete"),
}
KINDS: Final = {
    "email_accounts": gettext_lazy("E-mail accounts"),
    "pipeline": gettext_lazy("Pipeline"),
    "analytics": gettext_lazy("Analytics"),
    "volume": gettext_lazy("Volume"),
}


# Beside those that a person starts here.
OTHERS: Final = {
    "counts": gettext_lazy("Count of e-mail accounts"),
    "runway": gettext_lazy("Runway"),
    "suppress": gettext_lazy("Suppressions"),
    "suppress_trial": gettext_lazy("Suppressions, on trial"),
}


def page(workspace: Workspace) -> dict[str, Any]:
    """Return what the page of a workspace shows."""
    return {
        "row": WorkspaceRow(workspace),
        "key_form": KeyForm(),
        "webhook_form": WebhookForm.of(workspace),
        "form": WorkspaceForm.of(workspace),
        "kinds": list(KINDS.items()),
        "workspace": workspace,
        "facts": _facts(workspace),
        "proof": accounts_proof(workspace),
        "results": _results(workspace),
        "calls": _calls(workspace),
        "steps": _steps(workspace),
    }


def _facts(workspace: Workspace) -> list[tuple[str, Any]]:
    facts = [
        (_("Instance"), workspace.instance.name),
        (_("Number at Email Bison"), workspace.bison_workspace_id),
        (_("Organization"), workspace.organization or "–"),
    ]
    if workspace.gone_at is not None:
        facts.append((_("Listed no more since"), signs.ago(workspace.gone_at)))
    if workspace.api_notes:
        facts.append((_("Notes"), workspace.api_notes))
    return facts


def accounts_proof(workspace: Workspace) -> Proof | None:
    """Return the last count of the e-mail accounts; None where nobody counted."""
    if workspace.accounts_at_vendor is None:
        return None
    missing = max(workspace.accounts_at_vendor - workspace.accounts_in_koppel, 0)
    present = workspace.accounts_at_vendor - missing
    # Equal numbers are no proof where the last check said otherwise.
    is_whole = workspace.accounts_state == Workspace.AccountsState.COMPLETE
    checked_at = workspace.accounts_checked_at
    return Proof(workspace.accounts_at_vendor, present, 0, missing, checked_at, is_whole=is_whole)


def _kind(name: str) -> str:
    """Return what was done, in words; of a part of a backfill the days too."""
    kind, _space, days = name.partition(" ")
    words = KINDS.get(kind) or OTHERS.get(kind) or kind
    return f"{words} {days}".strip()


def _results(workspace: Workspace) -> Table[WorkspaceResult]:
    rows = list(WorkspaceResult.objects.filter(workspace=workspace)[:RESULTS_SHOWN])
    columns = [
        Column[WorkspaceResult]("kind", _("Sync"), lambda row: _kind(row.kind), names_row=True),
        Column[WorkspaceResult](
            "state", _("State"), lambda row: signs.status(row.state, quiet=True)
        ),
        Column[WorkspaceResult](
            "in_koppel", _("In Koppel"), lambda row: row.in_koppel, numeric=True
        ),
        Column[WorkspaceResult](
            "at_vendor", _("At the vendor"), lambda row: row.at_vendor, numeric=True
        ),
        Column[WorkspaceResult]("why", _("Why"), lambda row: row.why),
        Column[WorkspaceResult]("when", _("When"), lambda row: signs.ago(row.finished_at)),
    ]
    empty = Empty(
        _("No sync yet"), _("The first one runs by itself, or when you start it."), "refresh-cw"
    )
    return Table(_("Syncs"), columns, rows, empty)


def _calls(workspace: Workspace) -> Table[ApiCall]:
    since = timezone.now() - CALLS_SINCE
    calls = outgoing.found(outgoing.Wanted(workspace=naming.of(workspace)))
    rows = partitions.newest(calls, CALLS_SHOWN, column="created_at", since=since)
    columns = [
        Column[ApiCall](
            "call", _("API call"), lambda call: f"{call.method} {call.endpoint}", names_row=True
        ),
        Column[ApiCall](
            "outcome", _("Outcome"), lambda call: signs.status(call.outcome, quiet=True)
        ),
        Column[ApiCall]("status", _("Status"), lambda call: call.status_code, numeric=True),
        Column[ApiCall]("ms", _("Milliseconds"), lambda call: call.response_time_ms, numeric=True),
        Column[ApiCall]("when", _("When"), lambda call: signs.ago(call.created_at)),
    ]
    empty = Empty(
        _("No calls in the last days"),
        _("Every call that Koppel makes for it stands here."),
        "activity",
    )
    return Table(_("API calls"), columns, rows, empty)


def _steps(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the checklist: what is proved, and why not what is not."""
    checklist = Onboarding.objects.filter(workspace=workspace).first() or Onboarding(
        workspace=workspace
    )
    return [
        {"title": title, "done": getattr(checklist, name), "why": checklist.blocked.get(name, "")}
        for name, title in ITEMS.items()
    ]


def usage(workspace: Workspace) -> dict[str, Any]:
    """Return where the workspace's own key is used: by which jobs, for whom, and when last."""
    found = where_used(workspace)
    columns: list[Column[Use]] = [
        Column(
            "job", _("Job"), lambda used: kinds.humanised(used.function_name) or "–", names_row=True
        ),
        Column("workspace", _("Workspace"), lambda used: used.workspace_name),
        Column("by", _("Started by"), lambda used: starters.in_words(used.triggered_by)),
        Column("calls", _("API calls"), lambda used: used.calls, numeric=True),
        Column("last", _("Last call"), lambda used: signs.ago(used.last_call_at)),
    ]
    empty = Empty(
        _("No call was made with it"),
        _("The log of calls goes thirty days back here."),
        "key-round",
    )
    return {
        "row": WorkspaceRow(workspace),
        "usage": found,
        "table": Table(_("Where the key is used"), columns, list(found.calls), empty),
        "facts": [
            (_("Workspaces with this key"), ", ".join(found.workspaces) or "–"),
            (_("Webhooks"), ", ".join(found.webhooks) or "–"),
            (_("Calls in thirty days"), found.total),
            (_("Last call"), signs.ago(found.last_call_at)),
        ],
    }
