"""The JSON of native calls: how one joins, who is invited as a guest,
and what the lead was written.
"""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from calls.models import GuestInvitation, MeetingMail
from core.api.fields import Flag, Id, Moment, Text

# ruff: noqa: N815, N802

DEVICE = re.compile(r"[A-Za-z0-9_-]{16,64}")


class DeviceId(Text):
    """A name that a device gave itself, to be known by when it comes back."""

    default_error_messages = {"form": _("16 to 64 letters, digits, - and _.")}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=16, max_length=64, **options)

    def to_internal_value(self, data: Any) -> str:
        device = super().to_internal_value(data)
        if not DEVICE.fullmatch(device):
            self.fail("form")
        return device


class JoinSerializer(serializers.Serializer[Any]):
    deviceId = DeviceId(
        required=False, help_text=_("The same device again takes the place of its earlier self.")
    )


class JoinedSerializer(serializers.Serializer[Any]):
    roomName = serializers.CharField(source="room_name")
    token = serializers.CharField()
    livekitUrl = serializers.CharField(source="livekit_url")
    callId = Id(source="call_id")


class GuestJoinSerializer(JoinSerializer):
    displayName = Text(max_length=100)
    consent = Flag(help_text=_("To the recording of this call; without it nobody is let in."))

    def validate_displayName(self, name: str) -> str:
        if not name.isprintable():
            raise serializers.ValidationError(_("A name has no control characters."))
        return name


class GuestInvitationSerializer(serializers.Serializer[GuestInvitation]):
    id = Id(read_only=True)
    appointmentId = Id(source="appointment_id", read_only=True)
    displayName = serializers.CharField(source="display_name", read_only=True)
    createdAt = Moment(source="created_at", read_only=True)
    expiresAt = Moment(source="expires_at", read_only=True)
    consentAt = Moment(source="consent_at", read_only=True, allow_null=True)
    revokedAt = Moment(source="revoked_at", read_only=True, allow_null=True)


class GuestLinkSerializer(GuestInvitationSerializer):
    url = serializers.SerializerMethodField()
    token = serializers.SerializerMethodField()

    def get_token(self, _invitation: GuestInvitation) -> str:
        """Give what the address of a guest's join takes; this once, as with the link."""
        return str(self.context["token"])

    def get_url(self, _invitation: GuestInvitation) -> str:
        """Give the link, this once: only a hash of it is kept."""
        return str(self.context["url"])


class MeetingMailSerializer(serializers.Serializer[Any]):
    """One mail to the lead of a meeting."""

    id = Id(read_only=True)
    kind = serializers.ChoiceField(choices=MeetingMail.Kind.choices, read_only=True)
    state = serializers.ChoiceField(choices=MeetingMail.State.choices, read_only=True)
    email = serializers.CharField(read_only=True)
    error = serializers.CharField(read_only=True)
    createdAt = Moment(source="created_at", read_only=True)
    sentAt = Moment(source="sent_at", read_only=True, allow_null=True)
