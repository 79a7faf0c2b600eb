"""The JSON of suppressions."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bison.models import Suppression, SuppressionState
from bison.serializers.started import RunStartedSerializer
from core.api.fields import Flag, Id, Moment, OneOf, Text, moment_text

MOST_VALUES: Final = 20_000
MOST_WORKSPACES: Final = 1000
LONGEST: Final = 320


class StateSerializer(serializers.Serializer[Any]):
    """What a workspace does with a value, as it was read back. `unsubscribed` null:
    it has no such lead.
    """

    state = OneOf(SuppressionState.State.choices)
    blacklisted = serializers.BooleanField(allow_null=True)
    unsubscribed = serializers.BooleanField(allow_null=True)
    read_back_at = Moment(allow_null=True)
    repaired_times = serializers.IntegerField()
    error = serializers.CharField(required=False)


class SuppressionSerializer(serializers.Serializer[Any]):
    """One value, and how each workspace keeps to it."""

    id = Id()
    value = serializers.CharField()
    kind = OneOf(Suppression.Kind.choices)
    reason = serializers.CharField(allow_blank=True)
    scope = OneOf(Suppression.Scope.choices)
    source = OneOf(Suppression.Source.choices)  # type: ignore[assignment]
    added_by = serializers.CharField(allow_blank=True)
    created_at = Moment()
    # It is being lifted: it goes once every workspace has let go of it.
    removed_at = Moment(allow_null=True)
    state = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField(child=StateSerializer()))
    def get_state(self, row: Suppression) -> dict[str, Any]:
        return {state.workspace.workspace_name: _state(state) for state in row.states.all()}


def _state(state: SuppressionState) -> dict[str, Any]:
    found: dict[str, Any] = {
        "state": state.state,
        "blacklisted": state.blacklisted,
        "unsubscribed": state.unsubscribed,
        "read_back_at": moment_text(state.read_back_at),
        "repaired_times": state.repaired_times,
    }
    if state.error:
        found["error"] = state.why
    return found


class SuppressSerializer(serializers.Serializer[Any]):
    """What is to be suppressed: `value`, or many `values`.

    `insist`: a domain of public mail is meant. `confirm`: so many at once, or such a share of
    the leads, is meant. `dry_run`: nothing is written; the run's counts are those that the real
    run would have.
    """

    value = Text(required=False, max_length=LONGEST)
    values = serializers.ListField(
        child=Text(max_length=LONGEST), required=False, allow_empty=False, max_length=MOST_VALUES
    )
    reason = Text(required=False, allow_blank=True, max_length=300, default="")
    scope = OneOf(Suppression.Scope.choices, default=Suppression.Scope.ALL)
    workspaces = serializers.ListField(
        child=Text(max_length=200), required=False, allow_empty=True, max_length=MOST_WORKSPACES
    )
    insist = Flag(default=False)
    confirm = Flag(default=False)
    dry_run = Flag(default=False)


class SuppressedSerializer(RunStartedSerializer):
    """The run that does it. For one value, its suppression too; for many, how many they are."""

    id = Id(allow_null=True, read_only=True)
    value = serializers.CharField(allow_null=True, read_only=True)
    state = serializers.DictField(child=StateSerializer(), read_only=True)
    suppressed = serializers.IntegerField(read_only=True)
    dry_run = serializers.BooleanField(read_only=True)
