"""JSON as strangers send it: whatever is odd is refused with 400 before a view can meet it."""

import math
from typing import IO, Any

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from core.api.errors import Malformed

MAX_DEPTH = 50


class StrictJSONParser(BaseParser):
    """UTF-8 JSON without NUL characters, lone surrogates, NaN or infinities, at most 50 levels deep.

    A body over DATA_UPLOAD_MAX_MEMORY_SIZE is 413: HttpRequest.body holds the limit, so it is read from there.
    """

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.body if isinstance(stream, HttpRequest) else stream.read()
        try:
            parsed = orjson.loads(raw)
        except ValueError as error:
            raise Malformed(message=_("The body is not valid JSON.")) from error
        refuse_odd(parsed)
        return parsed


def refuse_odd(parsed: Any) -> None:
    """Raise Malformed for what JSON allows but no column holds. Walks without recursion: depth is the caller's."""
    waiting: list[tuple[Any, int]] = [(parsed, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise Malformed(message=_("The body is nested too deeply."))
        if isinstance(value, str):
            _refuse_odd_text(value)
        elif isinstance(value, float) and not math.isfinite(value):
            raise Malformed(message=_("The body holds a number that is not finite."))
        elif isinstance(value, dict):
            for key in value:
                _refuse_odd_text(key)
            waiting.extend((inner, depth + 1) for inner in value.values())
        elif isinstance(value, list):
            waiting.extend((inner, depth + 1) for inner in value)


def _refuse_odd_text(value: str) -> None:
    if "\x00" in value:
        raise Malformed(message=_("The body holds a NUL character."))
