"""Every operation of Email Bison's webhooks asked once, of the stand-in,
to be held against the schema.
"""

import json
from collections.abc import Iterator

from django.utils import timezone

from bison import instances
from bison.models import LedgerDay, Workspace
from bison.webhooks import addresses
from core import vendors
from core.models import InboundEvent
from sandbox.vendors import demo_keys
from tests.support.crm_answers import Answered
from tests.support.people import client_of, member, organization, staff
from tests.support.sandbox import Sandbox

EVENTS = "/api/bison/webhook-events"
LEDGER = "/api/bison/ledger"
BODY = {
    "event": {"type": "EMAIL_SEND_FAILED", "workspace_id": 3},
    "data": {"campaign_event": {"id": 7}},
}


def answers(sandbox: Sandbox) -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation, a successful call among them."""
    workspace = _workspace(sandbox)
    client = client_of(staff(username="bison-webhook-staff"))
    outsider = client_of(member("CEO", organization("Webhook outsiders"), "webhook-outsider"))
    path = f"/api/bison/workspaces/{workspace.pk}/webhook"
    yield "POST", f"{path}/rotate", client.post(f"{path}/rotate")
    yield "PUT", path, client.put(path, {"enabled": True, "events": ["email.clicked"]})
    yield "PUT", path, client.put(path, {"enabled": True, "events": ["lead.replied"]})
    yield "GET", path, client.get(path)
    yield "GET", path, outsider.get(path)
    for act in ("check", "repair", "rotate", "sample"):
        yield "POST", f"{path}/{act}", client.post(f"{path}/{act}")
    yield "POST", f"{path}/rotate", client.post(f"{path}/rotate")
    yield from _of_deliveries(workspace)
    yield "GET", LEDGER, client.get(f"{LEDGER}?workspace={workspace.workspace_name}")
    yield "GET", LEDGER, client.get(f"{LEDGER}?from=yesterday")
    yield "GET", LEDGER, outsider.get(LEDGER)


def _of_deliveries(workspace: Workspace) -> Iterator[Answered]:
    """Send one that is ignored, then look at it and have it worked once more."""
    client = client_of(staff(username="bison-event-staff"))
    workspace.refresh_from_db()
    door = addresses.address(workspace).partition("://")[2].partition("/")[2]
    sent = client_of().post(f"/{door}", json.dumps(BODY), content_type="application/json")
    assert sent.status_code == 200, sent.content
    yield "GET", EVENTS, client.get(f"{EVENTS}?type=email.sent&search=none")
    yield "GET", EVENTS, client.get(f"{EVENTS}?status=ignored")
    yield "GET", EVENTS, client.get(f"{EVENTS}?status=lost")
    event = InboundEvent.objects.get(account=str(workspace.pk))
    replay = f"{EVENTS}/{event.pk}/replay"
    yield "POST", replay, client.post(replay)
    yield "POST", replay, client.post(replay)


def _workspace(sandbox: Sandbox) -> Workspace:
    """Return a workspace of the stand-in with its own key, and a day of its ledger."""
    instance = instances.create("schema-webhooks", "Schema")
    entered = {
        "base_url": sandbox.url("email-bison", "/maverick"),
        "super_admin_key": demo_keys.BISON_SUPER_ADMINS["maverick"],
    }
    vendors.save(instance.account, entered, actor="test")
    workspace = Workspace.objects.create(
        instance=instance,
        bison_workspace_id=3,
        workspace_name="Schema of webhooks",
        bison_api_key=demo_keys.bison_workspace_token("maverick", 3),
        bison_api_key_status=Workspace.KeyStatus.ACTIVE,
    )
    LedgerDay.objects.create(
        workspace=workspace, day=timezone.now().date(), checked_at=timezone.now()
    )
    return workspace
