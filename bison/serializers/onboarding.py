"""The JSON of checklists, by the columns that the old system had."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bison import onboarding
from bison.models import Onboarding
from core.api.fields import Id, Moment, OneOf, Text

BY_PROOF = _("This is proved by a look at the workspace, and cannot be set by hand.")


class OnboardingSerializer(serializers.Serializer[Any]):
    """One checklist. `blocked`: why each open item is open."""

    workspace_id = Id(source="workspace.pk")
    workspace_name = serializers.CharField(source="workspace.workspace_name")
    api_key_generated = serializers.BooleanField()
    api_key_tested = serializers.BooleanField()
    api_key_validated_at = Moment(allow_null=True)
    webhook_url_configured = serializers.BooleanField()
    webhook_secret_generated = serializers.BooleanField()
    webhook_tested = serializers.BooleanField()
    webhook_validated_at = Moment(allow_null=True)
    initial_sync_completed = serializers.BooleanField()
    initial_sync_completed_at = Moment(allow_null=True)
    onboarding_status = OneOf(Onboarding.Status.choices)
    onboarding_completed_at = Moment(allow_null=True)
    onboarding_notes = serializers.CharField(allow_blank=True)
    blocked = serializers.SerializerMethodField()
    created_at = Moment(allow_null=True)
    updated_at = Moment(allow_null=True)

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_blocked(self, row: Onboarding) -> dict[str, str]:
        return onboarding.reasons(row)


class OnboardingChangeSerializer(serializers.Serializer[Any]):
    """What people write by hand: notes. Whatever is proved is refused."""

    onboarding_notes = Text(allow_blank=True, max_length=5000)

    def to_internal_value(self, data: Any) -> Any:
        fixed = set(OnboardingSerializer().fields) - {"onboarding_notes"}
        if isinstance(data, dict) and (wished := fixed & data.keys()):
            raise serializers.ValidationError({name: [BY_PROOF] for name in sorted(wished)})
        return super().to_internal_value(data)
