"""The nightly count: how many accounts the vendor says each workspace has,
against how many rows there are.

One incident for each instance names the workspaces that differ.
"""

from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison import lists
from bison.models import Instance, WorkspaceResult
from bison.session import Session
from bison.syncs import email_accounts
from bison.syncs.parts import Found, Span
from core import incidents
from core.words.sayings import Saying

TITLE: Final = _("%(instance)s: e-mail accounts differ from Email Bison (workspaces: %(count)d)")
REMEDY: Final = _(
    "Sync the e-mail accounts of these workspaces. Where they differ still, reconcile them."
)


def sync(at: Session, _span: Span) -> Found:
    """Hold the total of the list's first page against our rows."""
    began = timezone.now()
    total = lists.total_of(at, email_accounts.PATH)
    counted = email_accounts.in_koppel(at.workspace)
    email_accounts.note_counts(at.workspace, total, counted, began, is_whole=True)
    return Found(total, counted)


def observe(instance: Instance, results: list[WorkspaceResult]) -> None:
    """Open, or close, the instance's one incident by what the count found in its workspaces."""
    counted = [result for result in results if result.at_vendor is not None]
    different = sorted(
        result.workspace.workspace_name
        for result in counted
        if result.at_vendor != result.in_koppel
    )
    if not different and len(counted) < len(results):
        # What could not be counted this time may differ still.
        return
    incidents.observe(
        f"bison_counts:{instance.slug}",
        ok=not different,
        title=Saying(TITLE, {"instance": instance.name, "count": len(different)}),
        what_to_do=REMEDY,
        affected=different,
    )
