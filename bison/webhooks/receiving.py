"""Deliveries as they come in: an address that nobody can guess, and an event of the workspace
that it belongs to.

The vendor signs nothing. One look-up finds the workspace by the token's keyed hash;
all else is in memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from bison.client import base_url
from bison.models import Workspace
from bison.webhooks import addresses, events
from core import vendors
from core.inbox import Refused, Sender, Source, token_fingerprint
from core.inbox.arrivals import Arrival, Verified, not_known

SOURCE_NAME: Final = "email-bison"
# Which token a delivery came with, and the sample that it is.
TOKEN: Final = "token"  # noqa: S105 - a name
SAMPLE: Final = "sample"
CURRENT: Final = "current"
EARLIER: Final = "earlier"


@dataclass(frozen=True, slots=True)
class OurWorkspace(Sender):
    """Whose address it is. `places`: what its instance may call itself;
    `sample`: the name of the sample asked for.
    """

    number: int = 0
    places: tuple[str, ...] = ()
    sample: str = ""


class OurAddress:
    """The proof that a delivery has: the address that it came to."""

    def senders(self, path: Mapping[str, str]) -> tuple[Sender, ...]:
        """Return the workspace whose token this is, or the one whose it was before;
        404 for any other.

        Nobody is let in by the address of a webhook that is off.
        """
        fingerprint = token_fingerprint(path["token"])
        ours = Q(webhook_token_hash=fingerprint) | Q(earlier_webhook_token_hash=fingerprint)
        on = Workspace.objects.filter(ours, bison_webhook_enabled=True)
        found = on.select_related("instance__account").first()
        if found is None:
            raise not_known()
        sample = path.get("sample", "")
        if sample and not addresses.is_sample(str(found.pk), sample):
            raise not_known()
        which = CURRENT if found.webhook_token_hash == fingerprint else EARLIER
        return (_sender(found, which, sample),)

    def verify(self, _arrival: Arrival, senders: tuple[Sender, ...]) -> Verified:
        sender = senders[0]
        if isinstance(sender, OurWorkspace) and sender.sample:
            return Verified(sender, delivery_id=sample_delivery(sender.sample))
        return Verified(sender)


def sample_delivery(name: str) -> str:
    """Return the id of the delivery that a sample of this name is."""
    return f"sample:{name}"


def accept(payload: Mapping[str, Any], sender: Sender) -> None:
    """Refuse what is of another workspace, or of another instance where the event names its own.

    The vendor's samples are of nobody's workspace: they have addresses of their own.
    """
    if not isinstance(sender, OurWorkspace) or sender.sample:
        return
    number = events.workspace_of(payload)
    if number is None:
        raise Refused(
            400, "No workspace", "The event does not say which workspace it is of.", "no_workspace"
        )
    place = place_of(events.part(payload, "event").get("instance_url"))
    is_elsewhere = place and sender.places and place not in sender.places
    if number != sender.number or is_elsewhere:
        raise Refused(
            403,
            "Another workspace",
            "The event is of another workspace than this address.",
            "another",
        )


def place_of(url: Any) -> str:
    """Return what of an instance's address tells it from others; '' where there is none."""
    if not isinstance(url, str) or not url.strip():
        return ""
    return base_url(url).partition("://")[2].lower()


def _sender(workspace: Workspace, which: str, sample: str) -> OurWorkspace:
    instance = workspace.instance
    called = place_of(vendors.plain(instance.account, "base_url"))
    facts = {TOKEN: which}
    if sample:
        facts[SAMPLE] = sample
    return OurWorkspace(
        account=str(workspace.pk),
        organization_id=workspace.organization_id,
        workspace_name=workspace.workspace_name,
        metadata=facts,
        number=workspace.bison_workspace_id,
        places=tuple(place for place in (called, *instance.known_as) if place),
        sample=sample,
    )


SOURCE: Final = Source(
    SOURCE_NAME,
    (f"{addresses.PATH}/{{token}}", f"{addresses.PATH}/{{token}}/sample/{{sample}}"),
    OurAddress(),
    "bison.webhooks.working.handle",
    events=frozenset(events.NAMES),
    answer=(200, {"success": True}),
    event_type=events.type_of,
    delivery_id=events.identity,
    accept=accept,
    leniently=True,
)
