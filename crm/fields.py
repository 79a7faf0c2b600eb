"""A column for wall time: a date and a time, without any zone."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class WallTimeField(models.Field):  # type: ignore[type-arg]  # Django makes it generic for the checker alone
    """PostgreSQL's `timestamp without time zone`; in Python a naive datetime,
    and nothing ever shifts it.
    """

    description = "A date and time on the wall"
    empty_strings_allowed = False

    def db_type(self, connection: Any) -> str:
        return "timestamp without time zone"

    def get_prep_value(self, value: Any) -> datetime | None:
        return self.to_python(super().get_prep_value(value))

    def to_python(self, value: Any) -> datetime | None:
        if value is None or isinstance(value, datetime):
            parsed = value
        else:
            try:
                parsed = datetime.fromisoformat(str(value))
            except ValueError as error:
                raise ValidationError(_("Enter a date and a time."), code="invalid") from error
        if parsed is not None and parsed.tzinfo is not None:
            raise ValidationError(_("A time on the wall has no zone."), code="invalid")
        return parsed

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        if value is None:
            return ""
        return value.isoformat()
