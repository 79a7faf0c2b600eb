"""JSON as vendors send it: what is not quite JSON is read all the same,
and what comes out can be stored.

A raw line break within a text, a byte that is not UTF-8, half of a surrogate pair: one record that
has any of them would else keep its whole page from being read, for ever. PostgreSQL takes neither
NUL nor half a pair, so each becomes U+FFFD. What is sound takes the quick way and costs one look.
"""

import json
import math
import re
from typing import Any, Final

import orjson

REPLACEMENT: Final = "\ufffd"
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_NUL: Final = b"\\u0000"


def loads(body: bytes, *, odd_numbers: bool = False) -> Any:
    """Return what these bytes say; raise ValueError where that is no JSON, or is nested too deeply.

    NaN, Infinity and numbers beyond a float are no JSON either, unless `odd_numbers` has
    them read as null.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = _loosely(body, odd_numbers)
    else:
        if _NUL not in body:
            return value
    try:
        return _storable(value)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _loosely(body: bytes, odd_numbers: bool) -> Any:
    def number(text: str) -> float | None:
        value = float(text)
        if math.isfinite(value):
            return value
        if odd_numbers:
            return None
        raise ValueError(f"{text} is no number of JSON")

    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text, strict=False, parse_float=number, parse_constant=number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, list):
        return [_storable(part) for part in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(part) for name, part in value.items()}
    return value
