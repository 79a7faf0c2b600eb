"""The JSON of erasures and exports of people."""

# The names of JSON, N815: mixedCase is the contract's.
# ruff: noqa: N815

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import Id, Moment, Text
from core.privacy import places
from crm.models import Erasure, PersonExport

NUMBERS = ("found", "erased", "redacted", "kept")


class ErasedPlaceSerializer(serializers.Serializer[Any]):
    place = serializers.CharField()
    found = serializers.IntegerField()
    erased = serializers.IntegerField()
    redacted = serializers.IntegerField()
    kept = serializers.IntegerField()
    why = serializers.CharField(allow_blank=True, help_text="Of what is kept: the reason.")


class LeftSerializer(serializers.Serializer[Any]):
    place = serializers.CharField()
    found = serializers.IntegerField()


class ErasureSerializer(serializers.Serializer[Any]):
    id = Id()
    organizationId = Id(source="organization_id", allow_null=True)
    state = serializers.ChoiceField(choices=[str(value) for value in Erasure.State.values])
    addressHash = serializers.CharField(
        source="address_hash", help_text="A keyed hash; the address itself is gone."
    )
    askedAt = Moment(source="asked_at")
    askedBy = serializers.CharField(source="asked_by_name", allow_blank=True)
    finishedAt = Moment(source="finished_at", allow_null=True)
    places = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()

    @extend_schema_field(ErasedPlaceSerializer(many=True))
    def get_places(self, erasure: Erasure) -> list[dict[str, Any]]:
        """Return what became of each place."""
        return described(erasure)

    @extend_schema_field(LeftSerializer(many=True))
    def get_left(self, erasure: Erasure) -> list[dict[str, Any]]:
        """Return what the second look found."""
        return [{"place": place, "found": number} for place, number in sorted(erasure.left.items())]


class ExportSerializer(serializers.Serializer[Any]):
    id = Id()
    organizationId = Id(source="organization_id", allow_null=True)
    state = serializers.ChoiceField(choices=[str(value) for value in PersonExport.State.values])
    askedAt = Moment(source="asked_at")
    askedBy = serializers.CharField(source="asked_by_name", allow_blank=True)
    finishedAt = Moment(source="finished_at", allow_null=True)
    downloadedAt = Moment(source="downloaded_at", allow_null=True)
    rows = serializers.SerializerMethodField(help_text="How many rows the file holds.")

    def get_rows(self, export: PersonExport) -> int:
        """Return how many rows the file holds."""
        return sum(export.places.values())


class AskedForErasure(serializers.Serializer[Any]):
    email = Text(max_length=254)
    confirm = Text(max_length=254, help_text="The same address once more.")


class AskedForExport(serializers.Serializer[Any]):
    email = Text(max_length=254)


def described(erasure: Erasure) -> list[dict[str, Any]]:
    """Return the lines of a certificate: each place, its numbers, and why something stays."""
    reasons = {place.key: place.why for place in places.all_places() if place.how == places.KEEP}
    lines = []
    for place, numbers in sorted(erasure.places.items()):
        counts = {name: numbers.get(name, 0) for name in NUMBERS}
        why = str(reasons.get(place, "")) if counts["kept"] else ""
        lines.append({"place": place, **counts, "why": why})
    return lines
