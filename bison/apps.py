"""Email Bison."""

from django.apps import AppConfig


class BisonConfig(AppConfig):
    name = "bison"
    verbose_name = "Email Bison"

    def ready(self) -> None:
        from bison import instances
        from core import vendors

        vendors.declare(instances.BISON)
