"""Commands that open or seal what the database holds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.checks import OLD_KEY
from core.health.readiness import ring_opens_database

OPENS_NOTHING = (
    f"No key of INTEGRATION_ENCRYPTION_KEY opens this database; nothing was changed. {OLD_KEY}"
)


class KeyedCommand(BaseCommand):
    """A command that does not begin with a ring that opens nothing here:
    what it wrote would be read by nobody, and keys that work would be called broken."""

    def execute(self, *args: Any, **options: Any) -> Any:
        if ring_opens_database() is False:
            raise CommandError(OPENS_NOTHING, returncode=1)
        return super().execute(*args, **options)
