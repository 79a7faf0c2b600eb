"""Serializer fields that take what they say and nothing that merely looks like it.

Django REST framework's own turn 1 into "1", "yes" into true and a number into an id;
a program that sends those has a fault that it should hear of.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.words import moments

DAY_LENGTH = len("2026-03-01")
UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Text(serializers.CharField):
    """A JSON string. REST framework's own field would take a number for its digits,
    which the schema denies.
    """

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Flag(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Whole(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class OneOf(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return str(super().to_internal_value(data))


@extend_schema_field(OpenApiTypes.UUID)
class Id(serializers.Field[UUID, Any, str, Any]):
    """A UUID in its usual form."""

    text_format = "uuid"

    default_error_messages = {  # noqa: RUF012
        "invalid": _("An id has the form 01234567-89ab-cdef-0123-456789abcdef.")
    }

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or not UUID_FORM.fullmatch(data):
            self.fail("invalid")
        return UUID(data)

    def to_representation(self, value: Any) -> str:
        return str(value)


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.Field[datetime, Any, str, Any]):
    """A point in time: ISO 8601, and never without a zone."""

    text_format = "date-time"

    default_error_messages = {  # noqa: RUF012
        "invalid": _("A time has the form 2026-03-01T15:00:00+01:00."),
        "no_zone": _("Say the zone too, as in 2026-03-01T15:00:00+01:00 or …Z."),
    }

    def to_internal_value(self, data: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(data)
        except (TypeError, ValueError):
            self.fail("invalid")
        if moment.utcoffset() is None:
            self.fail("no_zone")
        if not moments.has_a_zone(moment) or moments.in_utc(moment) is None:
            self.fail("invalid")
        return moment

    def to_representation(self, value: Any) -> str:
        return _written(value)


@extend_schema_field({"type": "string", "maxLength": 40})
class Edge(Moment):
    """A moment, or a day: its beginning, or with `is_end` the moment at which it is over."""

    def __init__(self, *, is_end: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._is_end = is_end

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or len(data) != DAY_LENGTH:
            return super().to_internal_value(data)
        try:
            day = date.fromisoformat(data)
        except ValueError:
            self.fail("invalid")
        if not 1900 <= day.year <= 9000:
            self.fail("invalid")
        return datetime.combine(day, time.min, UTC) + timedelta(days=self._is_end)


def moment_text(moment: datetime | None) -> str | None:
    """Return a moment as the API writes it."""
    if moment:
        return _written(moment)
    return None


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@extend_schema_field(OpenApiTypes.DATE)
class Day(serializers.Field[date, Any, str, Any]):
    """A day: 2026-03-01."""

    text_format = "date"

    default_error_messages = {"invalid": _("A day has the form 2026-03-01.")}  # noqa: RUF012

    def to_internal_value(self, data: Any) -> date:
        try:
            day = None
            if len(data) == DAY_LENGTH:
                day = date.fromisoformat(data)
        except (TypeError, ValueError):
            day = None
        if day is None:
            self.fail("invalid")
        return day

    def to_representation(self, value: date) -> str:
        return value.isoformat()
