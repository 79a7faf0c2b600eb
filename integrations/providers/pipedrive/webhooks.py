"""What Pipedrive sends: proved by the Basic credentials that Koppel chose,
and a hint to fetch the account's contacts.

Nothing is signed: whoever has address and password may write.
What an event says of a person is not used, and not kept.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from core.inbox import Refused, Sender, Source, token_fingerprint
from core.inbox.arrivals import Arrival, Verified, not_known, not_signed
from core.inbox.verifiers import senders_of
from core.models import InboundEvent
from integrations import contacts
from integrations.models import Integration, PipedriveWebhook

PATH: Final = "/api/webhooks/pipedrive"
USER: Final = "koppel"
PERSON: Final = "person"
COMPANY: Final = "company_id"
KEPT: Final = (
    "id",
    "action",
    "entity",
    "entity_id",
    "company_id",
    "timestamp",
    "attempt",
    "version",
)


@dataclass(frozen=True)
class Basic:
    """The user and the password of an account's own webhook, in `Authorization`."""

    def senders(self, path: Mapping[str, str]) -> tuple[Sender, ...]:
        return senders_of(sender(path["token"]))

    def verify(self, arrival: Arrival, senders: tuple[Sender, ...]) -> Verified:
        given = _credentials(arrival.header("authorization"))
        for who in senders:
            for secret in who.secrets:
                if hmac.compare_digest(f"{USER}:{secret.reveal()}".encode(), given):
                    return Verified(who)
        raise not_signed()


def sender(token: str) -> Sender:
    """Return whose webhook writes to this address."""
    row = (
        PipedriveWebhook.objects.select_related("integration")
        .filter(token_hash=token_fingerprint(token))
        .first()
    )
    if row is None:
        raise not_known()
    return Sender(
        account=str(row.pk),
        organization_id=row.integration.organization_id,
        secrets=(row.password,),
        metadata={COMPANY: row.company_id},
    )


def accept(payload: Mapping[str, Any], whose: Sender) -> None:
    """Refuse what is of another company than the webhook was made in."""
    if str(_meta(payload).get(COMPANY)) != str(whose.metadata.get(COMPANY)):
        raise Refused(
            403, "Another company", "The event is of another company than this address.", "another"
        )


def event_type(payload: Mapping[str, Any]) -> str:
    """Return "person" for what happened to one; '' else."""
    return PERSON if _meta(payload).get("entity") == PERSON else ""


def identity(payload: Mapping[str, Any]) -> str:
    """Return what makes a delivery the same one, whichever attempt brings it."""
    name = _meta(payload).get("id")
    return name if isinstance(name, str) else ""


def without_values(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event without what it says of people: it is read from the persons themselves."""
    meta = _meta(payload)
    return {"meta": {name: meta[name] for name in KEPT if name in meta}}


def handle(event: InboundEvent) -> None:
    """Have the contacts of the account fetched soon."""
    rows = Integration.objects.filter(pipedrive_webhook=UUID(event.account), is_active=True)
    integration = rows.select_related("account").first()
    if integration is not None:
        contacts.nudge(integration)


def _meta(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = payload.get("meta")
    if isinstance(meta, Mapping):
        return meta
    return {}


def _credentials(header: str) -> bytes:
    """Return what stands in a header of Basic; nothing for what is none."""
    scheme, _space, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(coded.strip().encode(), validate=True)
    except (binascii.Error, ValueError):
        return b""


SOURCE: Final = Source(
    name="pipedrive",
    pattern=f"{PATH}/{{token}}",
    verifier=Basic(),
    handler="integrations.providers.pipedrive.webhooks.handle",
    events=frozenset({PERSON}),
    answer=(200, {"success": True}),
    event_type=event_type,
    delivery_id=identity,
    accept=accept,
    strip=without_values,
)
