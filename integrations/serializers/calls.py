"""Calls that were made for an integration."""

from typing import Any

from rest_framework import serializers

from core.api.fields import Id, Moment
from core.outgoing import ENDS

# ruff: noqa: N815


class IntegrationCallSerializer(serializers.Serializer[Any]):
    """One attempt. `success` is null for an answer that was expected and is no success,
    and for what was not sent.
    """

    id = Id()
    endpoint = serializers.CharField()
    method = serializers.CharField()
    statusCode = serializers.IntegerField(source="status_code", allow_null=True)
    responseTimeMs = serializers.IntegerField(source="response_time_ms")
    success = serializers.BooleanField(allow_null=True)
    outcome = serializers.ChoiceField(choices=ENDS)
    errorMessage = serializers.CharField(source="error_message")
    purpose = serializers.CharField(source="function_name")
    triggeredBy = serializers.CharField(source="triggered_by")
    attempt = serializers.IntegerField()
    runId = Id(source="run_id", allow_null=True)
    createdAt = Moment(source="created_at")
