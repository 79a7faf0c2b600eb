"""An account's key and webhook secret: found, stored, replaced, removed.

Whichever way a key comes in (page, API, admin, command), it is stored by `save()`.
"""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core import audit, vendors
from core.masking import Secret
from core.secrets import crypto
from fathom_sync.accounts import config
from fathom_sync.accounts.owners import link_of
from fathom_sync.models import FathomAccount

# What refusals call the fields, as those do who enter them.
NAMES: Final = {config.API_KEY: "api_key", config.WEBHOOK_SECRET: "webhook_secret"}


def api_key(account: FathomAccount) -> Secret | None:
    """Return the account's own key, never another's; the installation's may come
    from the environment.
    """
    return _value(account, config.API_KEY)


def webhook_secret(account: FathomAccount) -> Secret | None:
    """Return the secret that a person entered; that of a webhook which Koppel
    made is `account.registered_secret`.
    """
    return _value(account, config.WEBHOOK_SECRET)


def source(account: FathomAccount) -> str:
    """Return where the key is found: `account`, `environment`, or '' for nowhere."""
    link = link_of(account)
    if config.API_KEY in vendors.stored(link):
        return "account"
    if config.API_KEY in vendors.current(link):
        return "environment"
    return ""


def any_secret(account: FathomAccount) -> Secret | None:
    """Return a secret that deliveries may be signed with, whoever made the webhook."""
    return webhook_secret(account) or account.registered_secret or None


def fingerprint(key: Secret) -> str:
    """Return what stands for a key where the key must not be:
    equal for equal keys, told by none.
    """
    return crypto.mac("fathom-key", key.reveal().encode("utf-8", "surrogatepass"))


def lists_with(account: FathomAccount, key: Secret) -> None:
    """Note with which key a list begins to be read.

    Another key may show other meetings: all is listed anew then, and what it does not show is not
    gone from Fathom.
    """
    mark = fingerprint(key)
    if account.listing_key == mark:
        return
    changes: dict[str, Any] = {"listing_key": mark}
    if account.listing_key:
        beginning = dict.fromkeys(["watermark", "overlap_checked_at", "history_checked_at"])
        changes |= {**beginning, "listing_since": timezone.now()}
    FathomAccount.objects.filter(pk=account.pk).exclude(listing_key=mark).update(**changes)
    account.refresh_from_db()


def save(
    account: FathomAccount,
    *,
    api_key: str | Secret | None = None,
    webhook_secret: str | Secret | None = None,
    insist: bool = True,
    actor: Any,
    request: Any = None,
) -> vendors.Stored:
    """Store what was entered, all of it or nothing, untried: None or a mask keeps, '' removes.

    ValidationError by field. Where nobody insists, a new key waits beside one that works.
    """
    entered = {config.API_KEY: api_key, config.WEBHOOK_SECRET: webhook_secret}
    try:
        stored = vendors.store(
            link_of(account, makes=True), entered, actor=actor, request=request, insist=insist
        )
    except ValidationError as error:
        raise ValidationError(
            {NAMES[name]: found for name, found in error.error_dict.items()}
        ) from error
    account.refresh_from_db()
    return stored


def remove(account: FathomAccount, *, actor: Any, request: Any = None) -> None:
    """Remove the account with its key, its secret and how far it was fetched."""
    with transaction.atomic():
        save(account, api_key="", webhook_secret="", actor=actor, request=request)
        audit.record(
            "setting.removed",
            actor=actor,
            target=account,
            request=request,
            organization_id=account.organization_id,
            key="fathom_account",
        )
        account.delete()


def _value(account: FathomAccount, name: str) -> Secret | None:
    values = vendors.current(link_of(account))
    if name not in values:
        return None
    return values.secret(name)
