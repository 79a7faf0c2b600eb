"""What must be right before anything runs: numbered system checks, and the refusal to start without a key.

Management commands run the checks by themselves. The web process, the worker and beat do not: they call
refuse_to_start(), which holds the errors of the key ring against them.

    koppel.E001  there is no encryption key             koppel.W001  a passphrase that is short
    koppel.E002  a key that is cut short or an example  koppel.W002  a key that is there twice
    koppel.E003  the ring does not open the database    koppel.W003  a key that is the SECRET_KEY, too
    koppel.E010, koppel.E011  encrypted fields (core.fields)
"""

import string
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  Django's own name
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from core.crypto import CannotOpen, is_hex_key
from core.models import StableKey

SHORTEST_PASSPHRASE: Final = 24
HEX_LOOKS_MEANT_FROM: Final = 32
EXAMPLES: Final = frozenset(
    {"your-32-byte-hex-key-or-string", "your-encryption-key", "your-key-here", "changeme", "change-me"}
)
NEW_KEY: Final = "Make one with `manage.py generate_encryption_key`."


@register(Tags.security)
def key_ring(app_configs: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Whether INTEGRATION_ENCRYPTION_KEY can be worked with. No message shows a key."""
    ring = settings.INTEGRATION_ENCRYPTION_KEY
    if not ring:
        return [Error("INTEGRATION_ENCRYPTION_KEY is not set.", hint=NEW_KEY, id="koppel.E001")]
    found: list[CheckMessage] = []
    for number, key in enumerate(ring, 1):
        name = f"Key {number} of INTEGRATION_ENCRYPTION_KEY"
        if fault := _fault(key):
            found.append(Error(f"{name} {fault}.", hint=NEW_KEY, id="koppel.E002"))
        elif not is_hex_key(key) and len(key) < SHORTEST_PASSPHRASE:
            text = f"{name} is a passphrase of fewer than {SHORTEST_PASSPHRASE} characters, which can be guessed."
            found.append(Warning(text, hint=NEW_KEY, id="koppel.W001"))
        if key in ring[: number - 1]:
            found.append(Warning(f"{name} is there twice.", hint="Remove one.", id="koppel.W002"))
        if key == settings.SECRET_KEY:
            text = f"{name} is the SECRET_KEY, too: who learns one has both."
            found.append(Warning(text, hint=NEW_KEY, id="koppel.W003"))
    return found


def _fault(key: str) -> str:
    if key.lower() in EXAMPLES:
        return "is an example, not a key"
    if not is_hex_key(key) and len(key) >= HEX_LOOKS_MEANT_FROM and set(key) <= set(string.hexdigits):
        return f"has {len(key)} hex digits where 64 make a key"
    if not key.isprintable():
        return "has a character in it that cannot be printed"
    return ""


@register(Tags.database)
def ring_opens_the_database(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Whether this ring opens what the database holds (`check --database default`, `migrate`)."""
    if "default" not in (databases or ()):
        return []
    if not settings.INTEGRATION_ENCRYPTION_KEY:
        return []  # E001 says so
    if StableKey._meta.db_table not in connections["default"].introspection.table_names():
        return []
    try:
        for key in StableKey.objects.all():
            key.value.reveal()
    except CannotOpen:
        hint = "Put the key that was used before back into the ring, behind the new one."
        return [Error("No key of INTEGRATION_ENCRYPTION_KEY opens this database.", hint=hint, id="koppel.E003")]
    return []


def refuse_to_start(**_signal: Any) -> None:
    """Raise when the key ring is not sound, before a request is served or a task worked."""
    errors = [message for message in key_ring() if message.is_serious()]
    if errors:
        raise ImproperlyConfigured("\n".join(f"{error.id}: {error.msg} {error.hint}" for error in errors))


def refuse_to_work(**_signal: Any) -> None:
    """The same for Celery, whose signals swallow every exception but this one."""
    try:
        refuse_to_start()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
