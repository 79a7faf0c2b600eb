"""Our webhook at Fathom: made and removed there by a button.

Fathom tells id and secret once, in the answer that makes it, and lists none. So one maker at a time
(a conditional UPDATE), nothing is asked twice, and an answer that was lost stays visible:
`unfinished_since` says that Fathom may still have a webhook of ours which only its own settings
page can remove. Its deliveries are refused, as nobody here knows its secret.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import UNREADABLE, BadCredentials, Temporary, VendorError
from core.http import CallContext, Limits, turns
from core.masking import Secret
from core.secrets.crypto import CannotOpen
from fathom_sync import accounts
from fathom_sync.client import VENDOR, FathomClient, NoKey
from fathom_sync.models import FathomAccount

REGISTERED: Final = ("webhook_id", "registered_secret", "registered_at", "registered_key")
PATH: Final = "/api/webhooks/fathom"
LIMITS: Final = Limits(read=20, total=40, quota_wait=10)
# Longer than any attempt: an older claim is that of a process that died.
CLAIM: Final = timedelta(minutes=3)
OF_ANOTHER_KEY = _(
    "The webhook at Fathom was made with the earlier key and stays there: Koppel is still told of "
    "that key's calls. To move it, turn it off and on again, and remove the old one in Fathom's "
    "settings, under API Access."
)
LEFT_THERE = _(
    "Koppel has let go of the webhook, but could not remove it at Fathom: the key that it was made "
    "with is not the one here, or is no longer valid. Remove it in Fathom's settings, under API "
    "Access. What it sends is refused."
)
UNDER_WAY = _("A webhook is being registered at this moment. Look again in a minute.")


class UnderWay(Exception):
    """Somebody else is registering; the text is for people."""


def address(account: FathomAccount) -> str:
    """Return where Fathom sends this account's meetings."""
    return f"{settings.PUBLIC_URL}{PATH}/{account.webhook_token}"


def register(account: FathomAccount, *, actor: Any, request: Any = None) -> bool:
    """Make sure that Fathom has our webhook; False when it had. VendorError, UnderWay,
    or Busy before all of it.
    """
    turns.take()
    claim = _claim(account)
    if claim is None:
        account.refresh_from_db()
        if account.webhook_id:
            return False
        raise UnderWay(str(UNDER_WAY))
    try:
        client = _client(account, actor)
        made = client.create_webhook(address(account))
        known, secret = made.get("id"), made.get("secret")
        if not isinstance(known, str) or not isinstance(secret, str):
            raise Temporary(VENDOR, UNREADABLE)
        if not known or not secret:
            raise Temporary(VENDOR, UNREADABLE)
    except Temporary:
        # Nobody knows whether it was made.
        _let_go(account, claim, unfinished=claim)
        raise
    except VendorError:
        _let_go(account, claim)
        raise
    if not _keep(account, claim, client.key, {"id": known, "secret": secret}, actor, request):
        client.delete_webhook(known)
    account.refresh_from_db()
    return True


def unregister(account: FathomAccount, *, actor: Any, request: Any = None) -> bool:
    """Make sure that Fathom has none; False when it may still have it.
    VendorError when Fathom cannot be asked.

    With a key that Fathom does not take any more it cannot be removed from here: it is
    forgotten, and noted. So it is where Fathom does not know it by another key than the one that
    it was made with.
    """
    known, noted = account.webhook_id, None
    if known:
        try:
            found = _client(account, actor).delete_webhook(known)
            noted = None
            if not found and is_of_another_key(account):
                noted = timezone.now()
        except (BadCredentials, NoKey):
            noted = timezone.now()
    with transaction.atomic():
        locked = FathomAccount.objects.select_for_update().get(pk=account.pk)
        has_something = known or locked.unfinished_since
        if has_something and locked.webhook_id == known:
            locked.webhook_id, locked.registered_secret, locked.registered_at = "", None, None
            locked.registered_key, locked.unfinished_since = "", noted
            locked.save(update_fields=[*REGISTERED, "unfinished_since"])
            _record(
                "removed",
                locked,
                actor,
                request,
                webhook_id=known,
                at_fathom="unknown" if noted else "removed",
            )
    account.refresh_from_db()
    return noted is None


def is_of_another_key(account: FathomAccount) -> bool:
    """Tell whether there is a webhook of ours that the stored key (or none) cannot see."""
    if not account.webhook_id:
        return False
    key = accounts.api_key(account)
    try:
        return key is None or accounts.fingerprint(key) != account.registered_key
    except CannotOpen:
        return True


def _client(account: FathomAccount, actor: Any) -> FathomClient:
    context = CallContext(
        organization_id=account.organization_id,
        function_name="fathom.webhook",
        triggered_by=str(actor)[:100],
    )
    return FathomClient(account, context=context, limits=LIMITS)


def _claim(account: FathomAccount) -> datetime | None:
    """Return the moment of our claim; None when there is a webhook already,
    or another is making it.
    """
    now = timezone.now()
    free = Q(registering_since=None) | Q(registering_since__lt=now - CLAIM)
    claimed = FathomAccount.objects.filter(free, pk=account.pk, webhook_id="").update(
        registering_since=now, unfinished_since=Coalesce("unfinished_since", F("registering_since"))
    )
    if not claimed:
        return None
    return now


def _let_go(account: FathomAccount, claim: datetime, **found: Any) -> None:
    changes = {}
    if found:
        changes = {"unfinished_since": found["unfinished"]}
    FathomAccount.objects.filter(pk=account.pk, registering_since=claim).update(
        registering_since=None, **changes
    )


def _keep(
    account: FathomAccount,
    claim: datetime,
    key: Secret,
    made: dict[str, str],
    actor: Any,
    request: Any,
) -> bool:
    """Store what Fathom said to this key, if the claim is still ours."""
    with transaction.atomic():
        locked = FathomAccount.objects.select_for_update().get(pk=account.pk)
        if locked.registering_since != claim or locked.webhook_id:
            return False
        locked.webhook_id, locked.registered_secret = made["id"][:200], made["secret"]
        locked.registered_at, locked.registered_key = timezone.now(), accounts.fingerprint(key)
        locked.registering_since = None
        locked.save(update_fields=[*REGISTERED, "registering_since"])
        _record("registered", locked, actor, request, new=made["secret"], webhook_id=made["id"])
    return True


def _record(what: str, account: FathomAccount, actor: Any, request: Any, **facts: Any) -> None:
    audit.record(
        "webhook.changed",
        actor=actor,
        target=account,
        request=request,
        organization_id=account.organization_id,
        what=what,
        **facts,
    )
