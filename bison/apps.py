"""Email Bison."""

from django.apps import AppConfig


class BisonConfig(AppConfig):
    name = "bison"
    verbose_name = "Email Bison"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from bison import instances
        from bison.instances import discovering
        from bison.keys import bulk_making, importing
        from core import audit, runs, vendors

        vendors.declare(instances.BISON)
        audit.ACTIONS["bison.key_made"] = _("A workspace key was made at Email Bison")
        audit.ACTIONS["bison.key_revoked"] = _("A workspace key was revoked")
        audit.ACTIONS["bison.key_expired"] = _("A workspace key has expired")
        audit.ACTIONS["bison.key_leaked"] = _("A workspace key that leaked was replaced")
        audit.ACTIONS["bison.keys_imported"] = _("Workspace keys were imported from a file")
        audit.ACTIONS["bison.workspace_changed"] = _("A workspace's entry was changed")
        audit.ACTIONS["bison.instance_changed"] = _("An Email Bison instance was changed")
        runs.declare(discovering.KIND)
        runs.declare(bulk_making.KIND)
        runs.declare(importing.KIND)
