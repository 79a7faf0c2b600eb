"""The JSON of people and their organizations, in camelCase."""

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import Text
from core.models import User
from core.signin import profile
from core.words import time_zones
from crm import current
from crm.models import Member, Organization


class MembershipSerializer(serializers.Serializer[Member]):
    """One organization as its member sees it."""

    id = serializers.UUIDField(source="organization_id")
    name = serializers.CharField(source="organization.name")
    tier = serializers.ChoiceField(source="organization.tier", choices=Organization.Tier.choices)
    role = serializers.ChoiceField(choices=Member.Role.choices)


class MeSerializer(serializers.Serializer[User]):
    """Who is signed in, where they belong, and what they chose."""

    id = serializers.UUIDField(read_only=True)
    username = serializers.CharField(read_only=True)
    email = serializers.CharField(read_only=True)
    name = serializers.SerializerMethodField()
    language = serializers.ChoiceField(choices=settings.LANGUAGES)
    theme = serializers.ChoiceField(choices=User.THEMES)
    timeZone = Text(source="time_zone", max_length=64)  # noqa: N815
    isStaff = serializers.BooleanField(source="is_staff", read_only=True)  # noqa: N815
    roles = serializers.SerializerMethodField()
    organization = serializers.SerializerMethodField()
    organizations = serializers.SerializerMethodField()

    def to_representation(self, user: User) -> dict[str, Any]:
        # Whoever has not chosen a language reads the one that their browser asks for.
        return {**super().to_representation(user), "language": user.language or get_language()}

    def get_name(self, user: User) -> str:
        return user.get_full_name() or user.get_username()

    def get_roles(self, user: User) -> list[str]:
        """List the staff groups that this person is in."""
        return sorted(group.name for group in user.groups.all())

    @extend_schema_field(MembershipSerializer(allow_null=True))
    def get_organization(self, user: User) -> Any:
        """Give the organization that they look at.

        It is null where that is none of theirs, and for people who belong nowhere yet.
        """
        members = list(user.memberships.all())
        chosen = current.current_organization(self.context["request"], members)
        if chosen is None:
            return None
        by_organization = {member.organization_id: member for member in members}
        if chosen.pk not in by_organization and any(
            member.role == Member.Role.ADMIN for member in members
        ):
            by_organization[chosen.pk] = Member(organization=chosen, role=Member.Role.ADMIN)
        if chosen.pk not in by_organization:
            return None
        return MembershipSerializer(by_organization[chosen.pk]).data

    @extend_schema_field(MembershipSerializer(many=True))
    def get_organizations(self, user: User) -> Any:
        return self._memberships(user)

    def validate_timeZone(self, value: str) -> str:  # noqa: N802
        if value not in time_zones.names():
            raise serializers.ValidationError(time_zones.NOT_A_ZONE)
        return value

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        profile.change(instance, **validated_data)
        return instance

    @staticmethod
    def _memberships(user: User) -> list[Any]:
        return [MembershipSerializer(membership).data for membership in user.memberships.all()]
