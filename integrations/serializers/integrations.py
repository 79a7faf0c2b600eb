"""An integration: its configuration is written in clear, and read with its secrets masked."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core import vendors
from core.api.fields import Flag, Id, Moment, OneOf, Text, Whole
from core.connections import CONNECTIONS, STATES, Connection, ConnectionStatus
from integrations import configuration, registry
from integrations.models import Integration
from integrations.models.integrations import LONGEST, LONGEST_NAME, SHORTEST

TYPES = Integration.Type.choices
# ruff: noqa: N815, N802


class IntegrationStatusSerializer(serializers.Serializer[Any]):
    """How a connection is. `waits`: new values wait beside those in use until they have worked."""

    isConnected = serializers.BooleanField(source="is_connected")
    state = serializers.ChoiceField(choices=CONNECTIONS)
    since = Moment(allow_null=True)
    lastChecked = Moment(source="last_checked", allow_null=True)
    lastGood = Moment(source="last_good", allow_null=True)
    errorMessage = serializers.CharField(source="cause")
    nextStep = serializers.CharField(source="next_step")


class IntegrationSerializer(serializers.ModelSerializer[Integration]):
    """One integration. `isOwn`: it is the reader's; `mayChange`: the reader may change it."""

    configuration = serializers.SerializerMethodField()
    connectionStatus = serializers.SerializerMethodField()
    waits = serializers.SerializerMethodField()
    isActive = serializers.BooleanField(source="is_active")
    isShared = serializers.BooleanField(source="is_shared")
    isOwn = serializers.SerializerMethodField()
    ownerName = serializers.SerializerMethodField()
    organizationId = Id(source="organization_id")
    fallbackId = Id(source="fallback_id", allow_null=True)
    syncEvery = serializers.IntegerField(source="sync_every", allow_null=True)
    createdAt = Moment(source="created_at")
    updatedAt = Moment(source="updated_at")

    class Meta:
        model = Integration
        fields: tuple[str, ...] = (
            "id",
            "name",
            "type",
            "provider",
            "configuration",
            "isActive",
            "connectionStatus",
            "waits",
            "isShared",
            "isOwn",
            "ownerName",
            "organizationId",
            "fallbackId",
            "syncEvery",
            "createdAt",
            "updatedAt",
        )
        read_only_fields: tuple[str, ...] = fields

    def get_configuration(self, row: Integration) -> dict[str, Any]:
        provider = registry.find(row.provider)
        if provider is None:
            return {"provider": row.provider}
        return configuration.shown(provider, row.account)

    @extend_schema_field(IntegrationStatusSerializer)
    def get_connectionStatus(self, row: Integration) -> Any:
        return IntegrationStatusSerializer(state_of(row)).data

    def get_waits(self, row: Integration) -> bool:
        return vendors.has_next(row.account)

    def get_isOwn(self, row: Integration) -> bool:
        return row.owner_id is not None and row.owner_id == self.context["user"].pk

    def get_ownerName(self, row: Integration) -> str:
        if row.owner is None:
            return ""
        return row.owner.get_full_name() or row.owner.get_username()


def state_of(row: Integration) -> ConnectionStatus:
    """Return how an integration's connection is; an error where nobody declares
    its service any more.
    """
    if registry.find(row.provider) is None:
        from_nowhere = _("This service is not available any more.")
        return ConnectionStatus(Connection.ERROR, cause=from_nowhere, next_step=from_nowhere)
    return vendors.state_of(row.account)


class IntegrationStatsSerializer(serializers.Serializer[Any]):
    totalIntegrations = serializers.IntegerField()
    activeIntegrations = serializers.IntegerField()
    inactiveIntegrations = serializers.IntegerField()
    errorIntegrations = serializers.IntegerField()


class IntegrationListSerializer(serializers.Serializer[Any]):
    integrations = IntegrationSerializer(many=True)
    stats = IntegrationStatsSerializer()


class NewIntegrationSerializer(serializers.Serializer[Any]):
    name = Text(max_length=LONGEST_NAME)
    type = OneOf(choices=TYPES)
    configuration = serializers.DictField()
    isShared = Flag(required=False, default=False)


class IntegrationChangeSerializer(serializers.Serializer[Any]):
    """What is not sent stays. `insist`: new values are used at once, worked or not."""

    name = Text(max_length=LONGEST_NAME, required=False)
    type = OneOf(choices=TYPES, required=False)
    configuration = serializers.DictField(required=False)
    isShared = Flag(required=False)
    isActive = Flag(required=False)
    syncEvery = Whole(required=False, allow_null=True, min_value=SHORTEST, max_value=LONGEST)
    fallbackId = Id(required=False, allow_null=True)
    insist = Flag(required=False, default=False)


class ChangedIntegrationSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    integration = IntegrationSerializer()


class CreatedIntegrationSerializer(serializers.Serializer[Any]):
    """`secret` is there for what has one that is shown this once."""

    success = serializers.BooleanField()
    integration = IntegrationSerializer()
    secret = serializers.CharField(required=False)


class TransferSerializer(serializers.Serializer[Any]):
    """Whose it is to be: a colleague's user name."""

    username = Text(max_length=150)


class TestWishSerializer(serializers.Serializer[Any]):
    __test__ = False
    type = OneOf(choices=TYPES)
    configuration = serializers.DictField()


class IntegrationStepSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    message = serializers.CharField()


class TestDetailsSerializer(serializers.Serializer[Any]):
    __test__ = False
    accountInfo = serializers.DictField(allow_null=True)
    features = serializers.ListField(child=serializers.CharField())
    version = serializers.CharField()
    steps = IntegrationStepSerializer(many=True)


class TestedIntegrationSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    details = TestDetailsSerializer()
    error = serializers.CharField(required=False)


class ProviderFieldSerializer(serializers.Serializer[Any]):
    """A field of the form. `shownIf`: `<field>=<value>|<value>`, the fields that it belongs to."""

    name = serializers.CharField()
    label: Any = serializers.CharField()
    type = serializers.ChoiceField(
        choices=[
            "text",
            "url",
            "password",
            "checkbox",
            "select",
            "number",
            "textarea",
            "json",
            "choices",
        ]
    )
    help = serializers.CharField()
    placeholder = serializers.CharField()
    sensitive = serializers.BooleanField()
    default = serializers.CharField()
    shownIf = serializers.CharField()
    validation = serializers.DictField()
    options = serializers.ListField(child=serializers.DictField(), required=False)


class ProviderSerializer(serializers.Serializer[Any]):
    """A service that can be connected. `oauth`: by signing in there;
    `isAllowed`: the reader's tier reaches it.
    """

    key = serializers.CharField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=TYPES)
    types = serializers.ListField(child=serializers.ChoiceField(choices=TYPES))
    description = serializers.CharField()
    icon = serializers.CharField()
    features = serializers.ListField(child=serializers.CharField())
    docsUrl = serializers.CharField()
    minimumTier = serializers.CharField()
    oauth = serializers.BooleanField()
    contacts = serializers.BooleanField()
    fields: Any = ProviderFieldSerializer(many=True)
