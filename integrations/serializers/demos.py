"""Demos, and the script of their widget."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import Id, Moment, OneOf, Text
from integrations.helpdesk.demos import error_of, state_of
from integrations.helpdesk.demos.showing import STATES
from integrations.helpdesk.widgets import LONGEST_TITLE, POSITIONS, TYPES
from integrations.models import Demo
from integrations.models.integrations import LONGEST_NAME

# ruff: noqa: N815


class DemoSerializer(serializers.ModelSerializer[Demo]):
    """A demo. `integrationId` is null at the installation's Chatwoot;
    `error` says what went wrong.
    """

    websiteUrl = serializers.CharField(source="website_url")
    inboxId = serializers.IntegerField(source="inbox_id", allow_null=True)
    botId = serializers.IntegerField(source="bot_id", allow_null=True)
    websiteToken = serializers.CharField(source="website_token")
    state = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    integrationId = Id(source="integration_id", allow_null=True)
    organizationId = Id(source="organization_id")
    createdAt = Moment(source="created_at")

    class Meta:
        model = Demo
        fields: tuple[str, ...] = (
            "id",
            "name",
            "websiteUrl",
            "inboxId",
            "botId",
            "websiteToken",
            "state",
            "error",
            "integrationId",
            "organizationId",
            "createdAt",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, row: Demo) -> str:
        return state_of(row)

    def get_error(self, row: Demo) -> str:
        return error_of(row)


class NewDemoSerializer(serializers.Serializer[Any]):
    """`integration`: which Chatwoot, where there are several."""

    name = Text(max_length=LONGEST_NAME)
    websiteUrl = Text(max_length=2000)
    integration = Id(required=False, allow_null=True)


class AskedDemoSerializer(DemoSerializer):
    """The demo, and the run that makes it: both null for one that is there already."""

    runId = Id(allow_null=True)
    statusUrl = serializers.CharField(allow_null=True)
    message = serializers.CharField()

    class Meta(DemoSerializer.Meta):
        fields = (*DemoSerializer.Meta.fields, "runId", "statusUrl", "message")
        read_only_fields = fields


class WidgetWishSerializer(serializers.Serializer[Any]):
    demoId = Id()
    position = OneOf(choices=POSITIONS, default="right")
    type = OneOf(choices=TYPES, default="standard")
    # Text on the bubble of the type `expanded_bubble`; blanks at its ends are the person's own.
    launcherTitle = Text(
        max_length=LONGEST_TITLE,
        required=False,
        allow_blank=True,
        default="",
        trim_whitespace=False,
    )
    locale = Text(max_length=12, required=False, allow_blank=True, allow_null=True)


class WidgetScriptSerializer(serializers.Serializer[Any]):
    script = serializers.CharField()
