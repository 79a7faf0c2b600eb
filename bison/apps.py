"""Email Bison."""

from django.apps import AppConfig


class BisonConfig(AppConfig):
    name = "bison"
    verbose_name = "Email Bison"

    def ready(self) -> None:
        from bison import instances
        from bison.syncs import kinds
        from core import runs, vendors

        vendors.declare(instances.BISON)
        for kind in kinds.KINDS.values():
            runs.declare(kind)
