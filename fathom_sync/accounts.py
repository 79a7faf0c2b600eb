"""The accounts there are, their keys and secrets, and how each connection is.

A key stored, replaced or removed by any way in (page, API, admin, command) comes through `save()`; whoever learns
whether a key works says so by `say_status()`. A status belongs to the key that it was learned with: once another key is
stored, or none, it says nothing any more, so that green is never shown for a key that was not tried.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit, settings_store
from core.connections import Connection
from core.masking import Secret, is_mask
from core.models import SystemSetting
from core.secrets import crypto
from core.secrets.crypto import CannotOpen
from crm.models import Organization, SalesRep
from fathom_sync import config, trouble
from fathom_sync.models import FathomAccount

NOTHING_STORED = _("This is how a stored key is shown, but none is stored here. Paste the key itself.")
FIELDS: Final = {config.API_KEY: "own_api_key", config.WEBHOOK_SECRET: "own_webhook_secret"}


def installation() -> FathomAccount:
    """The account that serves every organization."""
    return _account(None, None)


def account_for(owner: Organization | SalesRep | None) -> FathomAccount:
    """An organization's own account, a rep's own, or (None) the installation's; made when first asked for."""
    if isinstance(owner, SalesRep):
        return _account(owner.organization_id, owner.pk)
    return _account(owner.pk if owner else None, None)


def configured() -> list[FathomAccount]:
    """Every account that has a key: the installation's first, then organizations' and reps' own."""
    found = [installation()] if settings_store.get(config.API_KEY) else []
    stored = SystemSetting.objects.filter(setting_key=config.API_KEY, organization_id__isnull=False)
    owners = Organization.objects.filter(pk__in=stored.values("organization_id")).order_by("created_at", "pk")
    found += [account_for(owner) for owner in owners]
    reps = FathomAccount.objects.filter(own_api_key__isnull=False, rep__archived_at=None, rep__isnull=False)
    return [*found, *reps.select_related("organization", "rep")]


def is_linked(organization_id: UUID | None) -> bool:
    """Whether any key brings this organization's calls; None: anybody's."""
    if settings_store.get(config.API_KEY, organization_id):
        return True
    reps = FathomAccount.objects.filter(own_api_key__isnull=False, rep__archived_at=None, rep__isnull=False)
    if organization_id is not None:
        return reps.filter(organization_id=organization_id).exists()
    own = SystemSetting.objects.filter(setting_key=config.API_KEY, organization_id__isnull=False)
    return reps.exists() or own.exists()


def api_key(account: FathomAccount) -> Secret | None:
    """The account's own key, never another's. The installation's may come from the environment."""
    return _value(account, config.API_KEY)


def webhook_secret(account: FathomAccount) -> Secret | None:
    """The secret that a person entered; that of a webhook which Koppel made is `account.registered_secret`."""
    return _value(account, config.WEBHOOK_SECRET)


def source(account: FathomAccount) -> str:
    """Where the key is found: `account`, `environment`, or '' for nowhere."""
    if api_key(account) is None:
        return ""
    if account.rep_id or account.organization_id or settings_store.get_own(config.API_KEY, None):
        return "account"
    return "environment"


def any_secret(account: FathomAccount) -> Secret | None:
    """A secret that deliveries may be signed with, whoever made the webhook."""
    return webhook_secret(account) or account.registered_secret or None


def fingerprint(key: Secret) -> str:
    """What stands for a key where the key must not: equal for equal keys, told by none."""
    return crypto.mac("fathom-key", key.reveal().encode("utf-8", "surrogatepass"))


def holds(account: FathomAccount, key: Secret) -> bool:
    """Whether this is the account's key."""
    try:
        return api_key(account) == key
    except CannotOpen:
        return False


def lists_with(account: FathomAccount, key: Secret) -> None:
    """Told when a list begins to be read. Another key may show other meetings: all is listed anew then, and what it
    does not show is not gone from Fathom."""
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
        before = _fingerprint_stored(locked)
        for key, value in entered.items():
            if value is not None:
                _put(locked, key, value, actor, request)
        if _fingerprint_stored(locked) != before:
            # Should the same key come back: what was learned of it may be true no more.
            FathomAccount.objects.filter(pk=locked.pk).update(checked_key="")
        if _value(locked, config.API_KEY) is None:
            trouble.over(locked)
    account.refresh_from_db()


def remove(account: FathomAccount, *, actor: Any, request: Any = None) -> None:
    """The account with its key, its secret and how far it was fetched."""
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


# --- How the connection is -----------------------------------------------------------------------------------------


def status(account: FathomAccount) -> Connection:
    """connected or error where the stored key was tried, else not_configured."""
    return _status(account, api_key(account), None if account.rep_id else settings_store.get_own(*_status_of(account)))


