"""Fathom."""

from django.apps import AppConfig


class FathomSyncConfig(AppConfig):
    name = "fathom_sync"
    verbose_name = "Fathom"

    def ready(self) -> None:
        # Its settings are declared at import.
        from fathom_sync import config  # noqa: F401
