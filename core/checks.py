"""What must be right before anything runs: numbered system checks,
and the refusal to start without a key.

Management commands run the checks by themselves. The web process, the worker and beat do not: they
call refuse_to_start(), which holds the errors of the key ring against them, and a ring that opens
nothing of the database.

    koppel.E001          there is no encryption key
    koppel.E002          a key that is no key: cut short, an example, soon guessed
    koppel.E003          the ring does not open the database
    koppel.E010, E011    encrypted fields (core.secrets.fields)
    koppel.E090 to E094  what no deployment may be (core.deployment)
    koppel.W001          a passphrase that is short
    koppel.W002          a key that is there twice
    koppel.W003          a key that is the SECRET_KEY, too
"""

import string
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  Django's own name
from django.core.exceptions import ImproperlyConfigured

from core.health.readiness import ring_opens_database
from core.secrets.crypto import is_hex_key

# Shorter ones are guessed by whoever has a copy of the database: below the first in hours,
# below the second in years.
NO_PASSPHRASE: Final = 12
SHORTEST_PASSPHRASE: Final = 24
FEWEST_CHARACTERS: Final = 5
HEX_LOOKS_MEANT_FROM: Final = 32
EXAMPLES: Final = frozenset(
    {
        "your-32-byte-hex-key-or-string",
        "your-encryption-key",
        "your-key-here",
        "changeme",
        "change-me",
    }
)
NEW_KEY: Final = "Make one with `manage.py generate_encryption_key`."
OLD_KEY: Final = "Put the key that was used before back into the ring, behind the new one."


@register(Tags.security)
def key_ring(app_configs: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Check whether INTEGRATION_ENCRYPTION_KEY can be worked with. No message shows a key."""
    ring = settings.INTEGRATION_ENCRYPTION_KEY
    if not ring:
        return [Error("INTEGRATION_ENCRYPTION_KEY is not set.", hint=NEW_KEY, id="koppel.E001")]
    found: list[CheckMessage] = []
    for number, key in enumerate(ring, 1):
        name = f"Key {number} of INTEGRATION_ENCRYPTION_KEY"
        if fault := _fault(key):
            found.append(Error(f"{name} {fault}.", hint=NEW_KEY, id="koppel.E002"))
        elif not is_hex_key(key) and len(key) < SHORTEST_PASSPHRASE:
            text = (
                f"{name} is a passphrase of fewer than {SHORTEST_PASSPHRASE} characters, which "
                "can be guessed."
            )
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
    is_passphrase = not is_hex_key(key)
    looks_like_hex = len(key) >= HEX_LOOKS_MEANT_FROM and set(key) <= set(string.hexdigits)
    if is_passphrase and looks_like_hex:
        return f"has {len(key)} hex digits where 64 make a key"
    if not key.isprintable():
        return "has a character in it that cannot be printed"
    is_guessed = len(key) < NO_PASSPHRASE or len(set(key)) < FEWEST_CHARACTERS
    if is_passphrase and is_guessed:
        return "is a passphrase that is guessed at once"
    return ""


@register(Tags.database)
def ring_opens_the_database(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Check whether this ring opens what the database holds (`check --database default`,
    `migrate`).
    """
    if "default" not in (databases or ()):
        return []
    if not settings.INTEGRATION_ENCRYPTION_KEY:
        return []  # E001 says so
    return _opens_nothing()


def _opens_nothing() -> list[CheckMessage]:
    if ring_opens_database() is not False:
        return []
    return [
        Error(
            "No key of INTEGRATION_ENCRYPTION_KEY opens this database.",
            hint=OLD_KEY,
            id="koppel.E003",
        )
    ]


def refuse_to_start(**_signal: Any) -> None:
    """Raise when the key ring is not sound, before a request is served or a task worked."""
    errors = [message for message in key_ring() if message.is_serious()] or _opens_nothing()
    if errors:
        raise ImproperlyConfigured(
            "\n".join(f"{error.id}: {error.msg} {error.hint}" for error in errors)
        )


def refuse_to_work(**_signal: Any) -> None:
    """Do the same for Celery, whose signals swallow every exception but this one."""
    try:
        refuse_to_start()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
