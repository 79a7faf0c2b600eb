"""The toy vendor, as an app would bring one, and a provider of integrations on the same service."""

from django.apps import AppConfig


class ToyConfig(AppConfig):
    name = "tests.toy"
    label = "toy"

    def ready(self) -> None:
        from core import vendors
        from integrations import registry
        from tests.integrations import contact_cast
        from tests.integrations.toys import TOYBOX
        from tests.toy.vendor import TOY

        vendors.declare(TOY)
        registry.declare(TOYBOX)
        for provider in (contact_cast.TOYPEOPLE, contact_cast.WITH_DELETIONS):
            registry.declare(provider)
