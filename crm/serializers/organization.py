"""An organization, its people and who is invited."""

from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework import serializers

from core.api.fields import Flag, Id, Moment, OneOf, Text, Whole
from crm import colleagues, wall_time
from crm.models import Member, Organization
from crm.serializers.records import Address
from crm.serializers.related import Related
from crm.services import Belongings

# ruff: noqa: N815


class SettingsSerializer(serializers.Serializer[Any]):
    callRecordingEnabled = Flag(source="call_recording_enabled", required=False)
    retentionDays = Whole(source="retention_days", min_value=1, max_value=3650, required=False)
    timeZone = Text(
        source="time_zone", max_length=64, validators=[wall_time.check_zone], required=False
    )
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
    managedTeamIds = serializers.SerializerMethodField()
    repId = serializers.SerializerMethodField()
    lastSignInAt = Moment(source="user.last_login", read_only=True, allow_null=True)
    hasSecondFactor = serializers.BooleanField(source="has_second_factor", read_only=True)
    createdAt = Moment(source="created_at", read_only=True)

    def get_name(self, member: Member) -> str:
        return colleagues.name_of(member)

    def get_managedTeamIds(self, member: Member) -> list[UUID]:  # noqa: N802
        """List the teams that this member manages."""
        return [team.pk for team in member.managed_teams.all()]

    def get_repId(self, member: Member) -> UUID | None:  # noqa: N802
        """Name the rep that this member is; null for who is none."""
        return next((rep.pk for rep in member.reps.all()), None)


class LeavingSerializer(serializers.Serializer[Any]):
    """How a member leaves: who takes over what is to come, and whether their rep is archived."""

    successorId = Related(Member, source="successor", required=False, allow_null=True)
    archiveRep = Flag(source="archives_rep", required=False)


class BelongingsSerializer(serializers.Serializer[Belongings]):
    """What a member would leave behind."""

    meetings = serializers.IntegerField(read_only=True, help_text="To come, with them as closer.")
    leads = serializers.IntegerField(read_only=True, help_text="Qualified by them.")
    invitations = serializers.IntegerField(
        read_only=True, help_text="Sent by them and open: they are withdrawn."
    )
    teams = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Managed by them."
    )
    repId = Id(source="rep.pk", read_only=True, allow_null=True, default=None)


class InvitationSerializer(serializers.Serializer[Any]):
    id = Id(read_only=True)
    email = Address()
    role = OneOf(choices=Member.Role.choices)
    language = OneOf(
        choices=settings.LANGUAGES,
        required=False,
        allow_blank=True,
        help_text="Of the mail; empty: the organization's.",
    )
    forAnyAddress = Flag(
        source="for_any_address",
        required=False,
        help_text="Whoever has the link may use it; else only who has this address.",
    )
    createdAt = Moment(source="created_at", read_only=True)
    sentAt = Moment(source="sent_at", read_only=True, allow_null=True)
    expiresAt = Moment(source="expires_at", read_only=True)
