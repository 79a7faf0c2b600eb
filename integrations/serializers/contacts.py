"""The contact sync: what is asked of it, how it is set, and what it leaves to a person."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import Flag, Id, Moment, OneOf, Text, Whole
from integrations.contacts import conflicts
from integrations.contacts.mapping import DIRECTIONS, LABELS, RULES, SIDES
from integrations.contacts.people import CONTACT, KINDS, LEAD
from integrations.models import ContactConflict, ContactSettings

# ruff: noqa: N815, N802
WHEN_DELETED = ContactSettings.WhenDeleted.values
LONGEST_PROPERTY = 200
MOST_FIELDS = 50


class ContactSyncSerializer(serializers.Serializer[Any]):
    """`direction`: none means as it is set. `full`: read the whole list,
    not what changed since the last time.
    """

    direction = OneOf(choices=DIRECTIONS, required=False)
    dryRun = Flag(required=False, default=False)
    full = Flag(required=False, default=False)


class ContactSyncStartedSerializer(serializers.Serializer[Any]):
    """`joined`: all of this was under way already, and this is that run.
    `waits`: another goes first.
    """

    runId = Id(read_only=True)
    statusUrl = serializers.CharField(read_only=True)
    joined = serializers.BooleanField(read_only=True)
    waits = serializers.BooleanField(read_only=True)
    message = serializers.CharField(read_only=True)


class MappedSerializer(serializers.Serializer[Any]):
    """One of our fields and the service's. `rule`: whose value stays where both
    sides changed it.
    """

    ours = OneOf(choices=list(LABELS))
    theirs = Text(max_length=LONGEST_PROPERTY)
    direction = OneOf(choices=DIRECTIONS, required=False, default="both")
    rule = OneOf(choices=RULES, required=False, default="newest")


class MappingChangeSerializer(serializers.Serializer[Any]):
    """What is not sent stays; an empty list of `fields` is the service's usual mapping again."""

    fields: Any = serializers.ListField(
        child=MappedSerializer(), required=False, max_length=MOST_FIELDS
    )
    direction = OneOf(choices=DIRECTIONS, required=False)
    whenDeleted = OneOf(choices=WHEN_DELETED, required=False)
    deletionLimit = Whole(required=False, min_value=0, max_value=100)


class OurFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label: Any = serializers.CharField()


class TheirFieldSerializer(OurFieldSerializer):
    writable = serializers.BooleanField()


class MappingSerializer(serializers.Serializer[Any]):
    """How contacts are synced. `isUsual`: by the service's usual mapping. `knownUntil`: by the
    service's clock. `theirFieldsNote`: why `theirFields` are those of every account alone; '' where
    they are this account's.

    `deletionLimit`: of a hundred contacts, how many may be gone there at once before
    a person has to look.
    """

    fields: Any = MappedSerializer(many=True)
    isUsual = serializers.BooleanField()
    direction = serializers.ChoiceField(choices=DIRECTIONS)
    whenDeleted = serializers.ChoiceField(choices=WHEN_DELETED)
    deletionLimit = serializers.IntegerField()
    ourFields = OurFieldSerializer(many=True)
    theirFields = TheirFieldSerializer(many=True)
    theirFieldsNote = serializers.CharField()
    knownUntil = Moment(allow_null=True)
    sentUntil = Moment(allow_null=True)
    readInFullAt = Moment(allow_null=True)


class AskedFieldSerializer(OurFieldSerializer):
    """Both values of a field, as they were when the conflict was seen."""

    ours = serializers.CharField()
    theirs = serializers.CharField()


class ContactConflictSerializer(serializers.Serializer[Any]):
    """Fields of one person that both sides changed. `personKind`: a contact or a lead;
    null for one who is gone.
    """

    id = Id()
    personId = serializers.SerializerMethodField()
    personKind = serializers.SerializerMethodField()
    name = serializers.SerializerMethodField()
    vendorId = serializers.CharField(source="link.vendor_id")
    fields: Any = serializers.SerializerMethodField(method_name="shown_fields")
    openedAt = Moment(source="opened_at")
    resolvedAt = Moment(source="resolved_at", allow_null=True)
    kept = serializers.ChoiceField(choices=[*SIDES, ""])

    @extend_schema_field({"type": "string", "format": "uuid", "nullable": True})
    def get_personId(self, row: ContactConflict) -> UUID | None:
        return row.link.contact_id or row.link.lead_id

    @extend_schema_field({"type": "string", "enum": [*KINDS, None], "nullable": True})
    def get_personKind(self, row: ContactConflict) -> str | None:
        if row.link.contact_id:
            return CONTACT
        if row.link.lead_id:
            return LEAD
        return None

    def get_name(self, row: ContactConflict) -> str:
        person = row.link.contact or row.link.lead
        if person is None:
            return ""
        return person.name

    @extend_schema_field(AskedFieldSerializer(many=True))
    def shown_fields(self, row: ContactConflict) -> list[dict[str, str]]:
        return conflicts.shown_fields(row)


class ResolveSerializer(serializers.Serializer[Any]):
    """Whose values stay."""

    keep = OneOf(choices=SIDES)


class ResolvedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    conflict = ContactConflictSerializer()
