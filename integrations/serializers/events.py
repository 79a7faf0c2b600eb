"""The JSON of events out: the catalogue, deliveries, and what is asked of them."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from core.api.fields import Id, Moment, OneOf, Text
from core.words import sayings
from integrations.events.catalogue import NAMES_OF_EVENTS
from integrations.models import Delivery

# The names of JSON, N815: mixedCase is the contract's.
# ruff: noqa: N815


class EventKindSerializer(serializers.Serializer[Any]):
    """One event: `schema` is the JSON schema of its body, `example` a whole body."""

    name = serializers.CharField()
    description = serializers.CharField()
    schema = serializers.DictField()
    example = serializers.DictField(source="sample")


class Parsed(Moment):
    """A moment that is kept as text."""

    def to_representation(self, value: Any) -> str:
        return super().to_representation(datetime.fromisoformat(value))


class Said(serializers.CharField):
    """What is kept to be said in the reader's language."""

    def to_representation(self, value: Any) -> str:
        return sayings.say(value, "")


class DeliveryTrySerializer(serializers.Serializer[Any]):
    """One attempt. `status` is null where no answer came; `error` is empty where it was taken."""

    at = Parsed()
    status = serializers.IntegerField(allow_null=True)
    ms = serializers.IntegerField()
    error = Said()


class DeliverySerializer(serializers.Serializer[Any]):
    """One event, owed to one endpoint. `webhookId` is what the receiver knows it by."""

    id = Id()
    webhookId = serializers.SerializerMethodField()
    event = serializers.CharField(source="event.name")
    isSample = serializers.BooleanField(source="event.is_sample")
    state = serializers.ChoiceField(choices=Delivery.State.values)
    attempts = serializers.IntegerField()
    createdAt = Moment(source="created_at")
    nextAttemptAt = Moment(source="due_at", allow_null=True)
    sentAt = Moment(source="sent_at", allow_null=True)
    error = serializers.SerializerMethodField()
    tries = DeliveryTrySerializer(many=True)

    def get_webhookId(self, row: Delivery) -> str:  # noqa: N802
        return f"evt_{row.event_id.hex}"

    def get_error(self, row: Delivery) -> str:
        if not row.error:
            return ""
        last = row.tries[-1]["error"] if row.tries else {}
        return sayings.say(last, row.error)


class SampleWishSerializer(serializers.Serializer[Any]):
    event = OneOf(choices=NAMES_OF_EVENTS)


class RecoveryWishSerializer(serializers.Serializer[Any]):
    since = Moment()


class SampledSerializer(serializers.Serializer[Any]):
    """What came of a sample. `success`: the endpoint took it."""

    success = serializers.BooleanField()
    message = serializers.CharField()
    delivery = DeliverySerializer()


class RecoveredSerializer(serializers.Serializer[Any]):
    """`deliveries`: how many events are sent, or sent again;
    of very many (202) at least so many, by a run.
    """

    success = serializers.BooleanField()
    message = serializers.CharField()
    deliveries = serializers.IntegerField()
    runId = Id(allow_null=True)
    statusUrl = serializers.CharField(allow_null=True)


class RotatedSecretSerializer(serializers.Serializer[Any]):
    """The new secret, shown this once. The one before it signs too, until `previousUntil`."""

    secret = Text()
    previousUntil = Moment()
