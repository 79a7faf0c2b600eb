"""A body as a JSON object that PostgreSQL keeps and Python reads back,
whatever bytes a vendor sends.

What is not JSON is refused. What is JSON but cannot be kept as it is (NUL and half characters in
strings, numbers beyond every type) is made storable and marked: a genuine delivery is not lost for
one bad character.
"""

import json
import re
from typing import Any

import orjson

from core.inbox.arrivals import not_json

_NUL = rb"\u0000"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MAX_DEPTH = 200
MAX_DIGITS = 300


def read(
    body: bytes, *, leniently: bool = False, list_name: str = ""
) -> tuple[dict[str, Any], bytes, bool]:
    """Return the payload, the text to store, and whether it had to be made storable;
    raise Refused (400).

    A body that is a list is taken where it has a `list_name`: as an object with the list under
    that. `leniently` reads what is not quite JSON too: raw control characters within a text, and
    bytes that are not UTF-8.
    """
    if _NUL in body:
        return _read_carefully(body, leniently, list_name)
    try:
        payload = _named(orjson.loads(body), list_name)
        # Written again rather than kept as sent: no doubled keys, nothing nested or longer than
        # can be read back.
        text = orjson.dumps(payload)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _read_carefully(body, leniently, list_name)
    if not isinstance(payload, dict):
        raise not_json()
    return payload, text, False


def write(payload: dict[str, Any]) -> bytes:
    """Return the text to store of a payload that `read` gave, with less in it."""
    try:
        return orjson.dumps(payload)
    except orjson.JSONEncodeError:
        return _written(payload)


def _read_carefully(
    body: bytes, leniently: bool, list_name: str
) -> tuple[dict[str, Any], bytes, bool]:
    errors = "replace" if leniently else "strict"
    try:
        found = json.loads(
            body.decode(errors=errors),
            strict=not leniently,
            parse_constant=_refuse,
            parse_int=_integer,
            parse_float=_decimal,
        )
        found = _named(found, list_name)
        payload = _storable(found, MAX_DEPTH)
    except (ValueError, RecursionError) as error:
        raise not_json() from error
    if not isinstance(payload, dict):
        raise not_json()
    return payload, _written(payload), payload != found


def _named(payload: Any, list_name: str) -> Any:
    if list_name and isinstance(payload, list):
        return {list_name: payload}
    return payload


def _written(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> int | str:
    if len(digits) <= MAX_DIGITS:
        return int(digits)
    return digits


def _decimal(digits: str) -> float | str:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        return digits
    return number


def _storable(value: Any, depth: int) -> Any:
    if depth < 0:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return _UNSTORABLE.sub("�", value)
    if isinstance(value, dict):
        return {_storable(key, 0): _storable(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item, depth - 1) for item in value]
    return value
