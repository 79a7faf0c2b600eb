"""A sample that the vendor sends: over the same way as its deliveries,
to an address that is good for this once.

The vendor's sample is of workspace 1, whatever workspace asked: among deliveries it would be
refused. So it has an address of its own beside theirs, does nothing but be stored, and says how
long it took.
"""

import time
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bison.client import data_of
from bison.models import Workspace
from bison.session import session
from bison.webhooks import addresses, events, receiving
from bison.webhooks.registering import IS_OFF, IsOff
from core import audit
from core.inbox import arrived
from core.models import InboundEvent

SAMPLED: Final = "bison.webhook_sampled"
USUAL: Final = "lead_replied"
# So long is a sample waited for.
SECONDS: Final = 10.0
LOOK_AGAIN: Final = 0.05
REACHED: Final = _("A sample reached Koppel in %(milliseconds)d ms.")
NOT_REACHED: Final = _(
    "Email Bison sent a sample, and it has not reached Koppel within %(seconds)d seconds."
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What became of a sample; `milliseconds`: from the call that asked
    for it until it was here.
    """

    reached: bool
    milliseconds: int | None
    event: str

    @property
    def message(self) -> str:
        """Say it in the reader's language."""
        if self.milliseconds is None:
            return str(NOT_REACHED) % {"seconds": SECONDS}
        return str(REACHED) % {"milliseconds": self.milliseconds}


def sample(
    workspace: Workspace, *, actor: Any, request: Any = None, seconds: float = SECONDS
) -> Sample:
    """Have the vendor send a sample, and wait for it."""
    if not workspace.bison_webhook_enabled or workspace.bison_webhook_secret is None:
        raise IsOff(IS_OFF)
    url, name = addresses.sample_address(workspace)
    kind = _kind(workspace)
    asked = time.time()
    with session(workspace, function_name="bison.webhooks", triggered_by=str(actor)[:40]) as at:
        body = {"event_type": kind, "url": url}
        data_of(
            at.post(
                "/webhook-events/test-event", json=body, hides={"token": [url, url.split("/")[-3]]}
            )
        )
    found = _wait(workspace, name, asked, seconds)
    result = Sample(found is not None, found, kind)
    with transaction.atomic():
        audit.record(
            SAMPLED,
            actor=actor,
            target=workspace,
            request=request,
            organization_id=workspace.organization_id,
            event=kind,
            reached=result.reached,
            milliseconds=found,
        )
    return result


def _kind(workspace: Workspace) -> str:
    """Return an event that is asked for and that the vendor has a sample of."""
    chosen = [name for name in workspace.bison_webhook_events if name not in events.WITHOUT_SAMPLE]
    if USUAL in chosen or not chosen:
        return USUAL
    return chosen[0]


def _wait(workspace: Workspace, name: str, asked: float, seconds: float) -> int | None:
    """Return how long the sample took; None where it did not come."""
    delivery = receiving.sample_delivery(name)
    account = str(workspace.pk)
    ends = time.monotonic() + seconds
    while not arrived(receiving.SOURCE_NAME, account, [delivery]):
        if time.monotonic() >= ends:
            return None
        time.sleep(LOOK_AGAIN)
    event = InboundEvent.objects.filter(
        source=receiving.SOURCE_NAME, account=account, delivery_id=delivery
    ).first()
    if event is None:
        return None
    return max(0, round((event.received_at.timestamp() - asked) * 1000))
