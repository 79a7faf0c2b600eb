"""One line of a log, with all that is kept of it: a call that was made, or a delivery that came."""

import json
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from core.inbox.replaying import MAY_GO_AGAIN
from core.models import ApiCall, InboundEvent
from dashboard import signs
from dashboard.workspaces import starters
from dashboard.workspaces.tabs import May

# A payload is shown so far; whole it is in the API.
LONGEST_PAYLOAD: Final = 20_000


def of_call(call: ApiCall) -> dict[str, Any]:
    """Return what the page of a call shows."""
    facts = [
        (_("Workspace"), call.workspace_name or "–"),
        (_("Instance"), call.instance or "–"),
        (_("Status"), call.status_code or "–"),
        (_("Milliseconds"), call.response_time_ms),
        (_("Key"), f"…{call.api_key_used}" if call.api_key_used else "–"),
        (_("Whose key"), call.api_key_type or "–"),
        (_("Made for"), call.function_name or "–"),
        (_("Started by"), starters.in_words(call.triggered_by)),
        (_("Attempt"), call.attempt),
        (_("When"), signs.ago(call.created_at)),
        (_("Request"), call.request_id or "–"),
        (_("Run"), call.run_id or "–"),
    ]
    return {
        "title": f"{call.method} {call.endpoint}",
        "list_name": _("Audit logs"),
        "list_url": reverse("dashboard:workspace_calls"),
        "state": call.outcome,
        "error": call.error_message,
        "facts": facts,
    }


def of_event(event: InboundEvent, may: May) -> dict[str, Any]:
    """Return what the page of a delivery shows."""
    facts = [
        (_("Workspace"), event.workspace_name or "–"),
        (_("Received"), signs.ago(event.received_at)),
        (_("Worked"), signs.ago(event.processed_at)),
        (_("Retries"), event.retry_count),
        (_("Delivery"), event.delivery_id),
        (_("Sent from"), event.source_ip or "–"),
        (_("Program"), event.user_agent or "–"),
    ]
    replay_url = ""
    if may.replay and event.processing_status in MAY_GO_AGAIN:
        replay_url = reverse("dashboard:workspace_replay", args=[event.pk])
    payload = json.dumps(event.event_data, indent=2, ensure_ascii=False)
    return {
        "title": event.event_type or _("Without a type"),
        "list_name": _("Deliveries"),
        "list_url": reverse("dashboard:workspace_events"),
        "state": event.processing_status,
        "error": event.processing_error,
        "facts": facts,
        "payload": payload[:LONGEST_PAYLOAD],
        "replay_url": replay_url,
    }
