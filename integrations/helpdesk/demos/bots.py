"""What the bot of a demo does: it calls people.

Chatwoot keeps a conversation with a bot as pending, where no agent sees it.
So as soon as a visitor has written, the bot opens the conversation.
"""

from typing import Final

from core.inbox import ChatwootHmac, Sender, Source, token_fingerprint
from core.inbox.arrivals import not_known
from core.models import InboundEvent
from core.queue import jobs
from core.secrets.crypto import CannotOpen
from integrations.helpdesk.desks import NoDesk, again
from integrations.models import Demo
from integrations.providers.chatwoot.answers import Missing
from integrations.providers.chatwoot.client import is_number, path_of

PATH: Final = "/api/webhooks/chatwoot/bots"
TASK: Final = "integrations.call_people"
WRITTEN: Final = "message_created"


def sender(token: str) -> Sender:
    """Return whose bot writes to this address, and what it signs with."""
    demo = Demo.objects.filter(bot_token_hash=token_fingerprint(token)).first()
    if demo is None:
        raise not_known()
    secret = demo.bot_secret
    try:
        secrets = (secret,) if secret is not None and secret.reveal() else ()
    except CannotOpen:
        secrets = ()
    return Sender(account=str(demo.pk), organization_id=demo.organization_id, secrets=secrets)


def handle(event: InboundEvent) -> None:
    """Have the conversation opened in which a visitor wrote, if it still waits for the bot."""
    conversation = event.event_data.get("conversation")
    if not isinstance(conversation, dict) or event.event_data.get("message_type") != "incoming":
        return
    number = conversation.get("id")
    if conversation.get("status") == "pending" and is_number(number):
        jobs.after_commit(TASK, event.account, number)


def call_people(demo_id: str, conversation: int) -> None:
    """Open a conversation, so that agents see it; the next message asks again where this fails."""
    demo = (
        Demo.objects.select_related("organization", "integration__account")
        .filter(pk=demo_id)
        .first()
    )
    if demo is None:
        return
    try:
        with again(demo.organization, demo.integration).open("bot") as at:
            path = path_of(at.values, f"/conversations/{conversation}/toggle_status")
            at.client.post(path, json={"status": "open"}, idempotent=True)
    except (NoDesk, Missing):
        # The connection or the conversation is gone.
        return


SOURCE: Final = Source(
    "chatwoot-bot",
    f"{PATH}/{{token}}",
    ChatwootHmac(sender),
    "integrations.helpdesk.demos.bots.handle",
    events=frozenset({WRITTEN}),
)
