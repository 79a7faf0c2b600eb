"""The JSON of one person's story: timeline, brief, duplicates, merges."""

# The names of JSON, N815: mixedCase is the contract's.
# ruff: noqa: N815

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api.fields import Id, Moment, OneOf
from core.words.states import LOOKS
from crm import duplicates, timeline
from crm.models import Contact, Lead
from crm.serializers.records import ContactSerializer, LeadSerializer
from crm.serializers.related import Related
from crm.services.merging import OTHER, THIS

# What a field is called in JSON -> in the service.
NAMES: dict[str, str] = {
    "name": "name",
    "email": "email",
    "phone": "phone",
    "company": "company",
    "externalIds": "external_ids",
    "status": "status",
    "source": "source",
    "qualifiedById": "qualified_by",
    "teamId": "team",
    "leadId": "lead",
}
IN_JSON = {name: shown for shown, name in NAMES.items()}
NO_FIELD = _("There is no such field.")


class EntrySerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=timeline.KINDS)
    id = Id(help_text="Of the meeting, the call, the reply, the merge or the act.")
    at = Moment()
    title = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    state = serializers.SerializerMethodField(
        help_text="As a word; '' where nothing is to be told of it."
    )
    outcome = serializers.CharField(allow_blank=True)
    # The class of all fields has an attribute of this name; the JSON has a field.
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    by = serializers.CharField(allow_blank=True)
    durationSeconds = serializers.IntegerField(source="seconds", allow_null=True)
    items = serializers.ListField(
        child=serializers.CharField(),
        help_text="What is to be done after a call; of a change, the fields' names.",
    )

    def get_state(self, entry: timeline.Entry) -> str:
        """Return the word of a state."""
        if not entry.state:
            return ""
        return str(LOOKS[entry.state].word)


class BriefSerializer(serializers.Serializer[Any]):
    leadId = Id(source="lead_id")
    madeAt = Moment(source="made_at")
    nextMeeting = EntrySerializer(source="next_meeting", allow_null=True)
    lastCall = EntrySerializer(source="last_call", allow_null=True)
    lastReply = EntrySerializer(source="last_reply", allow_null=True)
    changes = EntrySerializer(many=True, help_text="Since the last call, the newest first.")


class DuplicateLeadSerializer(serializers.Serializer[Any]):
    lead = LeadSerializer(source="person")
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=duplicates.REASONS))


class DuplicateContactSerializer(serializers.Serializer[Any]):
    contact = ContactSerializer(source="person")
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=duplicates.REASONS))


class MergeBody(serializers.Serializer[Any]):
    keep = serializers.DictField(
        child=OneOf(choices=[(THIS, THIS), (OTHER, OTHER)]),
        required=False,
        help_text=(
            "Field -> whose value stays. Of others it is that of this one, where there is one."
        ),
    )

    def validate_keep(self, keep: dict[str, str]) -> dict[str, str]:
        """Refuse what is no field, by its name; return the service's names."""
        unknown = {name: [NO_FIELD] for name in keep if name not in NAMES}
        if unknown:
            raise serializers.ValidationError(unknown)
        return {NAMES[name]: whose for name, whose in keep.items()}


class MergeLeadBody(MergeBody):
    otherId = Related(Lead, source="other")


class MergeContactBody(MergeBody):
    otherId = Related(Contact, source="other")


class MergedLeadSerializer(serializers.Serializer[Any]):
    mergeId = Id(source="merge.pk", help_text="By which it is undone.")
    lead = LeadSerializer(source="person")
    moved = serializers.DictField(
        child=serializers.IntegerField(), help_text="Kind -> how many rows follow."
    )


class MergedContactSerializer(serializers.Serializer[Any]):
    mergeId = Id(source="merge.pk", help_text="By which it is undone.")
    contact = ContactSerializer(source="person")
    moved = serializers.DictField(
        child=serializers.IntegerField(), help_text="Kind -> how many rows follow."
    )


class UndoneLeadSerializer(serializers.Serializer[Any]):
    lead = LeadSerializer(source="person", help_text="Who is there again.")
    kept = serializers.ListField(
        child=serializers.CharField(),
        help_text="Fields that were changed since, and left as they are.",
    )
    missing = serializers.IntegerField(
        help_text="How many rows name somebody else by now, and were left."
    )


class UndoneContactSerializer(serializers.Serializer[Any]):
    contact = ContactSerializer(source="person", help_text="Who is there again.")
    kept = serializers.ListField(
        child=serializers.CharField(),
        help_text="Fields that were changed since, and left as they are.",
    )
    missing = serializers.IntegerField(
        help_text="How many rows name somebody else by now, and were left."
    )
