"""Email Bison."""

from django.apps import AppConfig


class BisonConfig(AppConfig):
    name = "bison"
    verbose_name = "Email Bison"

    def ready(self) -> None:
        from bison import health, instances
        from bison.health import noting
        from core import runs, vendors
        from core.http import call_log

        vendors.declare(instances.BISON)
        runs.declare(health.KIND)
        call_log.written.connect(noting.on_written, dispatch_uid="bison.health")
