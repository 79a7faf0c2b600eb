"""Fathom."""

from django.apps import AppConfig


class FathomSyncConfig(AppConfig):
    name = "fathom_sync"
    verbose_name = "Fathom"

    def ready(self) -> None:
        from django.db.models.signals import post_delete
        from django.utils.translation import gettext_lazy as _

        from core import audit, runs
        from core.inbox import sources
        from core.incidents import sources as origins
        from core.incidents import subjects
        from crm import events
        from fathom_sync import privacy, webhooks
        from fathom_sync.accounts import owners, vendor  # noqa: F401 - Fathom is declared at import
        from fathom_sync.ledger import reconciling
        from fathom_sync.meetings import unmatched
        from fathom_sync.subjects import ACCOUNTS
        from fathom_sync.syncs import sync

        audit.ACTIONS["meeting.assigned"] = _("Fathom meetings were given to a rep")
        audit.ACTIONS["meeting.unassigned"] = _(
            "Fathom meetings that were given to a rep wait again"
        )
        sources.register(webhooks.SOURCE)
        origins.declare("fathom", "Fathom", "fathom")
        subjects.declare(ACCOUNTS)
        runs.declare(sync.KIND)
        privacy.declare_all()
        runs.declare(reconciling.KIND)
        post_delete.connect(
            owners.forget_link, sender="fathom_sync.FathomAccount", dispatch_uid="fathom_sync.link"
        )
        events.rep_changed.connect(unmatched.on_rep_changed, dispatch_uid="fathom_sync.unmatched")
