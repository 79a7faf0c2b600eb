"""Events of an account: signed with the secret of our own webhook there,
and only a hint to fetch its contacts.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone

from core.inbox import ChatwootHmac, Refused, Sender, Source, token_fingerprint
from core.inbox.arrivals import not_known
from core.models import InboundEvent
from core.secrets.crypto import CannotOpen
from integrations.contacts.scheduling import nudge
from integrations.models import ChatwootWebhook

PATH: Final = "/api/webhooks/chatwoot"
EVENTS: Final = ("contact_created", "contact_updated")
NUMBER: Final = "account"


def sender(token: str) -> Sender:
    """Return whose webhook writes to this address, and what it signs with."""
    row = (
        ChatwootWebhook.objects.select_related("integration")
        .filter(token_hash=token_fingerprint(token))
        .first()
    )
    if row is None:
        raise not_known()
    try:
        secrets = (row.secret,) if row.secret is not None and row.secret.reveal() else ()
    except CannotOpen:
        secrets = ()
    return Sender(
        account=str(row.pk),
        organization_id=row.integration.organization_id,
        secrets=secrets,
        metadata={NUMBER: row.account_id},
    )


def accept(payload: Mapping[str, Any], whose: Sender) -> None:
    """Refuse what is of another account than the webhook was made in."""
    account = payload.get("account")
    if not isinstance(account, Mapping) or account.get("id") != whose.metadata.get(NUMBER):
        raise Refused(
            403, "Another account", "The event is of another account than this address.", "another"
        )


def handle(event: InboundEvent) -> None:
    """Note that the account lives, and have its contacts fetched soon."""
    row = (
        ChatwootWebhook.objects.select_related("integration__account")
        .filter(pk=event.account)
        .first()
    )
    if row is None:
        return
    ChatwootWebhook.objects.filter(pk=row.pk).update(last_event_at=timezone.now())
    if row.integration.account.values.get("features.syncContacts") != "false":
        nudge(row.integration)


SOURCE: Final = Source(
    "chatwoot",
    f"{PATH}/{{token}}",
    ChatwootHmac(sender),
    "integrations.providers.chatwoot.webhooks.handle",
    events=frozenset(EVENTS),
    accept=accept,
)
