"""Print a new key for INTEGRATION_ENCRYPTION_KEY."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand

from core.secrets.crypto import KEY_BYTES


class Command(BaseCommand):
    help = (
        "Print a new encryption key: 32 random bytes in hex. Put it first "
        "in INTEGRATION_ENCRYPTION_KEY."
    )
    # It must run where there is no key yet, which the checks refuse.
    requires_system_checks = []  # noqa: RUF012  Django's own way

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(secrets.token_hex(KEY_BYTES))
