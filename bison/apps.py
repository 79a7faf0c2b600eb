"""Email Bison."""

from django.apps import AppConfig


class BisonConfig(AppConfig):
    name = "bison"
    verbose_name = "Email Bison"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from bison import instances
        from bison.keys import bulk_making
        from bison.syncs import kinds
        from core import audit, runs, vendors

        vendors.declare(instances.BISON)
        audit.ACTIONS |= {
            "bison.key_made": _("A workspace key was made at Email Bison"),
            "bison.key_revoked": _("A workspace key was revoked"),
            "bison.key_expired": _("A workspace key has expired"),
            "bison.key_leaked": _("A workspace key that leaked was replaced"),
            "bison.keys_imported": _("Workspace keys were imported from a file"),
            "bison.workspace_changed": _("A workspace's entry was changed"),
            "bison.instance_changed": _("An Email Bison instance was changed"),
        }
        for kind in (*kinds.KINDS.values(), bulk_making.KIND):
            runs.declare(kind)
