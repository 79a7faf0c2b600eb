"""The JSON of the common parts, in camelCase."""

from typing import Any

from rest_framework import serializers

from core.api.fields import Text
from core.models import Run


class TokenRequest(serializers.Serializer[Any]):
    username = Text(max_length=254)
    # Not trimmed: a blank may be part of a password. The limit keeps the hash from being made
    # to work for nothing.
    password = Text(max_length=1000, trim_whitespace=False, write_only=True)
    otp = Text(max_length=32, required=False, allow_blank=True, write_only=True)


class RefreshRequest(serializers.Serializer[Any]):
    refresh = Text(max_length=2000)


class LogoutRequest(serializers.Serializer[Any]):
    refresh = Text(max_length=2000, required=False, allow_blank=True)


class Nothing(serializers.Serializer[Any]):
    """The body of a write that says everything by its address: none, or an empty object."""


class TokenPair(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()
    expiresIn = serializers.IntegerField()  # noqa: N815


class Done(serializers.Serializer[Any]):
    success = serializers.BooleanField()


class Progress(serializers.Serializer[Run]):
    """`total` is null while the end is not known: `done` is what was done so far then.
    `reached`: of a walk back through time, the moment that it has come to."""

    done = serializers.IntegerField(source="progress_done")
    total = serializers.IntegerField(source="progress_total", allow_null=True)
    reached = serializers.DateTimeField(source="progress_reached", allow_null=True)


class RunSerializer(serializers.ModelSerializer[Run]):
    """One run, as the contract has it."""

    organizationId = serializers.UUIDField(  # noqa: N815
        source="organization_id", allow_null=True, read_only=True
    )
    progress = Progress(source="*", read_only=True)
    error = serializers.CharField(source="why", read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    outcomes = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    evidence = serializers.DictField(read_only=True)
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)  # noqa: N815
    startedAt = serializers.DateTimeField(source="started_at", allow_null=True, read_only=True)  # noqa: N815
    finishedAt = serializers.DateTimeField(source="finished_at", allow_null=True, read_only=True)  # noqa: N815

    class Meta:
        model = Run
        fields = (
            "id",
            "kind",
            "state",
            "trigger",
            "organizationId",
            "progress",
            "counts",
            "outcomes",
            "evidence",
            "error",
            "createdAt",
            "startedAt",
            "finishedAt",
        )
        read_only_fields = fields
