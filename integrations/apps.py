"""Integrations."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self) -> None:
        from django.db.models.signals import post_delete
        from django.utils.translation import gettext_lazy as _

        from core import audit
        from integrations import registry, removal

        registry.declare_all()
        audit.ACTIONS.update(
            {
                "integration.activated": _("An integration was switched on"),
                "integration.changed": _("An integration was changed"),
                "integration.created": _("A service was connected"),
                "integration.deactivated": _("An integration was switched off"),
                "integration.deleted": _("An integration was deleted"),
                "integration.fallback_set": _("An integration's stand-in was chosen"),
                "integration.scheduled": _("An integration's schedule was changed"),
                "integration.shared": _("An integration was shared, or shared no longer"),
                "integration.transferred": _("An integration was given to a colleague"),
            }
        )
        post_delete.connect(
            removal.remove_account, sender="integrations.Integration", dispatch_uid="integrations.account"
        )
