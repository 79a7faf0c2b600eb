"""The JSON of runways, each with its workspace."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bison.models import Workspace
from core.api.fields import Id, Moment
from core.words import sayings


class TiredDomainSerializer(serializers.Serializer[Any]):
    """A sender domain whose mail comes back (`bounces`), or that is answered far less
    than before (`replies`).
    """

    domain = serializers.CharField()
    senders = serializers.IntegerField()
    why = serializers.ListField(child=serializers.ChoiceField(["bounces", "replies"]))
    sent = serializers.IntegerField()
    bounced_percent = serializers.FloatField()
    replied_percent = serializers.FloatField()
    replied_percent_before = serializers.FloatField(allow_null=True)


class RunwaySerializer(serializers.Serializer[Any]):
    """One workspace. `dry_on`: the first day on which nothing is left to send;
    null: none in sight, or not known.
    """

    workspace_id = Id(source="pk")
    workspace_name = serializers.CharField()
    bison_instance = serializers.CharField(source="instance.slug")
    leads_left = serializers.IntegerField(source="runway.leads_left", allow_null=True)
    sends_per_day = serializers.IntegerField(source="runway.sends_per_day", allow_null=True)
    senders_connected = serializers.IntegerField(source="runway.senders_connected", allow_null=True)
    senders_down = serializers.IntegerField(source="runway.senders_down", allow_null=True)
    dry_on = serializers.DateField(source="runway.dry_on", allow_null=True)
    new_leads_until = serializers.SerializerMethodField()
    tired_domains = serializers.SerializerMethodField()
    unknown = serializers.SerializerMethodField()
    computed_at = Moment(source="runway.computed_at", allow_null=True)

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_new_leads_until(self, row: Workspace) -> str | None:
        """Return the last day on which a lead is written to for the first time."""
        found: str | None = _facts(row).get("new_leads_until")
        return found

    @extend_schema_field(TiredDomainSerializer(many=True))
    def get_tired_domains(self, row: Workspace) -> list[Any]:
        runway = getattr(row, "runway", None)
        return list(runway.tired_domains) if runway else []

    @extend_schema_field(serializers.CharField(allow_blank=True))
    def get_unknown(self, row: Workspace) -> str:
        """Return why there is no forecast, in the reader's language; '' where there is."""
        facts = _facts(row)
        return sayings.say(facts.get("unknown_said") or {}, facts.get("unknown", ""))


def _facts(row: Workspace) -> dict[str, Any]:
    runway = getattr(row, "runway", None)
    return dict(runway.facts) if runway else {}
