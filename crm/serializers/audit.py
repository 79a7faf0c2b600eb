"""The check of the audit log, as the API tells of it."""

from typing import Any

from rest_framework import serializers


class VerificationSerializer(serializers.Serializer[Any]):
    """What the last check of the audit log found; nulls where there was none yet."""

    checkedAt = serializers.DateTimeField(source="at", allow_null=True)  # noqa: N815
    rows = serializers.IntegerField(allow_null=True)
    problems = serializers.IntegerField(allow_null=True)
    isIntact = serializers.BooleanField(source="is_intact", allow_null=True)  # noqa: N815
    runId = serializers.UUIDField(source="run_id", allow_null=True)  # noqa: N815
