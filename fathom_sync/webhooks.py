"""Meetings that Fathom sends: signed (Standard Webhooks), stored once,
and worked as the sync works its own.

`/api/webhooks/fathom` is the installation's; every account has an address of its own beside it, as
a delivery does not say whose webhook it is. An account may have two secrets: of a webhook that a
person made at Fathom, and of Koppel's.

A rep who has an account of their own knows what its deliveries are signed with, and could send
anything: what is sent there is never stored, and only a hint to fetch the rep's newest meetings
with a key that works.
"""

import re
from datetime import timedelta
from typing import Final

import orjson
from django.utils import timezone

from core.api import throttles
from core.connections import Connection
from core.inbox.arrivals import Sender, not_known
from core.inbox.sources import Source
from core.inbox.verifiers import StandardWebhooks
from core.inbox.working import GiveUp
from core.masking import Secret
from core.models import InboundEvent
from core.secrets.crypto import CannotOpen
from core.words import moments
from crm.models import SalesRep
from fathom_sync import accounts
from fathom_sync.accounts.registration import PATH
from fathom_sync.meetings import pages, storing
from fathom_sync.models import FathomAccount, FathomMeeting
from fathom_sync.syncs import sync

HOUR = timedelta(hours=1)
# Of one rep and minute; and how many hours back one makes Koppel look at most.
HINTS: Final = 6
OLDEST_HINT: Final = 168
NO_ACCOUNT = "The Fathom account that this was sent to is not there any more."


def sender(token: str = "") -> Sender:
    """Return whose address it is, and what they may sign with."""
    account = _account(token) if token else accounts.installation()
    if account is None:
        raise not_known()
    secrets = (account.registered_secret, accounts.webhook_secret(account))
    return Sender(
        account=str(account.pk),
        organization_id=account.organization_id,
        secrets=tuple(secret for secret in secrets if secret and _opens(secret)),
    )


def handle(event: InboundEvent) -> None:
    """Store one meeting, whose content is ready, in the library."""
    account = (
        FathomAccount.objects.select_related("organization", "rep").filter(pk=event.account).first()
    )
    if account is None:
        raise GiveUp(NO_ACCOUNT)
    if account.rep is not None:
        _fetch(account.rep, event)
        return
    stored = storing.store_pushed(
        account, orjson.dumps(event.event_data), received_at=event.received_at
    )
    if stored.outcomes[storing.UPDATED]:
        _ask_the_list(account, event)


def _fetch(rep: SalesRep, event: InboundEvent) -> None:
    """Ask with the rep's own key first, then their organization's, then that of all.

    Too many hints in a row are left to the sync that comes by itself.
    """
    if rep.archived_at or throttles.take("fathom-hint", f"rep:{rep.pk}", HINTS, 60):
        return
    working = [
        account
        for account in sync.accounts_of(rep)
        if accounts.status(account) is not Connection.ERROR
    ]
    if working:
        made = moments.read(event.event_data.get("created_at")) or timezone.now()
        hours = max((timezone.now() - made) // HOUR, 0) + 2
        sync.start_sync(working[0], rep=rep, hours=min(hours, OLDEST_HINT), trigger="webhook")


def _ask_the_list(account: FathomAccount, event: InboundEvent) -> None:
    """Look in Fathom's list, which has the last word, for what took the place of something
    that was stored.

    Fathom sends a meeting once, when it is ready, but perhaps late:
    it may have been changed there since.
    """
    name = pages.name_of(event.event_data.get("recording_id"))
    meetings = FathomMeeting.objects.filter(
        recording_id=name, accounts__contains=[account.pk], call__rep__isnull=False
    )
    meeting = meetings.select_related("call__rep").first()
    if meeting is None or meeting.call is None:
        return
    if accounts.api_key(account) is None:
        return
    age = timezone.now() - (meeting.created_at or meeting.call.happened_at)
    sync.start_sync(account, rep=meeting.call.rep, hours=max(age // HOUR, 0) + 2, trigger="webhook")


SOURCE = Source(
    name="fathom",
    pattern=(PATH, PATH + "/{token}"),
    verifier=StandardWebhooks(sender),
    handler="fathom_sync.webhooks.handle",
    # A delivery is the bare meeting: it has no event's name, and a field of that name would
    # be the meeting's own.
    event_type=lambda _meeting: "meeting",
)


def _account(token: str) -> FathomAccount | None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{20,64}", token):
        return None
    return FathomAccount.objects.filter(webhook_token=token).first()


def _opens(secret: Secret) -> bool:
    """Tell whether a secret can be opened: one that no key opens any more must not stand
    in the other's way.
    """
    try:
        return bool(secret.reveal())
    except CannotOpen:
        return False
