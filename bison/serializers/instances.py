"""An instance: its keys are written, and read as their masks alone."""

from typing import Any, Literal

from rest_framework import serializers

from bison.instances.declaring import BACKUP, MAIN, active_choice
from bison.models import Instance
from bison.serializers.keys import StepSerializer
from core import vendors
from core.api.fields import Moment, OneOf, Text
from core.connections import Connection


class InstanceSerializer(serializers.ModelSerializer[Instance]):
    """`has_next`: a new key waits until it has worked."""

    base_url = serializers.SerializerMethodField()
    super_admin_key = serializers.SerializerMethodField()
    backup_key = serializers.SerializerMethodField()
    active_key = serializers.SerializerMethodField()
    connection_status = serializers.SerializerMethodField()
    has_next = serializers.SerializerMethodField()
    rotation_due_at = Moment(allow_null=True)
    last_discovered_at = Moment(allow_null=True)

    class Meta:
        model = Instance
        fields: tuple[str, ...] = (
            "id",
            "slug",
            "name",
            "base_url",
            "super_admin_key",
            "backup_key",
            "active_key",
            "has_next",
            "connection_status",
            "rotation_due_at",
            "health_status",
            "last_discovered_at",
        )
        read_only_fields: tuple[str, ...] = fields

    def get_base_url(self, row: Instance) -> str:
        return vendors.masked(row.account)["base_url"]

    def get_super_admin_key(self, row: Instance) -> str | None:
        return vendors.masked(row.account)["super_admin_key"] or None

    def get_backup_key(self, row: Instance) -> str | None:
        return vendors.masked(row.account)["backup_key"] or None

    def get_active_key(self, row: Instance) -> Literal["main", "backup"]:
        if active_choice(vendors.current(row.account)) == BACKUP:
            return "backup"
        return "main"

    def get_connection_status(self, row: Instance) -> Connection:
        return vendors.state_of(row.account).state

    def get_has_next(self, row: Instance) -> bool:
        return vendors.has_next(row.account)


class InstanceChangeSerializer(serializers.Serializer[Any]):
    """What may be changed; a mask keeps the stored key, '' removes it."""

    name = Text(required=False, max_length=120)
    base_url = Text(required=False, max_length=500)
    super_admin_key = Text(required=False, allow_blank=True, max_length=500, write_only=True)
    backup_key = Text(required=False, allow_blank=True, max_length=500, write_only=True)
    rotation_due_at = Moment(required=False, allow_null=True)


class NewInstanceSerializer(InstanceChangeSerializer):
    slug = Text(max_length=60)
    name = Text(max_length=120)
    base_url = Text(max_length=500)


class SavedInstanceSerializer(InstanceSerializer):
    """The same, and what came of what was entered. `waits`: the earlier key stays in use."""

    message = serializers.SerializerMethodField()
    waits = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()

    class Meta(InstanceSerializer.Meta):
        fields: tuple[str, ...] = (*InstanceSerializer.Meta.fields, "message", "waits", "steps")
        read_only_fields: tuple[str, ...] = fields

    def get_message(self, _row: Instance) -> str:
        return str(self.context["saved"].message)

    def get_waits(self, _row: Instance) -> bool:
        return bool(self.context["saved"].waits)

    def get_steps(self, _row: Instance) -> StepSerializer(many=True):  # type: ignore[valid-type]
        result = self.context["saved"].result
        return [] if result is None else result.as_json()


class UseKeySerializer(serializers.Serializer[Any]):
    key = OneOf([MAIN, BACKUP])
