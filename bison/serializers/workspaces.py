"""A row of the registry, with the seed's column names; the key is never in it but as its mask."""

from typing import Any, Literal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bison.keys.choosing import is_expired
from bison.keys.revoking import mask_of
from bison.models import Workspace
from bison.webhooks import addresses
from core.api.fields import Flag, Id, Moment, Text, moment_text
from core.masking import BULLETS
from core.words import sayings


class EmailAccountsSerializer(serializers.Serializer[Workspace]):
    """How many e-mail accounts the vendor lists, how many are in Koppel,
    and what that check proved.
    """

    here = serializers.IntegerField(source="accounts_in_koppel")
    at_vendor = serializers.IntegerField(source="accounts_at_vendor", allow_null=True)
    checked_at = Moment(source="accounts_checked_at", allow_null=True)
    state = serializers.ChoiceField(Workspace.AccountsState.choices, source="accounts_state")


class NextKeySerializer(serializers.Serializer[dict[str, Any]]):
    """A key that waits until it has worked, and why it has not yet."""

    api_key = serializers.CharField()
    api_key_name = serializers.CharField()
    api_key_type = serializers.CharField()
    entered_at = serializers.DateTimeField(allow_null=True)
    tried_at = serializers.DateTimeField(allow_null=True)
    message = serializers.CharField()


class WhoseKey(serializers.ChoiceField):
    """What kind of key it is; null where there is none."""

    def __init__(self) -> None:
        super().__init__(choices=Workspace.KeyType.choices, allow_null=True, read_only=True)

    def to_representation(self, value: Any) -> Any:
        return value or None


class WorkspaceSerializer(serializers.ModelSerializer[Workspace]):
    """`key_in_use`: whose key calls are made with; `shared` is the instance's super-admin key.

    `bison_webhook_url` is without its token.
    """

    bison_instance = serializers.CharField(source="instance.slug")
    bison_api_key = serializers.SerializerMethodField()
    bison_api_key_type = WhoseKey()
    next_api_key = serializers.SerializerMethodField()
    key_in_use = serializers.SerializerMethodField()
    organization_id = Id(allow_null=True)
    gone_at = Moment(allow_null=True)
    bison_api_key_created_at = Moment(allow_null=True)
    bison_api_key_expires_at = Moment(allow_null=True)
    bison_api_key_last_used_at = Moment(allow_null=True)
    bison_webhook_url = serializers.SerializerMethodField()
    bison_webhook_secret = serializers.SerializerMethodField()
    bison_webhook_last_received_at = Moment(allow_null=True)
    api_total_calls_today = serializers.IntegerField(source="calls_today")
    api_total_errors_today = serializers.IntegerField(source="errors_today")
    api_last_successful_call_at = Moment(allow_null=True)
    api_last_failed_call_at = Moment(allow_null=True)
    created_at = Moment()
    updated_at = Moment()
    email_accounts = EmailAccountsSerializer(source="*")

    class Meta:
        model = Workspace
        fields = (
            "id",
            "workspace_name",
            "bison_instance",
            "bison_workspace_id",
            "organization_id",
            "gone_at",
            "bison_api_key",
            "bison_api_key_name",
            "bison_api_key_type",
            "bison_api_key_scopes",
            "bison_api_key_created_at",
            "bison_api_key_expires_at",
            "bison_api_key_last_used_at",
            "bison_api_key_status",
            "key_in_use",
            "next_api_key",
            "requires_workspace_key",
            "bison_webhook_url",
            "bison_webhook_secret",
            "bison_webhook_enabled",
            "bison_webhook_events",
            "bison_webhook_last_received_at",
            "bison_webhook_failure_count",
            "bison_webhook_status",
            "api_last_successful_call_at",
            "api_last_failed_call_at",
            "api_consecutive_failures",
            "api_total_calls_today",
            "api_total_errors_today",
            "api_health_status",
            "api_last_error",
            "api_notes",
            "created_at",
            "updated_at",
            "email_accounts",
        )
        read_only_fields = fields

    def get_bison_api_key(self, row: Workspace) -> str | None:
        return mask_of(row.bison_api_key) or None

    def get_bison_webhook_url(self, row: Workspace) -> str:
        return addresses.shown(row)

    def get_bison_webhook_secret(self, row: Workspace) -> str | None:
        return BULLETS if row.bison_webhook_secret is not None else None

    @extend_schema_field(NextKeySerializer(allow_null=True))
    def get_next_api_key(self, row: Workspace) -> dict[str, Any] | None:
        if row.next_api_key is None:
            return None
        facts = row.next_api_key_facts
        return {
            "api_key": mask_of(row.next_api_key),
            "api_key_name": facts.get("name", ""),
            "api_key_type": facts.get("type", ""),
            "entered_at": moment_text(row.next_api_key_entered_at),
            "tried_at": facts.get("tried_at"),
            "message": sayings.say(facts.get("why_said") or {}, facts.get("why", "")),
        }

    def get_key_in_use(self, row: Workspace) -> Literal["own", "shared", "missing"]:
        if row.has_key and not is_expired(row):
            return "own"
        if row.requires_workspace_key or row.instance_id not in self.context["with_shared_key"]:
            return "missing"
        return "shared"


class WorkspaceChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of an entry; names that are not sent stay as they are."""

    api_notes = Text(required=False, allow_blank=True, max_length=10_000)
    requires_workspace_key = Flag(required=False)
    organization_id = Id(required=False, allow_null=True)
    bison_api_key_name = Text(required=False, allow_blank=True, max_length=200)
    bison_api_key_expires_at = Moment(required=False, allow_null=True)
