"""From an arrival to a row that is ready to be stored. No waiting, no database:
every server's way in calls this.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from core.ids import time_of, uuid7
from core.inbox.arrivals import Arrival, Refused, Sender, Verified
from core.inbox.payloads import read, write
from core.inbox.sources import Source
from core.models import InboundEvent

_CLEAN = str.maketrans({"\x00": "�"})


class Delivery(NamedTuple):
    """One verified delivery, in the order of the columns of storing.STORE."""

    key: str
    id: UUID
    received_at: datetime
    source: str
    account: str
    organization_id: UUID | None
    workspace_name: str
    delivery_id: str
    event_type: str
    event_data: bytes
    event_signature: str
    processing_status: str
    source_ip: str | None
    user_agent: str
    request_id: str
    metadata: bytes


def receive(source: Source, arrival: Arrival, senders: tuple[Sender, ...]) -> Delivery:
    """Return what came in verified, read, with an identity, and rid of what is not to be kept;
    or raise Refused.
    """
    verified = source.verifier.verify(arrival, senders)
    payload, text, changed = read(
        arrival.body, leniently=source.leniently, list_name=source.list_name
    )
    if source.accept:
        source.accept(payload, verified.sender)
    event_type = source.event_type(payload)
    identity = _identity(source, arrival, verified, payload)
    if source.strip:
        text = write(source.strip(payload))
    return _delivery(source, arrival, verified, identity, event_type, text, changed)


def receipt_key(source: str, account: str, identity: str) -> str:
    """Return what a delivery's receipt is found by, whole."""
    return sha256("\x00".join((source, account, identity)).encode("utf-8", "replace")).hexdigest()


def error_body(refused: Refused, request_id: str) -> bytes:
    """Return the house's error shape."""
    return orjson.dumps(
        {
            "success": False,
            "error": refused.error,
            "message": refused.message,
            "requestId": request_id,
        }
    )


def _identity(source: Source, arrival: Arrival, verified: Verified, payload: dict[str, Any]) -> str:
    """Return what makes a second delivery the same one: the vendor's id, what the source says,
    or the body itself.
    """
    own = ""
    if source.delivery_id:
        own = source.delivery_id(payload)
    return verified.delivery_id or own or "body:" + sha256(arrival.body).hexdigest()


def _delivery(
    source: Source,
    arrival: Arrival,
    verified: Verified,
    identity: str,
    event_type: str,
    text: bytes,
    changed: bool,
) -> Delivery:
    event_id = uuid7()
    sender = verified.sender
    status = InboundEvent.Status.IGNORED
    if source.wants(event_type):
        status = InboundEvent.Status.PENDING
    metadata = sender.metadata
    if changed:
        metadata = {**sender.metadata, "made_storable": True}
    return Delivery(
        key=receipt_key(source.name, sender.account, identity),
        id=event_id,
        received_at=time_of(event_id),
        source=source.name,
        account=sender.account,
        organization_id=sender.organization_id,
        workspace_name=sender.workspace_name,
        delivery_id=_fit(identity, 200),
        event_type=_fit(event_type, 120),
        event_data=text,
        event_signature=_fit(verified.signature, 500),
        processing_status=status.value,
        source_ip=arrival.ip,
        user_agent=_fit(arrival.header("user-agent"), 300),
        request_id=arrival.request_id,
        metadata=orjson.dumps(dict(metadata)) if metadata else b"{}",
    )


def _fit(text: str, length: int) -> str:
    return text[:length].translate(_CLEAN)
