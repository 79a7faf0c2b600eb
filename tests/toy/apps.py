"""The toy vendor, as an app would bring one."""

from django.apps import AppConfig


class ToyConfig(AppConfig):
    name = "tests.toy"
    label = "toy"

    def ready(self) -> None:
        from core import vendors
        from tests.toy.vendor import TOY

        vendors.declare(TOY)
