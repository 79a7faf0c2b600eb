# ruff: noqa: N815
"""How integrations did, and what might be connected next, in JSON."""

from typing import Any

from rest_framework import serializers

from core.api.fields import Day
from integrations.serializers.integrations import TYPES


class CallNumbersSerializer(serializers.Serializer[Any]):
    """`successRate` in percent of the calls that succeeded or failed; null without any.
    Times in milliseconds.
    """

    calls = serializers.IntegerField()
    succeeded = serializers.IntegerField(source="successes")
    failed = serializers.IntegerField(source="failures")
    successRate = serializers.FloatField(source="success_rate", allow_null=True)
    p50 = serializers.IntegerField(allow_null=True)
    p95 = serializers.IntegerField(allow_null=True)


class DayOfCallsSerializer(CallNumbersSerializer):
    day = Day()


class IntegrationShareSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="integration.pk")
    name = serializers.CharField(source="integration.name")
    provider = serializers.CharField(source="integration.provider")
    type = serializers.ChoiceField(choices=TYPES, source="integration.type")
    numbers = CallNumbersSerializer(source="calls")


class AnalyticsSerializer(serializers.Serializer[Any]):
    """Days are of UTC."""

    total = CallNumbersSerializer()
    days = DayOfCallsSerializer(many=True)
    integrations = IntegrationShareSerializer(source="shares", many=True)

    def get_fields(self) -> dict[str, Any]:
        # `from` is no name that Python lets an attribute have.
        return {"from": Day(source="first"), "to": Day(source="last"), **super().get_fields()}


class SharedIntegrationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    name = serializers.CharField()


class RecommendationSerializer(serializers.Serializer[Any]):
    """A service that so many colleagues use. `shared`: one of theirs that you may use already."""

    provider = serializers.CharField(source="provider.key")
    name = serializers.CharField(source="provider.name")
    type = serializers.ChoiceField(choices=TYPES)
    colleagues = serializers.IntegerField()
    shared = SharedIntegrationSerializer(allow_null=True)
