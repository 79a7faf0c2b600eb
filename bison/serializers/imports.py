"""A file of keys, and what came of it; how many workspaces have a key."""

from typing import Any

from rest_framework import serializers


class FileSerializer(serializers.Serializer[Any]):
    """CSV with the columns `workspace_name,bison_instance,api_key,api_key_name,api_key_type`."""

    file = serializers.FileField(allow_empty_file=True, max_length=200)
    dry_run = serializers.BooleanField(required=False, default=True)
    only_good = serializers.BooleanField(required=False, default=False)


class ProblemSerializer(serializers.Serializer[Any]):
    """`row` as a spreadsheet counts it; 0 is the whole file."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    message = serializers.CharField()


class ImportedSerializer(serializers.Serializer[Any]):
    """`applied`: so many keys are stored; the run `runId` tries each and puts it in use.

    Of more than a thousand none is stored yet: the run does that first.
    """

    rows = serializers.IntegerField()
    valid = serializers.IntegerField()
    invalid = serializers.IntegerField()
    applied = serializers.IntegerField()
    dry_run = serializers.BooleanField()
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]
    runId = serializers.UUIDField(allow_null=True)  # noqa: N815
    statusUrl = serializers.CharField(allow_null=True)  # noqa: N815


class CoveredSerializer(serializers.Serializer[Any]):
    instance = serializers.CharField()
    total = serializers.IntegerField()
    with_key = serializers.IntegerField()
    without_key = serializers.IntegerField()
    coverage_percent = serializers.IntegerField()
