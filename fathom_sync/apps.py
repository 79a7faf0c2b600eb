"""Fathom."""

from django.apps import AppConfig


class FathomSyncConfig(AppConfig):
    name = "fathom_sync"
    verbose_name = "Fathom"
