"""The JSON schemas of what goes out, and its values as JSON has them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

Schema = dict[str, Any]

ID: Final[Schema] = {"type": "string", "format": "uuid"}
TEXT: Final[Schema] = {"type": "string"}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
NUMBER: Final[Schema] = {"type": "integer", "minimum": 0}
NAMES: Final[Schema] = {"type": "array", "items": TEXT}


def maybe(schema: Schema) -> Schema:
    """Return the schema of a value that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def choice(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def record(properties: Mapping[str, Schema]) -> Schema:
    """Return the schema of an object that has these and may get more:
    a release may add, and takes nothing away.
    """
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def whole(name: str, data: Schema) -> Schema:
    """Return the schema of the body that goes out."""
    body = record({"type": {"const": name}, "timestamp": MOMENT, "data": data})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **body}


def moment(value: datetime | None) -> str | None:
    if value is None:
        return None
    return value.isoformat()


def key(value: Any) -> str | None:
    """Return an id as text; null for none."""
    if value is None:
        return None
    return str(value)
