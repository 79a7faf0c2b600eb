"""Email Bison."""

from django.apps import AppConfig


class BisonConfig(AppConfig):
    name = "bison"
    verbose_name = "Email Bison"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from bison import instances, suppression
        from bison.runway import computing
        from core import audit, runs, vendors

        vendors.declare(instances.BISON)
        audit.ACTIONS["bison.suppressed"] = _("Addresses or domains were suppressed at Email Bison")
        audit.ACTIONS["bison.suppression_lifted"] = _("A suppression at Email Bison was lifted")
        runs.declare(suppression.KIND)
        runs.declare(suppression.CHECK)
        runs.declare(computing.KIND)
