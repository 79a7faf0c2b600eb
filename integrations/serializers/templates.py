"""A ready-made configuration."""

from typing import Any

from rest_framework import serializers

from integrations.models import Integration


class TemplateSerializer(serializers.Serializer[Any]):
    """A configuration to be completed with an address, credentials and what is one's own."""

    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    provider = serializers.CharField()
    type = serializers.ChoiceField(choices=Integration.Type.values)
    icon = serializers.CharField()
    minimumTier = serializers.CharField()  # noqa: N815 - as the API writes it
    configuration = serializers.DictField()
