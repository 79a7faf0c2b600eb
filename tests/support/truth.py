"""The published schema as a judge: does this answer of this operation say what the schema says?"""

import re
from functools import lru_cache
from typing import Any

import jsonschema
import orjson

from core.api.schema import published

METHODS = ("get", "post", "put", "patch", "delete")


@lru_cache
def schema() -> dict[str, Any]:
    return orjson.loads(published())


@lru_cache
def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """(METHOD, path) -> operation."""
    return {
        (method.upper(), path): item[method]
        for path, item in schema()["paths"].items()
        for method in METHODS
        if method in item
    }


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """The operation that answers at a real path."""
    plain = path.partition("?")[0]
    # As the URL configuration does: a name before a parameter.
    for (known, template), operation in sorted(operations().items(), key=lambda item: item[0][1].count("{")):
        expression = re.sub(r"\{[^/}]+\}", "[^/]+", template.rstrip("/"))
        if known == method and re.fullmatch(f"{expression}/?", plain):
            return operation
    return None


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        found: Any = schema()
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def check(method: str, path: str, response: Any) -> None:
    """AssertionError unless the schema names this status for this operation and its body fits."""
    operation = operation_of(method, path)
    if operation is None:
        return
    documented = operation["responses"].get(str(response.status_code))
    assert documented is not None, f"{method} {path} answered {response.status_code}, which the schema does not name"
    content = documented.get("content", {}).get("application/json")
    if content is None:
        assert not response.content, f"{method} {path} has a body that the schema does not name"
        return
    validator = jsonschema.Draft202012Validator({**content["schema"], "components": schema()["components"]})
    faults = [fault.message for fault in validator.iter_errors(response.json())]
    assert not faults, f"{method} {path} {response.status_code}: {faults}"
