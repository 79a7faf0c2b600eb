"""How parameters and bodies are written, so that vendors read them as they were meant."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson

Params = Mapping[str, Any] | Sequence[tuple[str, Any]]


def body_of(
    json: Any, data: bytes | Mapping[str, str] | None
) -> tuple[dict[str, str], bytes | None]:
    if json is not None:
        return {"Content-Type": "application/json"}, orjson.dumps(json)
    if isinstance(data, Mapping):
        return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(
            data, errors="replace"
        ).encode()
    return {}, data


def pairs(params: Params) -> list[tuple[str, str]]:
    """Return names and values as they are sent: a list repeats its name, a boolean is lower case,
    None is left out.
    """
    given = params.items() if isinstance(params, Mapping) else params
    flat: list[tuple[str, str]] = []
    for name, value in given:
        values = value if isinstance(value, list | tuple) else [value]
        flat += [
            (name, str(item).lower() if isinstance(item, bool) else str(item))
            for item in values
            if item is not None
        ]
    return flat
