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
    """Map (METHOD, path) to its operation."""
    return {
        (method.upper(), path): item[method]
        for path, item in schema()["paths"].items()
        for method in METHODS
        if method in item
    }


@lru_cache
def _patterns() -> list[tuple[str, re.Pattern[str], str]]:
    """Return (METHOD, expression, path) of every operation, in the order of the URL configuration.

    There a name comes before a parameter.
    """
    known = sorted(operations(), key=lambda operation: operation[1].count("{"))
    return [
        (method, re.compile(re.sub(r"\{[^/}]+\}", "[^/]+", path.rstrip("/")) + "/?"), path)
        for method, path in known
    ]


@lru_cache
def _template_of(method: str, plain: str) -> str | None:
    matching = (
        path for known, pattern, path in _patterns() if known == method and pattern.fullmatch(plain)
    )
    return next(matching, None)


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """Return the operation that answers at a real path."""
    template = _template_of(method, path.partition("?")[0])
    return operations()[method, template] if template else None


@lru_cache
def _validator(method: str, template: str, status: str) -> jsonschema.Draft202012Validator | None:
    """Return the judge of this answer's body; None where the schema names no body."""
    content = (
        operations()[method, template]["responses"][status]
        .get("content", {})
        .get("application/json")
    )
    return content and jsonschema.Draft202012Validator(
        {**content["schema"], "components": schema()["components"]}
    )


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        found: Any = schema()
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def check(method: str, path: str, response: Any) -> None:
    """Raise AssertionError unless the schema names this status for this operation and its body
    fits.
    """
    template = _template_of(method, path.partition("?")[0])
    if template is None:
        return
    status = str(response.status_code)
    documented = operations()[method, template]["responses"]
    assert status in documented, (
        f"{method} {path} answered {status}, which the schema does not name"
    )
    validator = _validator(method, template, status)
    if validator is None:
        # A file is no JSON: the schema names its type alone.
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        is_named = kind in documented[status].get("content", {})
        assert is_named or not response.content, (
            f"{method} {path} has a body that the schema does not name"
        )
        return
    faults = [fault.message for fault in validator.iter_errors(response.json())]
    assert not faults, f"{method} {path} {status}: {faults}"
