"""Every operation of Email Bison's syncs asked once: for the test that holds
answers to the schema.
"""

from collections.abc import Iterator

from django.utils import timezone

from bison import instances
from bison.models import Campaign, EmailAccount, Reply, Workspace
from tests.support.crm_answers import Answered
from tests.support.people import client_of, member, organization, staff

SYNCS = "/api/bison/syncs"
LISTS = ("/api/bison/email-accounts", "/api/bison/campaigns", "/api/bison/replies")


def answers() -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation, a successful call among them."""
    workspace = _workspace()
    client = client_of(staff(username="bison-staff"))
    outsider = client_of(member("CEO", organization("Bison outsiders"), "bison-outsider"))
    for path in LISTS:
        yield "GET", path, client.get(f"{path}?workspace={workspace.workspace_name}")
        yield "GET", path, client.get(f"{path}?ordering=x")
        yield "GET", path, outsider.get(path)
    days = {"from": "2026-10-01", "to": "2026-10-31"}
    yield (
        "POST",
        SYNCS,
        client.post(SYNCS, {"kind": "backfill", "workspaces": [workspace.workspace_name], **days}),
    )
    yield "POST", SYNCS, client.post(SYNCS, {"kind": "volume", "instance": "nowhere"})
    yield "POST", SYNCS, outsider.post(SYNCS, {"kind": "volume"})


def _workspace() -> Workspace:
    """Return a workspace that has something of each kind."""
    now = timezone.now()
    instance = instances.create("schema-syncs", "Schema")
    workspace = Workspace.objects.create(
        instance=instance, bison_workspace_id=3, workspace_name="Schema of syncs"
    )
    seen = {"workspace": workspace, "first_seen_at": now, "seen_at": now}
    raw = {
        "emails_sent_count": "7",
        "bounced_count": 2,
        "created_at": "2026-01-01",
        "tags": [{"name": "Warm"}],
    }
    EmailAccount.objects.create(
        instance=instance, vendor_id=1, email="a@example.com", raw=raw, **seen
    )
    EmailAccount.objects.create(
        instance=instance, vendor_id=2, email="b@example.com", raw=[], **seen
    )
    Campaign.objects.create(
        vendor_id="301", name="Founders", raw={"opened": "0", "type": "outbound"}, **seen
    )
    Reply.objects.create(
        vendor_id="45", vendor_lead_id="7", received_at=now, source=Reply.Source.SYNC, **seen
    )
    return workspace
