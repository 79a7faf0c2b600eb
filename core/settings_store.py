"""Settings that people change at run time: declared in code, looked up organization
→ installation → environment.

    HOUR = declare(Setting("cron_hour", _("Hour of the nightly run"), validate=an_hour))
    get("cron_hour"), get("openai_api_key", organization_id).reveal()

A process remembers ciphertext for five minutes, and only while Redis says that nothing has changed:
every read compares one version there. put() takes the version away before it commits and gives a
new one after, so that no process can serve an old value from memory, nor remember one that is about
to change. With Redis emptied or out of reach the database is read each time.
"""

import os
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from redis import RedisError

from core import audit
from core.masking import Secret, is_mask
from core.models import SystemSetting
from core.redis import connection as redis_connection
from core.secrets.crypto import CannotOpen
from core.secrets.fields import SealedValue

REMEMBERED_SECONDS: Final = 300
CHANGING: Final = "changing"
# A put() whose transaction was rolled back, or whose process died,
# leaves CHANGING behind for so long.
CHANGING_SECONDS: Final = 60


@dataclass(frozen=True)
class Setting:
    """One setting as code declares it. `env` names the variable that answers when nothing
    is stored; `by_hand`: people write it, else Koppel alone does."""

    key: str
    label: Any
    secret: bool = False
    by_hand: bool = True
    env: str = ""
    validate: Callable[[str], None] | None = None
    description: Any = ""


class UnknownSetting(KeyError):
    """No code declared a setting of this name."""


@dataclass(frozen=True)
class _Remembered:
    version: str
    until: float
    value: SealedValue | None


Scope = uuid.UUID | None
_declared: dict[str, Setting] = {}
_memory: dict[tuple[str, Scope], _Remembered] = {}


def declare(setting: Setting) -> Setting:
    """Make the setting known. Once per key, at import."""
    if _declared.setdefault(setting.key, setting) != setting:
        raise ValueError(f"The setting {setting.key} is declared twice")
    return setting


def declared() -> list[Setting]:
    """Return every known setting, in order of its key."""
    return [_declared[key] for key in sorted(_declared)]


def find(key: str) -> Setting:
    """Return the declaration of a key, or UnknownSetting."""
    try:
        return _declared[key]
    except KeyError:
        raise UnknownSetting(key) from None


def get(key: str, organization_id: Scope = None) -> Any:
    """Return the value: a Secret where the setting is declared secret, else a str;
    None when it is set nowhere.
    """
    setting = find(key)
    value: Secret | None = None
    if organization_id:
        value = _stored(key, organization_id)
    if value is None:
        value = _stored(key, None)
    if value is None and setting.env:
        given = os.environ.get(setting.env, "")
        value = Secret(given) if given else None
    if value is None or setting.secret:
        return value
    return value.reveal()


def get_own(key: str, organization_id: Scope) -> Secret | None:
    """Return what is stored for exactly this scope; for code that must not take another's value."""
    return _stored(find(key).key, organization_id)


def source(key: str, organization_id: Scope = None) -> str:
    """Tell where get() finds the value: `organization`, `installation`, `environment`,
    or '' for nowhere.
    """
    if organization_id and _stored(key, organization_id) is not None:
        return "organization"
    if _stored(key, None) is not None:
        return "installation"
    env = find(key).env
    if env and os.environ.get(env):
        return "environment"
    return ""


def put(
    key: str,
    value: str | Secret | None,
    *,
    actor: Any,
    organization_id: Scope = None,
    request: Any = None,
) -> None:
    """Store a value for one scope; None or '' removes it there.
    Audited with it, or neither happens.

    A mask sent back for a secret keeps what is stored. The declaration's validator has
    the last word (ValidationError).
    """
    setting = find(key)
    if isinstance(value, Secret):
        value = value.reveal()
    if setting.secret and is_mask(value):
        return
    if value and setting.validate:
        setting.validate(value)
    if value and "\x00" in value:
        raise ValidationError(
            "Null characters are not allowed.", code="null_characters_not_allowed"
        )
    with transaction.atomic():
        _write(setting, value or None, actor, organization_id, request)


def _write(
    setting: Setting, text: str | None, actor: Any, organization_id: Scope, request: Any
) -> None:
    scope = {"setting_key": setting.key, "organization_id": organization_id}
    if text:
        # Two first writers at once: one of them makes the row, both then wait for its lock.
        SystemSetting.objects.bulk_create([SystemSetting(**scope)], ignore_conflicts=True)
    row = SystemSetting.objects.select_for_update().filter(**scope).first()
    if row is None:
        return
    old, facts = _old_value(row)
    if text == old and not facts:
        return
    _announce_change()
    if text is None:
        SystemSetting.objects.filter(pk=row.pk).delete()
    else:
        row.setting_value = text
        row.description = str(setting.description or setting.label)
        row.updated_by = actor if getattr(actor, "is_authenticated", False) else None
        row.updated_at = timezone.now()
        row.save()
    action = "setting.changed" if text else "setting.removed"
    audit.record(
        action,
        actor=actor,
        target=row,
        request=request,
        organization_id=organization_id,
        old=old,
        new=text,
        key=setting.key,
        **facts,
    )


def _old_value(row: SystemSetting) -> tuple[str | None, dict[str, Any]]:
    """Return what was stored, in clear, for its hash; what no key opens must not keep people
    from replacing it.
    """
    try:
        if row.setting_value is None:
            return None, {}
        return row.setting_value.reveal(), {}
    except CannotOpen:
        return None, {"old_value_could_not_be_opened": True}


def forget() -> None:
    """Make every process read anew (after rows were changed by other means than put())."""
    _memory.clear()
    redis_connection().delete(_version_key())


# --- Reading --------------------------------------------------------------------------------------


def _stored(key: str, organization_id: Scope) -> SealedValue | None:
    # The version is read before the database: what a later writer changes can then never
    # be taken for current.
    version = _version()
    scope = (key, organization_id)
    found = _memory.get(scope)
    if version and found and found.version == version and found.until > time.monotonic():
        return found.value
    row = SystemSetting.objects.filter(setting_key=key, organization_id=organization_id).first()
    value = None
    if row:
        value = row.setting_value
    if version:
        _memory[scope] = _Remembered(version, time.monotonic() + REMEMBERED_SECONDS, value)
    else:
        _memory.pop(scope, None)
    return value


def _version_key() -> str:
    return f"koppel:settings:{connection.settings_dict['NAME']}"


def _version() -> str:
    """Return the version that stands, '' when nothing may be remembered now."""
    redis = redis_connection()
    try:
        version = redis.get(_version_key())
        if version is None:
            redis.set(_version_key(), secrets.token_hex(8), nx=True)
            version = redis.get(_version_key())
    except RedisError:
        return ""
    if version in (None, CHANGING):
        return ""
    return str(version)


def _announce_change() -> None:
    """Let nobody remember anything until this transaction has ended; then everybody starts anew."""
    transaction.on_commit(_new_version, robust=True)
    try:
        redis_connection().set(_version_key(), CHANGING, ex=CHANGING_SECONDS)
    except RedisError:
        # Who cannot reach Redis remembers nothing; who can is told after the commit,
        # or forgets in five minutes.
        return


def _new_version() -> None:
    redis_connection().set(_version_key(), secrets.token_hex(8))
