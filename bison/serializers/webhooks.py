"""A workspace's webhook, and the deliveries that came in, with the column names that they
have always had.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bison.models import Workspace
from bison.webhooks import addresses, drift, events
from core.api.fields import Flag, Id, Moment, Text
from core.models import InboundEvent

MOST_NAMES = 50


class WorkspaceWebhookWishSerializer(serializers.Serializer[Any]):
    """`events`: the vendor's names, or dotted ones; without them those stay that were chosen."""

    enabled = Flag()
    events = serializers.ListField(
        child=Text(max_length=events.LONGEST), required=False, max_length=MOST_NAMES
    )


@extend_schema_field({"type": ["string", "integer", "array", "null"], "items": {"type": "string"}})
class Fact(serializers.JSONField):
    """An address, a number, or the names of events; null for nothing."""


class WebhookDriftSerializer(serializers.Serializer[Any]):
    """What is at Email Bison otherwise than it should be; addresses without their tokens."""

    what = serializers.ChoiceField(list(drift.WORDS))
    expected = Fact()
    found = Fact()
    message = serializers.SerializerMethodField()

    def get_message(self, found: dict[str, Any]) -> str:
        return drift.say(found)


class WorkspaceWebhookSerializer(serializers.Serializer[Workspace]):
    """A workspace's webhook; `bison_webhook_url` without its token."""

    workspace_name = serializers.CharField()
    bison_webhook_url = serializers.SerializerMethodField()
    bison_webhook_enabled = serializers.BooleanField()
    bison_webhook_events = serializers.ListField(child=serializers.CharField())
    bison_webhook_status = serializers.ChoiceField(Workspace.WebhookStatus.choices)
    bison_webhook_last_received_at = Moment(allow_null=True)
    bison_webhook_failure_count = serializers.IntegerField()
    checked_at = Moment(source="webhook_checked_at", allow_null=True)
    drift = WebhookDriftSerializer(source="webhook_drift", allow_null=True)

    def get_bison_webhook_url(self, workspace: Workspace) -> str:
        return addresses.shown(workspace)


class WebhookSampleSerializer(serializers.Serializer[Any]):
    """What became of a sample; `milliseconds` is null where it did not come in time."""

    reached = serializers.BooleanField()
    milliseconds = serializers.IntegerField(allow_null=True)
    event = serializers.CharField()
    message = serializers.CharField()


class SampledWebhookSerializer(WorkspaceWebhookSerializer):
    sample = WebhookSampleSerializer()


class WebhookEventSerializer(serializers.Serializer[InboundEvent]):
    """One delivery. Email Bison does not sign: `event_signature` is empty,
    and the address is the proof.
    """

    id = Id()
    workspace_name = serializers.CharField()
    event_type = serializers.CharField()
    event_data = serializers.DictField()
    event_signature = serializers.CharField()
    received_at = Moment()
    processed_at = Moment(allow_null=True)
    processing_status = serializers.ChoiceField(InboundEvent.Status.choices)
    processing_error = serializers.CharField()
    retry_count = serializers.IntegerField()
    source_ip = serializers.CharField(allow_null=True)
    user_agent = serializers.CharField()
    delivery_id = serializers.CharField()
    metadata = serializers.DictField()


class ReplayedEventSerializer(serializers.Serializer[Any]):
    """`replayed`: whether it is worked once more; what was processed is not."""

    success = serializers.BooleanField()
    replayed = serializers.BooleanField()
    message = serializers.CharField()
