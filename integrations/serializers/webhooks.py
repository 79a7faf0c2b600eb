"""Our webhooks at vendors."""

from typing import Any

from rest_framework import serializers

# ruff: noqa: N815


class RegisteredWebhookSerializer(serializers.Serializer[Any]):
    """`isSigned`: the vendor signs what it sends; what is not signed is not taken."""

    success = serializers.BooleanField()
    message = serializers.CharField()
    isRegistered = serializers.BooleanField()
    isSigned = serializers.BooleanField()
