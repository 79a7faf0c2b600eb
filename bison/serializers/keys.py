"""A workspace's key in JSON: as it is entered, tried, made and revoked."""

from typing import Any

from rest_framework import serializers

from bison.models import Workspace
from bison.serializers.workspaces import WorkspaceSerializer
from core.api.fields import Flag, Moment, OneOf, Text


class KeySerializer(serializers.Serializer[Any]):
    """A key to be stored: it waits until it has worked, unless `insist`.
    A mask keeps what is stored.
    """

    api_key = Text(max_length=500, write_only=True)
    api_key_name = Text(required=False, allow_blank=True, max_length=200, default="")
    api_key_type = OneOf(
        Workspace.KeyType.choices, required=False, default=Workspace.KeyType.WORKSPACE
    )
    expires_at = Moment(required=False, allow_null=True, default=None)
    insist = Flag(required=False, default=False)


class TriedKeySerializer(serializers.Serializer[Any]):
    """A key to be tried and not stored; none: the key that the workspace is called with."""

    api_key = Text(max_length=500, required=False, allow_blank=True, write_only=True)


class NamedSerializer(serializers.Serializer[Any]):
    """A workspace by its name, as the old addresses have it."""

    workspace_name = Text(max_length=200)


class NamedKeySerializer(NamedSerializer):
    api_key = Text(max_length=500, write_only=True)


class StepSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    state = serializers.ChoiceField(["passed", "failed", "skipped"])
    message = serializers.CharField()


class SavedKeySerializer(serializers.Serializer[Any]):
    """`waits`: the earlier key stays in use. `steps`: what the trial found;
    none where nothing was tried.
    """

    success = serializers.BooleanField()
    message = serializers.CharField()
    waits = serializers.BooleanField()
    steps = StepSerializer(many=True)
    workspace = WorkspaceSerializer()


class ValidatedSerializer(serializers.Serializer[Any]):
    """What Email Bison says of a key. `status_code`: of its last answer;
    null where it gave none.
    """

    valid = serializers.BooleanField()
    scopes = serializers.ListField(child=serializers.CharField())
    workspace_access = serializers.ListField(child=serializers.CharField())
    status_code = serializers.IntegerField(allow_null=True)
    message = serializers.CharField()


class TestedSerializer(ValidatedSerializer):
    """What the test of a connection found, step by step. `success` is `valid`."""

    __test__ = False
    success = serializers.BooleanField()
    steps = StepSerializer(many=True)


class GeneratedSerializer(ValidatedSerializer):
    """`api_key` is masked: the key itself goes into the store and nowhere else.
    `valid`: it was tried, and works.
    """

    key_name = serializers.CharField()
    api_key = serializers.CharField()
    waits = serializers.BooleanField()


class RevokedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    workspace = WorkspaceSerializer()
