"""Our webhook at Fathom: made and removed there by a button.

Fathom tells id and secret once, in the answer that makes it, and lists none. So one maker at a time (a conditional
UPDATE), nothing is asked twice, and an answer that was lost stays visible: `unfinished_since` says that Fathom may
still have a webhook of ours which only its own settings page can remove. Its deliveries are refused, as nobody here
knows its secret.
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
from core.http import CallContext, Limits
from fathom_sync.client import VENDOR, FathomClient, NoKey
from fathom_sync.models import FathomAccount

PATH: Final = "/api/webhooks/fathom"
LIMITS: Final = Limits(read=20, total=40, quota_wait=10)
# Longer than any attempt: an older claim is that of a process that died.
CLAIM: Final = timedelta(minutes=3)
UNDER_WAY = _("A webhook is being registered at this moment. Look again in a minute.")


class UnderWay(Exception):
    """Somebody else is registering; the text is for people."""


def address(account: FathomAccount) -> str:
    """Where Fathom sends this account's meetings."""
    return f"{settings.PUBLIC_URL}{PATH}/{account.webhook_token}"


def register(account: FathomAccount, *, actor: Any, request: Any = None) -> bool:
    """Make sure that Fathom has our webhook; False when it had. VendorError, or UnderWay."""
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
        if not (isinstance(known, str) and known and isinstance(secret, str) and secret):
            raise Temporary(VENDOR, UNREADABLE)
    except Temporary:
        # Nobody knows whether it was made.
        _let_go(account, claim, unfinished=claim)
        raise
    except VendorError:
        _let_go(account, claim)
        raise
    if not _keep(account, claim, known, secret, actor, request):
        client.delete_webhook(known)
    account.refresh_from_db()
    return True


def unregister(account: FathomAccount, *, actor: Any, request: Any = None) -> bool:
    """Make sure that Fathom has none; False when it had none. VendorError when Fathom cannot be asked.

    With a key that Fathom does not take any more it cannot be removed from here: it is forgotten, and noted.
    """
    known, noted = account.webhook_id, None
    if known:
        try:
            _client(account, actor).delete_webhook(known)
        except (BadCredentials, NoKey):
            noted = timezone.now()
    with transaction.atomic():
        locked = FathomAccount.objects.select_for_update().get(pk=account.pk)
        if locked.webhook_id == known and (known or locked.unfinished_since):
            locked.webhook_id, locked.registered_secret, locked.registered_at = "", None, None
            locked.unfinished_since = noted
            locked.save(update_fields=["webhook_id", "registered_secret", "registered_at", "unfinished_since"])
            _record("removed", locked, actor, request, webhook_id=known, at_fathom="unknown" if noted else "removed")
    account.refresh_from_db()
    return bool(known)


def _client(account: FathomAccount, actor: Any) -> FathomClient:
    context = CallContext(
        organization_id=account.organization_id, function_name="fathom.webhook", triggered_by=str(actor)[:100]
    )
    return FathomClient(account, context=context, limits=LIMITS)


def _claim(account: FathomAccount) -> datetime | None:
    """The moment of our claim; None when there is a webhook already, or another is making it."""
    now = timezone.now()
    free = Q(registering_since=None) | Q(registering_since__lt=now - CLAIM)
    mine = FathomAccount.objects.filter(free, pk=account.pk, webhook_id="").update(
        registering_since=now, unfinished_since=Coalesce("unfinished_since", F("registering_since"))
    )
    return now if mine else None


def _let_go(account: FathomAccount, claim: datetime, **found: Any) -> None:
    said = {"unfinished_since": found["unfinished"]} if found else {}
    FathomAccount.objects.filter(pk=account.pk, registering_since=claim).update(registering_since=None, **said)


def _keep(account: FathomAccount, claim: datetime, known: str, secret: str, actor: Any, request: Any) -> bool:
    """Store what Fathom said, if the claim is still ours."""
    with transaction.atomic():
        locked = FathomAccount.objects.select_for_update().get(pk=account.pk)
        if locked.registering_since != claim or locked.webhook_id:
            return False
        locked.webhook_id, locked.registered_secret = known[:200], secret
        locked.registered_at, locked.registering_since = timezone.now(), None
        locked.save(update_fields=["webhook_id", "registered_secret", "registered_at", "registering_since"])
        _record("registered", locked, actor, request, new=secret, webhook_id=known)
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