def statuses(found: Iterable[FathomAccount]) -> dict[UUID, Connection]:
    """The same of many, in one look at the organizations' settings."""
    accounts = list(found)
    theirs = SystemSetting.objects.filter(setting_key__in=[config.API_KEY, config.STATUS])
    theirs = theirs.filter(organization_id__in={one.organization_id for one in accounts if not one.rep_id} - {None})
    stored = {(row.setting_key, row.organization_id): row.setting_value for row in theirs}
    return {
        one.pk: _status(one, stored.get((config.API_KEY, one.organization_id)), stored.get(_status_of(one)))
        if one.organization_id and not one.rep_id
        else status(one)
        for one in accounts
    }


def last_tested(account: FathomAccount) -> datetime | None:
    """When a person or a command last tried the connection with the key that is stored now."""
    stored = _fingerprint_stored(account)
    if not stored or stored != account.checked_key:
        return None
    if account.rep_id:
        return account.own_last_test
    said = _said(account, config.LAST_TEST)
    return datetime.fromisoformat(said) if said else None


def seen_at(account: FathomAccount) -> datetime | None:
    """When its state was learned, by a test or by a sync; None where it says nothing of the stored key."""
    return account.status_at if status(account) is not Connection.NOT_CONFIGURED else None


def serving(organization_id: UUID | None) -> list[FathomAccount]:
    """The accounts with a key that bring this organization's meetings; None: all there are."""
    found = configured()
    return (
        found if organization_id is None else [one for one in found if one.organization_id in (None, organization_id)]
    )


def say_status(
    account: FathomAccount, state: Connection | str, *, key: Secret | None = None, tested: bool = False, actor: Any = ""
) -> bool:
    """What was learned of the key: `key` is the one that was tried (FathomClient.key); whether it was written.

    Nothing is written once another key is stored. `tested` moves the time of the last test.
    """
    with transaction.atomic():
        locked = FathomAccount.objects.select_for_update().get(pk=account.pk)
        current = _fingerprint_stored(locked)
        if not current or (key is not None and fingerprint(key) != current):
            return False
        _write_status(locked, Connection(state), current, tested, actor or "fathom_sync")
    account.refresh_from_db()
    trouble.seen(account, works=Connection(state) == Connection.CONNECTED)
    return True


def _fingerprint_stored(account: FathomAccount) -> str:
    return _fingerprint_of(api_key(account))


def _fingerprint_of(key: Secret | None) -> str:
    """Of a stored key; '' for none, and for one that no key of ours opens any more."""
    try:
        return fingerprint(key) if key else ""
    except CannotOpen:
        return ""


def _status(account: FathomAccount, key: Secret | None, said: Secret | None) -> Connection:
    if key is None:
        return Connection.NOT_CONFIGURED
    stored = _fingerprint_of(key)
    if not stored:
        return Connection.ERROR
    state = account.own_status if account.rep_id else _opened(said)
    return Connection(state) if state and stored == account.checked_key else Connection.NOT_CONFIGURED


def _status_of(account: FathomAccount) -> tuple[str, UUID | None]:
    return config.STATUS, account.organization_id


def _write_status(account: FathomAccount, state: Connection, checked: str, tested: bool, actor: Any) -> None:
    # What was learned of another key goes, and the time of its test with it.
    moved = tested or checked != account.checked_key
    now = timezone.now()
    tested_at = now if tested else None
    if account.rep_id:
        account.own_status = state
        account.own_last_test = tested_at if moved else account.own_last_test
    else:
        scope = {"organization_id": account.organization_id, "actor": actor}
        settings_store.put(config.STATUS, str(state), **scope)
        if moved:
            settings_store.put(config.LAST_TEST, tested_at.isoformat() if tested_at else None, **scope)
    account.checked_key, account.status_at = checked, now
    account.save(update_fields=["own_status", "own_last_test", "checked_key", "status_at"])


# --- Reading and writing ---------------------------------------------------------------------------------------------


def _account(organization_id: UUID | None, rep_id: UUID | None) -> FathomAccount:
    rows = FathomAccount.objects.select_related("organization", "rep")
    owner = {"organization_id": organization_id, "rep_id": rep_id}
    found = rows.filter(**owner).first()
    if found is None:
        # Two that ask at once: one row is made, both get it.
        FathomAccount.objects.bulk_create([FathomAccount(**owner)], ignore_conflicts=True)
        found = rows.get(**owner)
    return found


def _value(account: FathomAccount, key: str) -> Secret | None:
    if account.rep_id:
        return getattr(account, FIELDS[key]) or None
    if account.organization_id:
        return settings_store.get_own(key, account.organization_id)
    value: Secret | None = settings_store.get(key)
    return value


def _said(account: FathomAccount, key: str) -> str:
    return _opened(settings_store.get_own(key, account.organization_id))


def _opened(value: Secret | None) -> str:
    """What Koppel wrote there itself; empty for nothing, and where no key of ours opens it any more."""
    try:
        return value.reveal() if value else ""
    except CannotOpen:
        return ""


def _put(account: FathomAccount, key: str, value: str | Secret, actor: Any, request: Any) -> None:
    text = (value.reveal() if isinstance(value, Secret) else value).strip()
    field = "api_key" if key == config.API_KEY else "webhook_secret"
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
        before = old.reveal() if old else None
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
