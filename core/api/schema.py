"""The published schema: built once per process, and completed with the refusals that any
endpoint may give.

Built under a lock: drf-spectacular loads its extensions at the first build,
and two first builds at once would meet half of them.
"""

from functools import lru_cache
from threading import Lock
from typing import Any

import orjson
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema as SpectacularSchema

_building = Lock()

ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["success", "error", "message", "requestId"],
    "properties": {
        "success": {"type": "boolean", "enum": [False]},
        "error": {"type": "string", "description": "Short and stable: for programs."},
        "message": {"type": "string", "description": "What is wrong and what to do: for people."},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "What is wrong with which field.",
        },
        "requestId": {
            "type": "string",
            "description": "The same as in X-Request-ID and in our logs.",
        },
    },
}
WORDS = {
    "400": "The request is malformed or a value is not right.",
    "401": "Not signed in.",
    "403": "Signed in, but not permitted.",
    "404": "Not there, or another organization's.",
    "405": "Not with this method.",
    "409": "It collides with what is there, or an Idempotency-Key was used for something else.",
    "413": "Too large.",
    "415": "Not application/json.",
    "429": "Too many requests: wait for Retry-After.",
    "500": "A fault of ours.",
    "502": "The vendor failed.",
    "503": "Not available here or now.",
    "504": "The vendor did not answer in time.",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    "description": "The same key and body within 24 hours gives the first answer again.",
}


class AutoSchema(SpectacularSchema):
    """Says of each operation which refusals it may give, from what the view declares."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        listed = self.method == "GET" and getattr(self.view, "is_list", False)
        return listed or bool(super()._is_list_view(serializer))

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        # A key is its person's: without a sign-in there is nobody whose it could be.
        takes_a_key = hasattr(self.view, "claim") and self.view.authentication_classes
        if takes_a_key and self.method != "GET":
            operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        for code in sorted(self._codes(operation)):
            operation["responses"].setdefault(code, _refusal(code))
        return operation

    def _codes(self, operation: dict[str, Any]) -> set[str]:
        """Return the status of every refusal that the operation may answer with."""
        codes = {"400", "405", "413", "415", "500"}
        if any(requirement for requirement in operation.get("security", [])):
            codes |= {"401", "403"}
        if self.path.startswith("/api/auth/"):
            codes |= {"401", "403"}
        if "{" in self.path or getattr(self.view, "names_others", False):
            codes |= {"404"}
        if getattr(self.view, "throttle_classes", []) or "/auth/" in self.path:
            codes |= {"429"}
        if getattr(self.view, "calls_vendor", False):
            codes |= {"502", "504"}
        if getattr(self.view, "may_be_unavailable", False):
            codes |= {"503"}
        writes = self.method != "GET" and hasattr(self.view, "claim")
        if writes or getattr(self.view, "may_conflict", False):
            codes |= {"409"}
        return codes


def _refusal(code: str) -> dict[str, Any]:
    refusal: dict[str, Any] = {
        "description": WORDS[code],
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    if code == "429":
        refusal["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    return refusal


def add_error(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add the one error body: drf-spectacular's hook after building."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    return result


def build() -> dict[str, Any]:
    """Return the schema as data, in English whoever asks first."""
    with _building, translation.override("en"):
        built: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return built


def published() -> bytes:
    with _publishing:
        return _published()


_publishing = Lock()


@lru_cache(maxsize=1)
def _published() -> bytes:
    return orjson.dumps(build(), default=str, option=orjson.OPT_NON_STR_KEYS)
