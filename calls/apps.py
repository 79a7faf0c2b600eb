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
            privacy,
            recordings,
            stories,
            transcripts,
            webhooks,
        )
        from calls.services import mailing
        from core import audit, errors, happenings, inbox, runs
        from core.incidents import sources
        from crm import events

        inbox.register(webhooks.SOURCE)
        sources.declare("calls", _("Calls"), "calls.")
        events.appointment_changed.connect(
            listening.appointment_changed, dispatch_uid="calls.appointment"
        )
        events.people_merged.connect(listening.people_merged, dispatch_uid="calls.people")
        events.settings_changed.connect(listening.settings_changed, dispatch_uid="calls.settings")
        events.organization_removed.connect(
            listening.organization_removed, dispatch_uid="calls.organization"
        )
        happenings.happened.connect(mailing.hear, dispatch_uid="calls.mailing")
        pre_delete.connect(
            recordings.remember_removed, sender="calls.Recording", dispatch_uid="calls.removed"
        )
        errors.VENDOR_NAMES["livekit"] = "LiveKit"
        errors.VENDOR_NAMES["recordings"] = "S3"
        errors.VENDOR_NAMES["openai"] = "OpenAI"
        runs.declare(transcripts.KIND)
        stories.declare()
        privacy.declare_all()
        audit.ACTIONS.update(
            {
                "action.added": _("An action item of a call was added"),
                "action.changed": _("An action item of a call was changed"),
                "action.removed": _("An action item of a call was removed"),
                "call.checked": _("A call was checked against LiveKit by hand"),
                "call.lead_set": _("The lead of a call was set"),
                "call.outcome_set": _("The outcome of a call was set"),
                "comment.added": _("A comment on a call was added"),
                "comment.changed": _("A comment on a call was changed"),
                "comment.deleted": _("A comment on a call was deleted"),
                "guest.invited": _("A guest was invited into a call"),
                "guest.mailed": _("A lead was mailed an invitation to a meeting"),
                "guest.revoked": _("A guest's invitation was withdrawn"),
                "recording.deleted": _("A recording was deleted, and proved to be gone"),
            }
        )
