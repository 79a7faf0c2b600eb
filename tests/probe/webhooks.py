"""The probe's sources, one per verifier, with secrets from the environment so that other
processes agree on them.
"""

import os
from uuid import UUID

from core.inbox import (
    ChatwootHmac,
    GiveUp,
    LiveKitToken,
    Refused,
    Sender,
    Source,
    StandardWebhooks,
    UrlToken,
    token_fingerprint,
)
from core.masking import Secret
from core.models import InboundEvent
from tests.probe.models import Effect

STANDARD_SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"
CHATWOOT_SECRET = "made-up-chatwoot-secret"
LIVEKIT_KEY = "APIdevTestKey01"
LIVEKIT_SECRET = "made-up-livekit-secret-0123456789abcdef"
TOKEN = "an-unguessable-token-of-the-probe"
ORGANIZATION = UUID("0193d7a0-0000-7000-8000-000000000001")


def standard_secret() -> str | None:
    return os.environ.get("PROBE_STANDARD_SECRET", STANDARD_SECRET) or None


def livekit() -> Sender:
    return Sender(issuer=LIVEKIT_KEY, secrets=(Secret(LIVEKIT_SECRET),))


def chatwoot(account: str) -> Sender:
    if account != "acme":
        raise Refused(404, "Not found", "There is no such webhook address.", "unknown_address")
    return Sender(account=account, organization_id=ORGANIZATION, secrets=(Secret(CHATWOOT_SECRET),))


def find(fingerprint: str) -> Sender | None:
    if fingerprint != token_fingerprint(TOKEN):
        return None
    return Sender(account="maverick/7", workspace_name="Acme")


def only_workspace_seven(payload, sender) -> None:
    event = payload.get("event")
    if isinstance(event, dict) and event.get("workspace_id", 7) != 7:
        raise Refused(
            403, "Other workspace", "This delivery is another workspace's.", "other_workspace"
        )


def leave_an_effect(event: InboundEvent) -> None:
    """One row, then whatever the payload asks for: the effect of a failed attempt must be gone."""
    Effect.objects.create(
        delivery_id=event.delivery_id, source=event.source, number=event.event_data.get("number")
    )
    match event.event_data.get("do"):
        case "raise":
            raise ValueError("a text with a secret-canary-value in it")
        case "give_up":
            raise GiveUp("The meeting belongs to nobody here.")
        case "exit":
            os._exit(9)


HANDLER = "tests.probe.webhooks.leave_an_effect"
SOURCES = [
    Source(
        "probe-standard", "/api/webhooks/probe-standard", StandardWebhooks(standard_secret), HANDLER
    ),
    Source(
        "probe-livekit",
        ("/api/webhooks/probe-livekit", "/webhooks/probe-livekit"),
        LiveKitToken(livekit),
        HANDLER,
        events=frozenset({"room_finished", "egress_ended"}),
        answer=(200, {}),
        delivery_id=lambda payload: str(payload.get("id", "")),
    ),
    Source(
        "probe-chatwoot", "/api/webhooks/probe-chatwoot/{account}", ChatwootHmac(chatwoot), HANDLER
    ),
    Source(
        "probe-token",
        "/api/webhooks/probe-token/{token}",
        UrlToken(find),
        HANDLER,
        answer=(200, {"success": True}),
        accept=only_workspace_seven,
    ),
]
