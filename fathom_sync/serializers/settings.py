"""The JSON of the Fathom link, its names and types as the old system had them."""

from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api.fields import Id, Moment, Text, moment_text
from core.connections import Connection, TestResult
from core.masking import BULLETS, Secret, mask_api_key
from core.secrets.crypto import CannotOpen
from fathom_sync import accounts
from fathom_sync.accounts import config, connection, registration
from fathom_sync.models import FathomAccount

# ruff: noqa: N815, N802


class WhoseSerializer(serializers.Serializer[FathomAccount]):
    kind = serializers.SerializerMethodField()
    name = serializers.CharField(source="__str__", read_only=True)
    organizationId = Id(source="organization_id", read_only=True, allow_null=True)
    repId = Id(source="rep_id", read_only=True, allow_null=True)

    def get_kind(self, account: FathomAccount) -> Literal["installation", "organization", "rep"]:
        if account.rep_id:
            return "rep"
        if account.organization_id:
            return "organization"
        return "installation"


class WebhookSerializer(serializers.Serializer[FathomAccount]):
    """Koppel's own webhook at Fathom. `unfinishedSince`: Fathom may have one that
    nobody here knows.

    `ofAnotherKey`: it was made with a key that is not the stored one,
    and cannot be removed with that.
    """

    registered = serializers.SerializerMethodField()
    registeredAt = Moment(source="registered_at", read_only=True, allow_null=True)
    unfinishedSince = Moment(source="unfinished_since", read_only=True, allow_null=True)
    ofAnotherKey = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()

    def get_registered(self, account: FathomAccount) -> bool:
        return bool(account.webhook_id)

    def get_ofAnotherKey(self, account: FathomAccount) -> bool:
        return registration.is_of_another_key(account)

    def get_address(self, account: FathomAccount) -> str:
        return registration.address(account)


class ConfigSerializer(serializers.Serializer[FathomAccount]):
    """What is set and how the connection is."""

    hasApiKey = serializers.SerializerMethodField()
    hasWebhookSecret = serializers.SerializerMethodField()
    connectionStatus = serializers.SerializerMethodField()

    def get_hasApiKey(self, account: FathomAccount) -> bool:
        return accounts.api_key(account) is not None

    def get_hasWebhookSecret(self, account: FathomAccount) -> bool:
        return accounts.any_secret(account) is not None

    def get_connectionStatus(self, account: FathomAccount) -> Connection:
        return accounts.status(account)


class FathomSettingsSerializer(ConfigSerializer):
    """`apiKeyFull` and `webhookSecretFull` are null unless they were asked for by somebody
    who may read them.
    """

    apiKey = serializers.SerializerMethodField()
    apiKeyFull = serializers.SerializerMethodField()
    webhookSecret = serializers.SerializerMethodField()
    webhookSecretFull = serializers.SerializerMethodField()
    lastTested = serializers.SerializerMethodField()
    account = WhoseSerializer(source="*", read_only=True)
    webhook = WebhookSerializer(source="*", read_only=True)

    def get_apiKey(self, account: FathomAccount) -> str | None:
        return masked_key(accounts.api_key(account))

    def get_apiKeyFull(self, account: FathomAccount) -> str | None:
        return self._full(accounts.api_key(account))

    def get_webhookSecret(self, account: FathomAccount) -> str | None:
        if not accounts.any_secret(account):
            return None
        return BULLETS

    def get_webhookSecretFull(self, account: FathomAccount) -> str | None:
        return self._full(accounts.any_secret(account))

    def get_lastTested(self, account: FathomAccount) -> str | None:
        return moment_text(accounts.last_tested(account))

    def _full(self, secret: Secret | None) -> str | None:
        if secret is None or not self.context.get("reveal"):
            return None
        try:
            return secret.reveal()
        except CannotOpen:
            return None


def masked_key(key: Secret | None) -> str | None:
    """Return the key as it may be shown; one that cannot be opened is shown as bullets."""
    if key is None:
        return None
    try:
        return mask_api_key(key.reveal())
    except CannotOpen:
        return BULLETS


class EnteredSerializer(serializers.Serializer[Any]):
    """A mask sent back keeps what is stored; an empty `webhookSecret` removes it.

    `insist`: the key takes the place of one that works without having worked itself.
    """

    apiKey = Text(max_length=config.LONGEST, error_messages={"blank": _("Paste the API key.")})
    webhookSecret = Text(
        max_length=config.LONGEST, required=False, allow_blank=True, allow_null=True
    )
    insist = serializers.BooleanField(required=False)


class SavedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(read_only=True)
    message = serializers.CharField(read_only=True)
    config = ConfigSerializer(read_only=True)


class TestedKeySerializer(serializers.Serializer[Any]):
    """Without a key the stored one is tried."""

    apiKey = Text(max_length=config.LONGEST, required=False, allow_blank=True, allow_null=True)


class TestSucceededSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(read_only=True)
    message = serializers.CharField(read_only=True)
    teamName = serializers.CharField(source="facts.team_name", read_only=True)
    teamId = serializers.CharField(source="facts.team_id", read_only=True)
    callsCount = serializers.IntegerField(source="facts.calls_count", read_only=True)
    callsCountIsExact = serializers.BooleanField(
        source="facts.calls_count_is_exact", read_only=True
    )


class TestFailedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(read_only=True)
    error = serializers.SerializerMethodField()
    message = serializers.CharField(read_only=True)

    def get_error(self, result: TestResult) -> str:
        return connection.error_of(result)


class WebhookAnswerSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(read_only=True)
    message = serializers.CharField(read_only=True)
    webhook = WebhookSerializer(read_only=True)
