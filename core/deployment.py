"""What no deployment may be: one whose pages show its insides, whose signatures can be forged,
or whose passwords everybody knows.

    koppel.E090  demo accounts       koppel.E091  DEBUG             koppel.E092  a weak SECRET_KEY
    koppel.E093  ALLOWED_HOSTS=*     koppel.E094  no https address
    koppel.W090  KOPPEL_DEMO is on   koppel.W091  the database could not be asked for demo accounts
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  Django's own name
from django.core.checks.security.base import (
    SECRET_KEY_INSECURE_PREFIX,
    SECRET_KEY_MIN_LENGTH,
    SECRET_KEY_MIN_UNIQUE_CHARACTERS,
)
from django.db import DatabaseError, ProgrammingError

from core.models import User


@register(Tags.database)
def no_demo_accounts(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Refuse a production start, and a migration, on a database that holds them.

    Ask only where a database is named.
    """
    if databases and not settings.DEMO:
        return _demo_accounts()
    return []


@register(Tags.security, deploy=True)
def safe_to_deploy(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Answer `check --deploy`: look for demo accounts even where no database is named."""
    if settings.DEMO:
        hint = "Only `make run` sets it. Everybody knows the passwords of a trial."
        return [Warning("KOPPEL_DEMO is on: this is a trial.", hint=hint, id="koppel.W090")]
    accounts: list[CheckMessage] = []
    try:
        if not databases:
            accounts = _demo_accounts()
    except DatabaseError:
        accounts = [Warning("The database could not be asked for demo accounts.", id="koppel.W091")]
    return [*_unsafe_settings(), *accounts]


def _unsafe_settings() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DEBUG:
        hint = "Unset it: error pages would show the insides of the site to everybody."
        found.append(Error("DEBUG is on.", hint=hint, id="koppel.E091"))
    if _is_weak(settings.SECRET_KEY):
        hint = "Take 50 random characters: who guesses it can forge sessions and links."
        found.append(
            Error("SECRET_KEY is too short, too plain or an example.", hint=hint, id="koppel.E092")
        )
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Name the hosts: links in mails would lead to whatever host a request names."
        found.append(Error("ALLOWED_HOSTS lets every host through.", hint=hint, id="koppel.E093"))
    address = urlsplit(settings.PUBLIC_URL)
    if address.scheme != "https" or not address.hostname:
        hint = (
            "KOPPEL_PUBLIC_URL=https://… turns on secure cookies, the redirect to HTTPS and HSTS."
        )
        found.append(Error("KOPPEL_PUBLIC_URL is no https address.", hint=hint, id="koppel.E094"))
    return found


def _is_weak(key: str) -> bool:
    """Tell whether Django would call the key weak (security.W009), where it is only a warning."""
    if key.startswith(SECRET_KEY_INSECURE_PREFIX):
        return True
    return len(key) < SECRET_KEY_MIN_LENGTH or len(set(key)) < SECRET_KEY_MIN_UNIQUE_CHARACTERS


def _demo_accounts() -> list[CheckMessage]:
    try:
        names = sorted(User.objects.filter(is_demo=True).values_list("username", flat=True))
    except ProgrammingError:
        return []  # nothing is migrated yet, so nobody is there
    if not names:
        return []
    text = f"The database holds demo accounts: {', '.join(names)}."
    return [
        Error(
            text,
            hint="Use an empty database for production, or delete these users.",
            id="koppel.E090",
        )
    ]
