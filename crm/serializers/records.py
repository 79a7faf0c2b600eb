"""Reps, teams, leads, contacts and appointments."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api.fields import Flag, Id, Moment, OneOf, Text
from crm import addresses, wall_time
from crm.models import Appointment, Lead, Member, SalesRep, Team
from crm.serializers.related import Related
from crm.services.reps import MAX_ALIASES

# The names of JSON, N815: mixedCase is the contract's.
# ruff: noqa: N815


class Address(Text):
    """An e-mail address, in whatever alphabet."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=addresses.MAX_LENGTH, validators=[addresses.check], **options)


class Aliases(serializers.ListField):
    """A rep's addresses without their own e-mail, from those that were fetched with the rep."""

    def get_attribute(self, instance: SalesRep) -> list[str]:
        return [row.address for row in instance.addresses.all() if not row.is_main]


class WaitingAddresses(serializers.ListField):
    """Those of a rep's addresses that staff have not granted yet, from those that were
    fetched with the rep.
    """

    def get_attribute(self, instance: SalesRep) -> list[str]:
        return [row.address for row in instance.addresses.all() if row.is_waiting]


class Managers(serializers.ListField):
    """Who manages a team, from the rows that were fetched with it."""

    def get_attribute(self, instance: Team) -> list[UUID]:
        return [row.member_id for row in instance.manager_rows.all()]


class Record(serializers.Serializer[Any]):
    """What all have: an id, and the organization that is chosen when it is made
    and never changes.
    """

    id = Id(read_only=True)
    organizationId = Id(source="organization_id", required=False)

    def validate_organizationId(self, value: Any) -> Any:  # noqa: N802
        if self.instance is not None and self.instance.organization_id != value:
            raise serializers.ValidationError(_("A thing stays in its organization."))
        return value


class RepSerializer(Record):
    name = Text(max_length=200)
    email = Address()
    aliases = Aliases(child=Address(), required=False, max_length=MAX_ALIASES)
    waitingAddresses = WaitingAddresses(
        child=serializers.CharField(),
        read_only=True,
        help_text=(
            "Of these, no calls come from the shared account: they wait until staff grant them."
        ),
    )
    teamId = Related(Team, source="team", required=False, allow_null=True)
    memberId = Related(Member, source="member", required=False, allow_null=True)
    archivedAt = Moment(source="archived_at", required=False, allow_null=True)
    callCount = serializers.IntegerField(source="call_count", read_only=True)
    lastCallAt = Moment(source="last_call_at", read_only=True, allow_null=True)


class TeamSerializer(Record):
    name = Text(max_length=200)
    managerIds = Managers(child=Related(Member), source="managers", required=False, max_length=200)
    createdAt = Moment(source="created_at", read_only=True)


class ProspectSerializer(Record):
    name = Text(max_length=200)
    email = Address(required=False, allow_blank=True)
    phone = Text(max_length=40, required=False, allow_blank=True)
    company = Text(max_length=200, required=False, allow_blank=True)
    externalIds = serializers.DictField(
        child=Text(max_length=200), source="external_ids", required=False
    )
    createdAt = Moment(source="created_at", read_only=True)
    updatedAt = Moment(source="updated_at", read_only=True)


class LeadSerializer(ProspectSerializer):
    status = OneOf(choices=Lead.Status.choices, required=False)
    # The class of all fields has an attribute of this name; the JSON has a field.
    source = Text(max_length=100, required=False, allow_blank=True)  # type: ignore[assignment]
    qualifiedById = Related(Member, source="qualified_by", required=False, allow_null=True)
    teamId = Related(Team, source="team", required=False, allow_null=True)


class ContactSerializer(ProspectSerializer):
    leadId = Related(Lead, source="lead", required=False, allow_null=True)


class AppointmentSerializer(Record):
    leadId = Related(Lead, source="lead")
    closerId = Related(Member, source="closer", required=False, allow_null=True)
    setterId = Related(Member, source="setter", required=False, allow_null=True)
    teamId = Related(Team, source="team", required=False, allow_null=True)
    title = Text(max_length=200, required=False, allow_blank=True)
    startsAt = Moment(source="starts_at")
    endsAt = Moment(source="ends_at")
    timeZone = Text(
        source="time_zone", max_length=64, required=False, validators=[wall_time.check_zone]
    )
    status = OneOf(choices=Appointment.Status.choices, required=False)
    cancelReason = Text(
        source="cancel_reason",
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="Why it was cancelled; kept while it is.",
    )
    cancelledAt = Moment(source="cancelled_at", read_only=True, allow_null=True)
    refuseClash = Flag(
        source="refuse_clash",
        write_only=True,
        required=False,
        help_text="Refuse with 409 `clash` where the closer has another meeting then.",
    )
    canJoin = serializers.SerializerMethodField()
    createdAt = Moment(source="created_at", read_only=True)
    updatedAt = Moment(source="updated_at", read_only=True)

    def get_canJoin(self, appointment: Appointment) -> bool:  # noqa: N802
        """Tell whether the person who asks may join now."""
        return appointment.pk in self.context["joinable"]
