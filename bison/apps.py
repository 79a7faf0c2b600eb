"""Email Bison."""

from django.apps import AppConfig


class BisonConfig(AppConfig):
    name = "bison"
    verbose_name = "Email Bison"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from bison import health, instances, merging, privacy, stories, suppression
        from bison.health import noting
        from bison.health.subjects import INSTANCES, WORKSPACES
        from bison.instances import discovering
        from bison.keys import bulk_making, importing
        from bison.ledger import checking as replies_checking
        from bison.ledger import keeping
        from bison.runway import computing
        from bison.syncs import kinds
        from bison.webhooks import checking as webhooks_checking
        from bison.webhooks import receiving
        from core import audit, ledger, runs, vendors
        from core.http import call_log
        from core.inbox import sources
        from core.incidents import sources as origins
        from core.incidents import subjects
        from crm import events

        vendors.declare(instances.BISON)
        sources.register(receiving.SOURCE)
        ledger.declare(keeping.SOURCE)
        origins.declare("bison", "Email Bison", "bison_")
        subjects.declare(INSTANCES)
        subjects.declare(WORKSPACES)
        audit.ACTIONS.update(
            {
                "bison.instance_changed": _("An Email Bison instance was changed"),
                "bison.key_expired": _("A workspace key has expired"),
                "bison.key_leaked": _("A workspace key that leaked was replaced"),
                "bison.key_made": _("A workspace key was made at Email Bison"),
                "bison.key_revoked": _("A workspace key was revoked"),
                "bison.keys_imported": _("Workspace keys were imported from a file"),
                "bison.suppressed": _("Addresses or domains were suppressed at Email Bison"),
                "bison.suppression_lifted": _("A suppression at Email Bison was lifted"),
                "bison.webhook_changed": _("A workspace's webhook was changed"),
                "bison.webhook_repaired": _("A workspace's webhook was repaired"),
                "bison.webhook_rotated": _("A workspace's webhook got a new secret"),
                "bison.webhook_sampled": _("A sample was sent to a workspace's webhook"),
                "bison.workspace_changed": _("A workspace's entry was changed"),
            }
        )
        declared = (
            *kinds.KINDS.values(),
            discovering.KIND,
            bulk_making.KIND,
            importing.KIND,
            health.KIND,
            webhooks_checking.KIND,
            replies_checking.KIND,
            suppression.KIND,
            suppression.CHECK,
            computing.KIND,
        )
        stories.declare()
        privacy.declare_all()
        for kind in declared:
            runs.declare(kind)
        events.people_merging.connect(merging.people_merging, dispatch_uid="bison.people_merging")
        events.people_merged.connect(merging.people_merged, dispatch_uid="bison.people_merged")
        call_log.written.connect(noting.on_written, dispatch_uid="bison.health")
