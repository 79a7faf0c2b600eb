"""What a service refuses, in the API's words: the names of its fields become those of the JSON."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from rest_framework import serializers
from rest_framework.response import Response

from core.api.errors import NON_FIELD, Conflict
from core.errors import Conflicting, NotFound


class Refusing:
    """For API views that call services.

    A ValidationError of theirs is a 400 with `fields`, a Conflicting one a 409, and a row that is
    gone by the time a service locks it a 404. `json_names` are the fields whose names in JSON do
    not follow from the service's.
    """

    json_names: ClassVar[Mapping[str, str]] = {}

    def handle_exception(self, exc: Exception) -> Response:
        error: Exception = exc
        if isinstance(exc, Conflicting):
            error = Conflict(exc.conflict, " ".join(exc.messages))
        elif isinstance(exc, ValidationError):
            error = serializers.ValidationError(fields_of(exc, self.json_names))
        elif isinstance(exc, ObjectDoesNotExist):
            # Somebody else deleted it between the look at it and the lock on it.
            error = NotFound()
        answer: Response = super().handle_exception(error)  # type: ignore[misc]
        return answer


def fields_of(error: ValidationError, json_names: Mapping[str, str]) -> dict[str, list[str]]:
    """Map each field in JSON to what is wrong with it."""
    found: dict[str, Any] = {NON_FIELD_ERRORS: error.messages}
    if hasattr(error, "error_dict"):
        found = error.message_dict
    return {
        _json_name(name, json_names): [str(text) for text in texts] for name, texts in found.items()
    }


def _json_name(name: str, json_names: Mapping[str, str]) -> str:
    if name == NON_FIELD_ERRORS:
        return NON_FIELD
    return json_names.get(name) or re.sub(r"_(\w)", lambda found: found[1].upper(), name)
