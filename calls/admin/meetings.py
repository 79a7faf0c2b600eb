"""What was sent about meetings: invitations of guests, and mails to leads."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from calls.models import (
    GuestInvitation,
    MeetingMail,
)
from core.admin.base import AppendOnlyAdmin, moment


@admin.register(GuestInvitation)
class GuestInvitationAdmin(AppendOnlyAdmin):
    """Who was asked into which meeting, and what they agreed to."""

    list_display = ("appointment", "guest", "expires", moment("consent_at", _("consent")))
    list_select_related = ("appointment",)
    search_fields = ("display_name", "=appointment__id")
    fields = (
        "appointment",
        "guest",
        "created_by",
        "created_at",
        "expires",
        "consent_at",
        "consent_ip",
        "revoked_at",
    )
    ordering = ("-created_at", "-id")

    @admin.display(description=_("expires"), ordering="appointment__ends_at")
    def expires(self, invitation: GuestInvitation) -> SafeString:
        return moment("expires_at", "")(invitation)

    @admin.display(description=_("guest"), ordering="display_name")
    def guest(self, invitation: GuestInvitation) -> str:
        return invitation.display_name or "–"


@admin.register(MeetingMail)
class MeetingMailAdmin(AppendOnlyAdmin):
    """What was written to leads about their meetings, and what waits."""

    list_display = (
        "appointment",
        "kind",
        "state",
        moment("created_at", _("created")),
        moment("sent_at", _("sent")),
    )
    list_filter = ("state", "kind")
    list_select_related = ("appointment",)
    search_fields = ("=appointment__id", "email")
    fields = (
        "appointment",
        "kind",
        "email",
        "state",
        "attempts",
        "next_attempt_at",
        "error",
        "created_by",
        "created_at",
        "sent_at",
    )
    ordering = ("-created_at", "-id")
