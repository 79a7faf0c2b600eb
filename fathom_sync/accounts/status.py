"""How each connection is: whoever learns whether a key works says so by `say_status()`.

A status belongs to the key that it was learned with. Once another key is stored, or none, it says nothing any more, so
that green is never shown for a key that was not tried.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core import settings_store
from core.connections import Connection
from core.masking import Secret
from core.models import SystemSetting
from core.secrets.crypto import CannotOpen
from fathom_sync.accounts import config, keys, trouble
from fathom_sync.models import FathomAccount


def status(account: FathomAccount) -> Connection:
    """Return connected or error where the stored key was tried, else not_configured."""
    written = None
    if not account.rep_id:
        written = settings_store.get_own(*_stored_at(account))
    return _state_of(account, keys.api_key(account), written)


def statuses(accounts: Iterable[FathomAccount]) -> dict[UUID, Connection]:
    """Return the same of many, with one look at the organizations' settings."""
    found = {}
    of_organizations = []
    for account in accounts:
        if account.organization_id and not account.rep_id:
            of_organizations.append(account)
        else:
            found[account.pk] = status(account)
    stored = _settings_of({account.organization_id for account in of_organizations})
    for account in of_organizations:
        key = stored.get((config.API_KEY, account.organization_id))
        found[account.pk] = _state_of(account, key, stored.get(_stored_at(account)))
    return found


def _settings_of(organization_ids: Collection[Any]) -> dict[tuple[str, UUID | None], Secret | None]:
    """Return the keys and statuses that these organizations have of their own."""
    names = [config.API_KEY, config.STATUS]
    rows = SystemSetting.objects.filter(setting_key__in=names, organization_id__in=organization_ids)
    return {(row.setting_key, row.organization_id): row.setting_value for row in rows}


def last_tested(account: FathomAccount) -> datetime | None:
    """Return when a person or a command last tried the connection with the key that is stored now."""
    stored = keys.fingerprint_stored(account)
    if not stored or stored != account.checked_key:
        return None
    if account.rep_id:
        return account.own_last_test
    moment = _opened(settings_store.get_own(config.LAST_TEST, account.organization_id))
    if not moment:
        return None
    return datetime.fromisoformat(moment)


def seen_at(account: FathomAccount) -> datetime | None:
    """Return when its state was learned, by a test or by a sync; None where it says nothing of the stored key."""
    if status(account) is Connection.NOT_CONFIGURED:
        return None
    return account.status_at


def say_status(
    account: FathomAccount, state: Connection | str, *, key: Secret | None = None, tested: bool = False, actor: Any = ""
) -> bool:
    """Write what was learned of the key, `key` being the one that was tried (FathomClient.key); return whether it was.

    Nothing is written once another key is stored. `tested` moves the time of the last test.
    """
    with transaction.atomic():
        locked = FathomAccount.objects.select_for_update().get(pk=account.pk)
        current = keys.fingerprint_stored(locked)
        if not current or (key is not None and keys.fingerprint(key) != current):
            return False
        _write_status(locked, Connection(state), current, tested, actor or "fathom_sync")
    account.refresh_from_db()
    trouble.seen(account, works=Connection(state) == Connection.CONNECTED)
    return True


def _state_of(account: FathomAccount, key: Secret | None, written: Secret | None) -> Connection:
    """Return the state that is written, if it was learned with the key that is stored."""
    if key is None:
        return Connection.NOT_CONFIGURED
    fingerprint = keys.fingerprint_of(key)
    if not fingerprint:
        return Connection.ERROR
    state = account.own_status if account.rep_id else _opened(written)
    if not state or fingerprint != account.checked_key:
        return Connection.NOT_CONFIGURED
    return Connection(state)


def _stored_at(account: FathomAccount) -> tuple[str, UUID | None]:
    return config.STATUS, account.organization_id


def _write_status(account: FathomAccount, state: Connection, checked: str, tested: bool, actor: Any) -> None:
    # What was learned of another key goes, and the time of its test with it.
    moved = tested or checked != account.checked_key
    now = timezone.now()
    tested_at = None
    if tested:
        tested_at = now
    if account.rep_id:
        account.own_status = state
        if moved:
            account.own_last_test = tested_at
    else:
        scope = {"organization_id": account.organization_id, "actor": actor}
        settings_store.put(config.STATUS, str(state), **scope)
        if moved:
            settings_store.put(config.LAST_TEST, tested_at.isoformat() if tested_at else None, **scope)
    account.checked_key, account.status_at = checked, now
    account.save(update_fields=["own_status", "own_last_test", "checked_key", "status_at"])


def _opened(value: Secret | None) -> str:
    """Return what Koppel wrote there itself; empty for nothing, and where no key of ours opens it any more."""
    try:
        if not value:
            return ""
        return value.reveal()
    except CannotOpen:
        return ""
