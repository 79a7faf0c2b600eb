"""Demo accounts have a password that everybody knows: they exist only where the demo runs."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import ProgrammingError

from core.models import User


@register(Tags.database)
def no_demo_accounts(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """A production start, and a migration, refuse a database that holds them. Asks only where a database is named."""
    if settings.DEMO or settings.DEBUG or not databases:
        return []
    try:
        names = sorted(User.objects.filter(is_demo=True).values_list("username", flat=True))
    except ProgrammingError:
        return []  # nothing is migrated yet, so nobody is there
    if not names:
        return []
    return [
        Error(
            f"The database holds demo accounts: {', '.join(names)}.",
            hint="Use an empty database for production, or delete these users.",
            id="koppel.E090",
        )
    ]
