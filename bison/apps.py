"""Email Bison."""

from django.apps import AppConfig


class BisonConfig(AppConfig):
    name = "bison"
    verbose_name = "Email Bison"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from bison import instances
        from bison.ledger import checking as ledger_checking
        from bison.ledger import keeping
        from bison.syncs import kinds
        from bison.webhooks import checking, receiving
        from core import audit, ledger, runs, vendors
        from core.inbox import sources

        vendors.declare(instances.BISON)
        sources.register(receiving.SOURCE)
        for kind in kinds.KINDS.values():
            runs.declare(kind)
        runs.declare(checking.KIND)
        runs.declare(ledger_checking.KIND)
        ledger.declare(keeping.SOURCE)
        audit.ACTIONS["bison.webhook_changed"] = _("A workspace's webhook was changed")
        audit.ACTIONS["bison.webhook_rotated"] = _("A workspace's webhook got a new secret")
        audit.ACTIONS["bison.webhook_repaired"] = _("A workspace's webhook was repaired")
        audit.ACTIONS["bison.webhook_sampled"] = _("A sample was sent to a workspace's webhook")
