"""Outgoing calls, with the column names that they have always had."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api.fields import Edge, Id, Moment
from core.api.filters import MAX_SEARCH
from core.outgoing import ENDS, STATUSES
from core.words.digits import are_digits


class BisonCallSerializer(serializers.Serializer[Any]):
    """One attempt. `success` is null for an answer that was expected and is no success,
    and for what was not sent.
    """

    id = Id()
    workspace_name = serializers.CharField()
    bison_instance = serializers.CharField(source="instance")
    endpoint = serializers.CharField()
    method = serializers.CharField()
    api_key_used = serializers.CharField()
    api_key_type = serializers.CharField()
    status_code = serializers.IntegerField(allow_null=True)
    response_time_ms = serializers.IntegerField()
    success = serializers.BooleanField(allow_null=True)
    outcome = serializers.ChoiceField(choices=ENDS)
    error_message = serializers.CharField()
    function_name = serializers.CharField()
    triggered_by = serializers.CharField()
    attempt = serializers.IntegerField()
    request_id = serializers.CharField()
    run_id = Id(allow_null=True)
    created_at = Moment()
    metadata = serializers.DictField()


class _Asked(serializers.Serializer[Any]):
    workspace = serializers.CharField(required=False, max_length=200)
    status = serializers.CharField(required=False, max_length=10)
    search = serializers.CharField(required=False, max_length=MAX_SEARCH)

    def validate_status(self, value: str) -> str:
        is_number = are_digits(value, 3) and len(value) == 3
        if not is_number and value not in STATUSES:
            names = ", ".join([*STATUSES, "200", "404", "…"])
            raise serializers.ValidationError(_("One of: %(names)s.") % {"names": names})
        return value


# `from` cannot be written as an attribute.
CallsAsked = type(
    "CallsAsked", (_Asked,), {"from": Edge(required=False), "to": Edge(required=False, is_end=True)}
)
