"""An organization, its people and who is invited."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from core.api.fields import Flag, Id, Moment, OneOf, Text, Whole
from crm import wall_time
from crm.models import Member, Organization
from crm.serializers.records import Address

# ruff: noqa: N815


class SettingsSerializer(serializers.Serializer[Any]):
    callRecordingEnabled = Flag(source="call_recording_enabled", required=False)
    retentionDays = Whole(source="retention_days", min_value=1, max_value=3650, required=False)
    timeZone = Text(source="time_zone", max_length=64, validators=[wall_time.check_zone], required=False)
    language = OneOf(choices=settings.LANGUAGES, required=False)


class OrganizationSerializer(serializers.Serializer[Organization]):
    id = Id(read_only=True)
    name = Text(max_length=200)
    tier = OneOf(choices=Organization.Tier.choices)
    settings = SettingsSerializer(required=False)


class MemberSerializer(serializers.Serializer[Member]):
    id = Id(read_only=True)
    userId = Id(source="user_id", read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.SerializerMethodField()
    email = serializers.CharField(source="user.email", read_only=True)
    role = OneOf(choices=Member.Role.choices)
    createdAt = Moment(source="created_at", read_only=True)

    def get_name(self, member: Member) -> str:
        return member.user.get_full_name() or member.user.get_username()


class InvitationSerializer(serializers.Serializer[Any]):
    id = Id(read_only=True)
    email = Address()
    role = OneOf(choices=Member.Role.choices)
    forAnyAddress = Flag(
        source="for_any_address",
        required=False,
        help_text="Whoever has the link may use it; else only who has this address.",
    )
    createdAt = Moment(source="created_at", read_only=True)
    sentAt = Moment(source="sent_at", read_only=True, allow_null=True)
    expiresAt = Moment(source="expires_at", read_only=True)
