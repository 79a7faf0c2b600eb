"""What becomes a suppression by itself, where the house has switched that on:
opt-outs, and customers.

Each only writes rows that wait. The clock starts the run that puts them into effect,
one for all that came.
"""

from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bison.models import Suppression, SuppressionState, Workspace
from bison.suppression import applying, config, storing
from bison.suppression.adding import Source, store
from bison.suppression.asking import Asked, Scope
from bison.suppression.values import hashed, read
from core import audit, runs
from crm.models import Lead
from crm.privacy import returning

# Customers looked at in one round; the next round takes the next.
AT_ONCE: Final = 500


def note_opt_out(workspace: Workspace, email: str) -> Suppression | None:
    """Suppress in all workspaces whoever opted out in one, where the house shares opt-outs.

    It only writes to the database: the handler of a delivery may call it.
    None where nothing was to be done.
    """
    if not config.is_on(config.SHARE_OPT_OUTS):
        return None
    try:
        value = read(email)
    except ValidationError:
        return None
    if value.kind != Suppression.Kind.ADDRESS:
        return None
    known = Suppression.objects.filter(value__in=[value.text, hashed(value).text], removed_at=None)
    if known.filter(scope=Scope.ALL).exists() or returning.is_erased(
        workspace.organization_id, value.text
    ):
        # Whoever was erased is stored by no rule; the workspace that they opted out
        # in has it itself.
        return None
    reason = _("Opted out in %(workspace)s") % {"workspace": workspace.workspace_name}
    asked = Asked([value], Scope.ALL, [])
    with transaction.atomic():
        row = store(asked, reason=reason[:300], confirmed=False, by="", source=Source.OPT_OUT)[0]
        _record(row, "opt_out", workspace.workspace_name)
    return row


def add_customers() -> int:
    """Suppress customers in the workspaces of their organization, where the house wants that;
    return how many.
    """
    if not config.is_on(config.CUSTOMERS):
        return 0
    workspaces: dict[UUID, list[Workspace]] = {}
    for workspace in Workspace.objects.filter(gone_at=None).exclude(organization=None):
        workspaces.setdefault(UUID(str(workspace.organization_id)), []).append(workspace)
    won = Lead.objects.filter(status=Lead.Status.WON, organization_id__in=list(workspaces))
    won = won.exclude(email_normalized="").exclude(
        email_normalized__in=Suppression.objects.filter(source=Source.CUSTOMER).values("value")
    )
    added = 0
    for lead in won.order_by("created_at")[:AT_ONCE]:
        added += _add_customer(lead, workspaces[lead.organization_id])
    return added


def _add_customer(lead: Lead, workspaces: list[Workspace]) -> bool:
    try:
        value = read(lead.email_normalized)
    except ValidationError:
        return False
    named = [value.text, hashed(value).text]
    existing = Suppression.objects.filter(value__in=named, removed_at=None).order_by("value").last()
    if existing is not None and _reaches(existing, workspaces):
        return False
    asked = Asked([value], Scope.WORKSPACE, workspaces)
    reason = _("Customer in the CRM")
    with transaction.atomic():
        row = store(asked, reason=reason, confirmed=False, by="", source=Source.CUSTOMER)[0]
        _record(row, "customer", ", ".join(each.workspace_name for each in workspaces[:20]))
    return True


def _reaches(row: Suppression, workspaces: list[Workspace]) -> bool:
    return row.scope == Scope.ALL or {each.pk for each in workspaces} <= set(row.workspace_ids)


def _record(row: Suppression, rule: str, where: str) -> None:
    audit.record(
        "bison.suppressed", actor="bison", target=row, rule=rule, workspaces=where, count=1
    )


def apply_what_waits(*, trigger: str = "clock") -> runs.Started | None:
    """Start the run that does what waits, new workspaces included; None where nothing waits."""
    add_customers()
    storing.lay_out()
    waiting = SuppressionState.objects.filter(
        state=SuppressionState.State.WAITING, workspace__gone_at=None
    )
    if not waiting.exists():
        return None
    return applying.start_waiting(trigger=trigger)
