"""Registers the probe's sources, as every app with webhooks does."""

from django.apps import AppConfig


class ProbeConfig(AppConfig):
    name = "tests.probe"
    label = "probe"

    def ready(self) -> None:
        from core import inbox
        from tests.probe.webhooks import SOURCES

        for source in SOURCES:
            inbox.register(source)
