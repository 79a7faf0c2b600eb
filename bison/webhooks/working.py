"""What a delivery does: a reply is kept, a change of the e-mail accounts has them synced,
an opt-out may hold everywhere, and the rest is counted.

Deliveries come late, twice and in any order: each is worked once, and what it says is added
to what is known.
"""

from typing import Final

from django.db.models import Q

from bison import suppression
from bison.models import Reply, Workspace
from bison.syncs import kinds, replies, starting
from bison.webhooks import events, receiving, registering, status
from core.api import throttles
from core.inbox import GiveUp
from core.models import InboundEvent

NOT_THERE: Final = "The workspace that this was sent to is not in the registry any more."
# Of one workspace and minute.
HINTS: Final = 6
KEPT: Final = events.REPLIES - {"email_bounced"}


def handle(event: InboundEvent) -> None:
    """Work one delivery, in the transaction that marks it as worked."""
    workspace = (
        Workspace.objects.select_related("organization", "instance")
        .filter(pk=event.account)
        .first()
    )
    if workspace is None:
        raise GiveUp(NOT_THERE)
    if receiving.SAMPLE in event.metadata:
        return
    if event.event_type in KEPT:
        replies.store_reply(
            workspace,
            events.part(event.event_data, "data"),
            source=Reply.Source.WEBHOOK,
            interested=event.event_type == "lead_interested",
            as_of=event.received_at,
        )
    elif event.event_type in events.ACCOUNTS:
        _sync_accounts(workspace)
    elif event.event_type == "lead_unsubscribed":
        lead = events.part(events.part(event.event_data, "data"), "lead")
        suppression.note_opt_out(workspace, str(lead.get("email", "")))
    _note(event)


def _sync_accounts(workspace: Workspace) -> None:
    """Have the workspace's e-mail accounts synced; of many hints in a row the last are left
    to the clock's sync.
    """
    if not throttles.take("bison-accounts-hint", str(workspace.pk), HINTS, 60):
        starting.start_sync(
            kinds.EMAIL_ACCOUNTS, workspaces=[workspace.workspace_name], trigger="webhook"
        )


def _note(event: InboundEvent) -> None:
    """Note when the newest delivery came, and that the new secret is in use where
    it came with that.
    """
    earlier = Q(bison_webhook_last_received_at=None) | Q(
        bison_webhook_last_received_at__lt=event.received_at
    )
    Workspace.objects.filter(earlier, pk=event.account).update(
        bison_webhook_last_received_at=event.received_at
    )
    status.note_delivery(event.account)
    if event.metadata.get(receiving.TOKEN) == receiving.CURRENT:
        registering.drop_earlier(event.account)
