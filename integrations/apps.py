"""Integrations."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self) -> None:
        from django.db.models.signals import post_delete
        from django.utils.translation import gettext_lazy as _

        from core import audit, happenings, ledger, runs
        from core.inbox import sources
        from core.incidents import sources as origins
        from core.incidents import subjects
        from crm import events
        from integrations import health, privacy, registry, removal
        from integrations.contacts import merging, proof, syncing
        from integrations.events import emitting, recovering
        from integrations.health.subjects import INTEGRATIONS
        from integrations.helpdesk import demos
        from integrations.helpdesk.demos import bots
        from integrations.providers.chatwoot import webhooks as chatwoot_webhooks
        from integrations.providers.hubspot import webhooks as hubspot_webhooks
        from integrations.providers.pipedrive import webhooks as pipedrive_webhooks

        registry.declare_all()
        privacy.declare_all()
        for kind in (health.KIND, syncing.KIND, demos.KIND, recovering.KIND):
            runs.declare(kind)
        for source in (
            hubspot_webhooks.SOURCE,
            pipedrive_webhooks.SOURCE,
            chatwoot_webhooks.SOURCE,
            bots.SOURCE,
        ):
            sources.register(source)
        ledger.declare(proof.SOURCE)
        origins.declare("integrations", _("Integrations"), "integration", "events_out:", "sunset:")
        subjects.declare(INTEGRATIONS)
        audit.ACTIONS.update(
            {
                "helpdesk.agent_assigned": _("An agent was put into an inbox at Chatwoot"),
                "helpdesk.agent_created": _("An agent was made at Chatwoot"),
                "helpdesk.agent_unassigned": _("An agent was taken out of an inbox at Chatwoot"),
                "helpdesk.demo_asked": _("A demo was asked for"),
                "helpdesk.demo_deleted": _("A demo was deleted"),
                "integration.activated": _("An integration was switched on"),
                "integration.changed": _("An integration was changed"),
                "integration.connected": _("A service was connected by signing in there"),
                "integration.conflict_resolved": _("A conflict about a contact was decided"),
                "integration.contacts_mapped": _(
                    "How an integration's contacts are synced was changed"
                ),
                "integration.created": _("A service was connected"),
                "integration.deactivated": _("An integration was switched off"),
                "integration.deleted": _("An integration was deleted"),
                "integration.disconnected": _(
                    "An integration was disconnected and its secrets deleted"
                ),
                "integration.fallback_set": _("An integration's stand-in was chosen"),
                "integration.grant_gone": _("A service let an integration in no longer"),
                "integration.paused": _("An integration was switched off by Koppel"),
                "integration.reconnected": _(
                    "An integration was connected again by signing in there"
                ),
                "integration.recovered": _("Everything since a moment was sent again"),
                "integration.replayed": _("Events were sent again"),
                "integration.sampled": _("A sample event was sent"),
                "integration.scheduled": _("An integration's schedule was changed"),
                "integration.secret_rotated": _("An integration's signing secret was exchanged"),
                "integration.shared": _("An integration was shared, or shared no longer"),
                "integration.synced": _("A sync of an integration was started"),
                "integration.transferred": _("An integration was given to a colleague"),
            }
        )
        post_delete.connect(
            removal.remove_account,
            sender="integrations.Integration",
            dispatch_uid="integrations.account",
        )
        events.organization_leaving.connect(
            removal.leave_services, dispatch_uid="integrations.organization"
        )
        events.people_merging.connect(
            merging.people_merging, dispatch_uid="integrations.people_merging"
        )
        events.people_merged.connect(
            merging.people_merged, dispatch_uid="integrations.people_merged"
        )
        happenings.happened.connect(emitting.hear, dispatch_uid="integrations.events")
        happenings.happened.connect(emitting.hear_of_account, dispatch_uid="integrations.accounts")
