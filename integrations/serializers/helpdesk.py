"""Agents and inboxes at Chatwoot."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from core.api.fields import OneOf, Text, Whole
from integrations.helpdesk.inboxes import ACTIONS

# ruff: noqa: N815
AT = OpenApiParameter(
    "integration",
    {"type": "string", "format": "uuid"},
    description="Which Chatwoot, where there are several.",
)
# The vendor's own ids are larger than any that it has given out, and no larger than our columns.
LARGEST = 2**53


class HelpdeskAgentSerializer(serializers.Serializer[Any]):
    """An agent. `isOurs`: made here, for this organization;
    `isConfirmed`: has accepted the invitation.
    """

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField()
    role = serializers.CharField()
    availability = serializers.CharField()
    isConfirmed = serializers.BooleanField()
    isOurs = serializers.BooleanField()


class HelpdeskAgentsSerializer(serializers.Serializer[Any]):
    """`limit`: how many the organization may have made here, -1 for as many as it likes;
    `used`: how many it has.
    """

    agents = HelpdeskAgentSerializer(many=True)
    limit = serializers.IntegerField()
    used = serializers.IntegerField()


class NewHelpdeskAgentSerializer(serializers.Serializer[Any]):
    name = Text(max_length=200)
    # Not trimmed: a blank may be part of a password.
    password = Text(max_length=200, trim_whitespace=False, write_only=True)


class CreatedHelpdeskAgentSerializer(serializers.Serializer[Any]):
    """`isInvited`: Chatwoot has mailed an invitation, and the password is chosen there."""

    success = serializers.BooleanField()
    message = serializers.CharField()
    agent = HelpdeskAgentSerializer()
    isInvited = serializers.BooleanField()
    limit = serializers.IntegerField()
    used = serializers.IntegerField()


class HelpdeskInboxSerializer(serializers.Serializer[Any]):
    """An inbox. `agentIds`: who answers in it; null where that was not asked for."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    channel = serializers.CharField()
    websiteUrl = serializers.CharField()
    agentIds = serializers.ListField(child=serializers.IntegerField(), allow_null=True)


class HelpdeskInboxesSerializer(serializers.Serializer[Any]):
    inboxes = HelpdeskInboxSerializer(many=True)


class AssignmentSerializer(serializers.Serializer[Any]):
    agentId = Whole(min_value=1, max_value=LARGEST)
    inboxId = Whole(min_value=1, max_value=LARGEST)
    action = OneOf(choices=ACTIONS)


class AgentAssignedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
