"""Serializer fields that take what they say and nothing that could be made into it."""

from typing import Any

from rest_framework import serializers


class Text(serializers.CharField):
    """A JSON string. REST framework's own field would take a number for its digits, which the schema denies."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)
