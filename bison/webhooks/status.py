"""How a workspace's webhook is: by what is at the vendor, and by what becomes of what the vendor sends."""

from collections.abc import Mapping
from typing import Any, Final

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
WHAT_TO_DO: Final = _("Somebody changed or removed them at Email Bison. Repair each with one click.")


def of(*, enabled: bool, drift: Drift | None, failures: int) -> str:
    """Return the status of a webhook with this drift, and so many deliveries that failed in a row."""
    if not enabled:
        return Status.DISABLED
    if failures > FAILURES or (drift and drift["what"] in drifts.NOTHING_COMES):
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
    """Return how many of the newest events the vendor could not deliver to this webhook, until one that it could."""
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
    failing = Workspace.objects.select_for_update().filter(pk=workspace_id, bison_webhook_failure_count__gt=0)
    for workspace in failing:
        found = of(enabled=workspace.bison_webhook_enabled, drift=workspace.webhook_drift, failures=0)
        failing.update(bison_webhook_failure_count=0, bison_webhook_status=found)


def report(instance: Instance) -> None:
    """Open, follow or close the incident of an instance's webhooks."""
    enabled = Workspace.objects.filter(instance=instance, gone_at=None, bison_webhook_enabled=True)
    differ = enabled.filter(webhook_drift__isnull=False).order_by("workspace_name")
    found = list(differ.values_list("workspace_name", "webhook_drift"))
    incidents.observe(
        f"bison_webhooks:{instance.slug}",
        ok=not found,
        title=Saying(TITLE, {"instance": instance.name}),
        what_to_do=WHAT_TO_DO,
        facts={"workspaces": len(found), "drift": {name: (drift or {}).get("what") for name, drift in found[:100]}},
        affected=[name for name, _drift in found],
    )


def _attempts(row: Any, hook_id: int) -> list[Mapping[str, Any]]:
    """Return the attempts to deliver an event to this webhook that the log shows."""
    found = row.get("webhook_deliveries") if isinstance(row, Mapping) else None
    attempts = [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
    return [each for each in attempts if whole(each.get("webhook_url_id")) in {None, hook_id}]


def _is_taken(attempt: Mapping[str, Any]) -> bool:
    for name in ("response_code", "status_code", "status"):
        if whole(attempt.get(name)) == TAKEN:
            return True
    return attempt.get("success") is True
