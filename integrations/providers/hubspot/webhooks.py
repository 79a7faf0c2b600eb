"""What HubSpot sends to the app: an array of events, signed with the app's secret;
each is a hint to fetch contacts.

One address serves all accounts that Koppel is installed in, and a delivery may hold events of
several: each is for the integrations of the account that it names, and no others. What an event
says of a contact is not used: the events come in no order, and the next pull reads what is so.
"""

import base64
import hmac
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from core.inbox.arrivals import Arrival, Sender, Verified, not_signed
from core.inbox.sources import Source
from core.inbox.verifiers import senders_of
from core.masking import Secret
from core.models import InboundEvent
from integrations import contacts
from integrations.models import Integration, OAuthGrant
from integrations.providers.hubspot.names import KEY

PATH: Final = "/api/webhooks/hubspot"
OLDEST: Final = 300
CONTACT: Final = "contact."
EVENTS: Final = "events"
KEPT: Final = (
    "eventId",
    "subscriptionId",
    "portalId",
    "occurredAt",
    "subscriptionType",
    "attemptNumber",
    "objectId",
)


def sender() -> Sender:
    """Return who may write to the app's address: whoever has the app's secret."""
    secret = os.environ.get(f"{KEY}_CLIENT_SECRET", "")
    return Sender(account="app", secrets=(Secret(secret),) if secret else ())


@dataclass(frozen=True)
class SignatureV3:
    """base64(HMAC-SHA256(secret, "POST" + the address as it is known outside + body + time)),
    within five minutes.
    """

    path: str

    def senders(self, path: Mapping[str, str]) -> tuple[Sender, ...]:
        return senders_of(sender())

    def verify(self, arrival: Arrival, senders: tuple[Sender, ...]) -> Verified:
        stamp, given = (
            arrival.header("x-hubspot-request-timestamp"),
            arrival.header("x-hubspot-signature-v3"),
        )
        _check_age(stamp)
        # With a slash at its end, or without: as the address was entered at HubSpot.
        addresses = [f"{settings.PUBLIC_URL}{self.path}", f"{settings.PUBLIC_URL}{self.path}/"]
        for who in senders:
            for secret in who.secrets:
                for address in addresses:
                    signed = b"POST" + address.encode() + arrival.body + stamp.encode()
                    expected = base64.b64encode(
                        hmac.digest(secret.reveal().encode(), signed, "sha256")
                    )
                    if hmac.compare_digest(expected, given.encode()):
                        return Verified(who, signature=given)
        raise not_signed()


def event_type(payload: Mapping[str, Any]) -> str:
    """Return "contact" where any of the events is of a contact; '' else."""
    if any(
        str(event.get("subscriptionType", "")).startswith(CONTACT) for event in _events(payload)
    ):
        return "contact"
    return ""


def identity(payload: Mapping[str, Any]) -> str:
    """Return what makes a delivery the same one: its events, whichever attempt brings them."""
    names = [
        f"{event.get('eventId')}.{event.get('subscriptionId')}.{event.get('occurredAt')}"
        for event in _events(payload)
    ]
    return ",".join(sorted(names))


def without_values(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the events without what they say of people:
    it is read from the contacts themselves.
    """
    return {
        EVENTS: [
            {name: event[name] for name in KEPT if name in event} for event in _events(payload)
        ]
    }


def handle(event: InboundEvent) -> None:
    """Have the contacts of each account that an event names fetched soon."""
    events = [
        each
        for each in _events(event.event_data)
        if str(each.get("subscriptionType", "")).startswith(CONTACT)
    ]
    portals = {str(each.get("portalId")) for each in events}
    live = OAuthGrant.objects.filter(
        external_account_id__in=portals, state=OAuthGrant.State.LIVE, integration__provider=KEY
    )
    rows = Integration.objects.filter(pk__in=live.values("integration_id"), is_active=True)
    for integration in rows.select_related("account"):
        contacts.nudge(integration)


def _events(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = payload.get(EVENTS)
    if not isinstance(found, list):
        return []
    return [event for event in found if isinstance(event, Mapping)]


def _check_age(stamp: str) -> None:
    """Raise Refused for a time that is none, is long ago, or is still to come."""
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 16):
        raise not_signed()
    if abs(time.time() - int(stamp) / 1000) > OLDEST:
        raise not_signed()


SOURCE: Final = Source(
    name="hubspot",
    pattern=PATH,
    verifier=SignatureV3(PATH),
    handler="integrations.providers.hubspot.webhooks.handle",
    events=frozenset({"contact"}),
    answer=(200, {"success": True}),
    event_type=event_type,
    delivery_id=identity,
    strip=without_values,
    list_name=EVENTS,
)
