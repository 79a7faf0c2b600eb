"""An account's key and webhook secret: found, stored, replaced, removed.

Whichever way a key comes in (page, API, admin, command), it is stored by `save()`.
"""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit, settings_store
from core.masking import Secret, is_mask
from core.secrets import crypto
from core.secrets.crypto import CannotOpen
from fathom_sync.accounts import config, trouble
from fathom_sync.models import FathomAccount

NOTHING_STORED = _("This is how a stored key is shown, but none is stored here. Paste the key itself.")
FIELDS: Final = {config.API_KEY: "own_api_key", config.WEBHOOK_SECRET: "own_webhook_secret"}


def api_key(account: FathomAccount) -> Secret | None:
    """Return the account's own key, never another's; the installation's may come from the environment."""
    return _value(account, config.API_KEY)


def webhook_secret(account: FathomAccount) -> Secret | None:
    """Return the secret that a person entered; that of a webhook which Koppel made is `account.registered_secret`."""
    return _value(account, config.WEBHOOK_SECRET)


def source(account: FathomAccount) -> str:
    """Return where the key is found: `account`, `environment`, or '' for nowhere."""
    if api_key(account) is None:
        return ""
    if account.rep_id or account.organization_id or settings_store.get_own(config.API_KEY, None):
        return "account"
    return "environment"


def any_secret(account: FathomAccount) -> Secret | None:
    """Return a secret that deliveries may be signed with, whoever made the webhook."""
    return webhook_secret(account) or account.registered_secret or None


def fingerprint(key: Secret) -> str:
    """Return what stands for a key where the key must not be: equal for equal keys, told by none."""
    return crypto.mac("fathom-key", key.reveal().encode("utf-8", "surrogatepass"))


def fingerprint_of(key: Secret | None) -> str:
    """Return the fingerprint of a stored key; '' for none, and for one that no key of ours opens any more."""
    try:
        if not key:
            return ""
        return fingerprint(key)
    except CannotOpen:
        return ""


def fingerprint_stored(account: FathomAccount) -> str:
    return fingerprint_of(api_key(account))


def holds(account: FathomAccount, key: Secret) -> bool:
    """Return whether this is the account's key."""
    try:
        return api_key(account) == key
    except CannotOpen:
        return False


def lists_with(account: FathomAccount, key: Secret) -> None:
    """Note with which key a list begins to be read.

    Another key may show other meetings: all is listed anew then, and what it does not show is not gone from Fathom.
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
    actor: Any,
    request: Any = None,
) -> None:
    """Store what was entered, all of it or nothing: None or a mask keeps, '' removes. ValidationError by field."""
    entered = {config.API_KEY: api_key, config.WEBHOOK_SECRET: webhook_secret}
    with transaction.atomic():
        locked = FathomAccount.objects.select_for_update().get(pk=account.pk)
        before = fingerprint_stored(locked)
        for key, value in entered.items():
            if value is not None:
                _put(locked, key, value, actor, request)
        if fingerprint_stored(locked) != before:
            # Should the same key come back: what was learned of it may be true no more.
            FathomAccount.objects.filter(pk=locked.pk).update(checked_key="")
        if _value(locked, config.API_KEY) is None:
            trouble.over(locked)
    account.refresh_from_db()


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


def _value(account: FathomAccount, key: str) -> Secret | None:
    if account.rep_id:
        return getattr(account, FIELDS[key]) or None
    if account.organization_id:
        return settings_store.get_own(key, account.organization_id)
    value: Secret | None = settings_store.get(key)
    return value


def _put(account: FathomAccount, key: str, value: str | Secret, actor: Any, request: Any) -> None:
    if isinstance(value, Secret):
        value = value.reveal()
    text = value.strip()
    field = "webhook_secret"
    if key == config.API_KEY:
        field = "api_key"
    if is_mask(text):
        if _value(account, key) is None:
            raise ValidationError({field: ValidationError(NOTHING_STORED, code="invalid")})
        return
    try:
        if account.rep_id:
            _put_of_rep(account, key, text, actor, request)
        else:
            settings_store.put(key, text, actor=actor, organization_id=account.organization_id, request=request)
    except ValidationError as error:
        raise ValidationError({field: error.error_list}) from error


def _put_of_rep(account: FathomAccount, key: str, text: str, actor: Any, request: Any) -> None:
    validate = settings_store.find(key).validate
    if text and validate:
        validate(text)
    old: Secret | None = getattr(account, FIELDS[key])
    try:
        before = None
        if old:
            before = old.reveal()
    except CannotOpen:
        before = None
    if (text or None) == before and (old is None) == (before is None):
        return
    setattr(account, FIELDS[key], text or None)
    account.save(update_fields=[FIELDS[key]])
    audit.record(
        "key.changed" if key == config.API_KEY else "secret.changed",
        actor=actor,
        target=account,
        request=request,
        organization_id=account.organization_id,
        old=before,
        new=text or None,
        key=key,
    )
