"""Calls."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallsConfig(AppConfig):
    name = "calls"
    verbose_name = "Calls"

    def ready(self) -> None:
        from django.db.models.signals import pre_delete

        from calls import (
            checks,  # noqa: F401  they register themselves
            listening,
            recordings,
            stories,
            transcripts,
            webhooks,
        )
        from core import audit, errors, inbox, runs
        from crm import events

        inbox.register(webhooks.SOURCE)
        events.appointment_changed.connect(listening.appointment_changed, dispatch_uid="calls.appointment")
        events.people_merged.connect(listening.people_merged, dispatch_uid="calls.people")
        events.settings_changed.connect(listening.settings_changed, dispatch_uid="calls.settings")
        events.organization_removed.connect(listening.organization_removed, dispatch_uid="calls.organization")
        pre_delete.connect(recordings.remember_removed, sender="calls.Recording", dispatch_uid="calls.removed")
        errors.VENDOR_NAMES["livekit"] = "LiveKit"
        errors.VENDOR_NAMES["recordings"] = "S3"
        errors.VENDOR_NAMES["openai"] = "OpenAI"
        runs.declare(transcripts.KIND)
        stories.declare()
        audit.ACTIONS.update(
            {
                "call.checked": _("A call was checked against LiveKit by hand"),
                "guest.invited": _("A guest was invited into a call"),
                "guest.revoked": _("A guest's invitation was withdrawn"),
                "recording.deleted": _("A recording was deleted, and proved to be gone"),
            }
        )
