"""How a workspace's webhook is: by what is at the vendor, and by what becomes of what
the vendor sends.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from bison.models import Instance, Workspace
from bison.session import Session
from bison.webhooks import drift as drifts
from bison.webhooks.drift import Drift
from bison.webhooks.events import whole
from core import incidents
from core.words.sayings import Saying

Status = Workspace.WebhookStatus
TAKEN: Final = 200
# After more failures in a row than that it is not one delivery's fault.
FAILURES: Final = 3
TITLE: Final = _("Webhooks at %(instance)s are not as they should be")
WHAT_TO_DO: Final = _(
    "Repair each with one click: somebody changed or removed it at Email Bison. Where deliveries "
    "fail, see whether this site can be reached from outside."
)
DELIVERIES_FAIL: Final = "deliveries_fail"


def of(*, enabled: bool, drift: Drift | None, failures: int) -> str:
    """Return the status of a webhook with this drift, and so many deliveries
    that failed in a row.
    """
    if not enabled:
        return Status.DISABLED
    if failures > FAILURES:
        return Status.FAILING
    if drift and drift["what"] in drifts.NOTHING_COMES:
        return Status.FAILING
    if drift or failures:
        return Status.DEGRADED
    return Status.HEALTHY


def keep(workspace: Workspace, drift: Drift | None, failures: int, **columns: Any) -> None:
    """Store what a look at the vendor found, and have it on this object too."""
    found = of(enabled=workspace.bison_webhook_enabled, drift=drift, failures=failures)
    columns |= {
        "bison_webhook_status": found,
        "webhook_drift": drift,
        "bison_webhook_failure_count": failures,
        "webhook_checked_at": Now(),
    }
    Workspace.objects.filter(pk=workspace.pk).update(**columns)
    workspace.refresh_from_db()


def failures_in_a_row(at: Session, hook_id: int) -> int:
    """Return how many of the newest events the vendor could not deliver to this webhook,
    until one that it could.
    """
    body = at.get("/events").json()
    rows = body.get("data") if isinstance(body, Mapping) else None
    failures = 0
    for row in rows if isinstance(rows, list) else []:
        attempts = _attempts(row, hook_id)
        if any(_is_taken(attempt) for attempt in attempts):
            return failures
        if attempts:
            failures += 1
    return failures


def note_delivery(workspace_id: Any) -> None:
    """Note that a delivery has come in: nothing fails any more."""
    failing = Workspace.objects.select_for_update().filter(
        pk=workspace_id, bison_webhook_failure_count__gt=0
    )
    for workspace in failing:
        found = of(
            enabled=workspace.bison_webhook_enabled, drift=workspace.webhook_drift, failures=0
        )
        failing.update(bison_webhook_failure_count=0, bison_webhook_status=found)


def report(instance: Instance) -> None:
    """Open, follow or close the incident of an instance's webhooks."""
    wrong = Q(webhook_drift__isnull=False) | Q(bison_webhook_status=Status.FAILING)
    differ = Workspace.objects.filter(wrong, instance=instance, gone_at=None).order_by(
        "workspace_name"
    )
    found = {
        each.workspace_name: _what(each) for each in differ.only("workspace_name", "webhook_drift")
    }
    incidents.observe(
        f"bison_webhooks:{instance.slug}",
        ok=not found,
        title=Saying(TITLE, {"instance": instance.name}),
        what_to_do=WHAT_TO_DO,
        facts={"workspaces": len(found), "drift": dict(list(found.items())[:100])},
        affected=list(found),
    )


def _what(workspace: Workspace) -> str:
    if workspace.webhook_drift:
        return str(workspace.webhook_drift["what"])
    return DELIVERIES_FAIL


def _attempts(row: Any, hook_id: int) -> list[Mapping[str, Any]]:
    """Return the attempts to deliver an event to this webhook that the log shows."""
    found = row.get("webhook_deliveries") if isinstance(row, Mapping) else None
    attempts = (
        [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
    )
    return [each for each in attempts if whole(each.get("webhook_url_id")) in {None, hook_id}]


def _is_taken(attempt: Mapping[str, Any]) -> bool:
    for name in ("response_code", "status_code", "status"):
        if whole(attempt.get(name)) == TAKEN:
            return True
    return attempt.get("success") is True
