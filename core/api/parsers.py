"""JSON as strangers send it: whatever is odd is refused with 4xx before a view can meet it."""

import math
import re
from typing import IO, Any, Final

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from core.api.errors import Malformed, TooLarge
from core.serving.bodies import ANONYMOUS_BODY

MAX_DEPTH: Final = 50
# Values and keys in one body. Each costs memory while it is parsed and time while it is looked at.
MAX_NODES: Final = 50_000
# A string whole, so that what stands in it is not counted.
# It never goes back, and takes one that does not end, too.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


class StrictJSONParser(BaseParser):
    """UTF-8 JSON without NUL characters, lone surrogates, NaN or infinities,
    at most 50 levels deep.

    A body over DATA_UPLOAD_MAX_MEMORY_SIZE is 413: HttpRequest.body holds the limit,
    so it is read from there. From somebody who is not signed in, 64 KB is the most.
    """

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        raw = stream.body if isinstance(stream, HttpRequest) else stream.read()
        if len(raw) > ANONYMOUS_BODY:
            request = (parser_context or {}).get("request")
            if not _is_signed_in(request):
                raise TooLarge
        if has_more_nodes(raw, MAX_NODES):
            raise TooLarge(message=_("The body holds too many values. Send fewer at a time."))
        try:
            parsed = orjson.loads(raw)
        except ValueError as error:
            raise Malformed(message=_("The body is not valid JSON.")) from error
        refuse_odd(parsed)
        return parsed


def _is_signed_in(request: Request | None) -> bool:
    if request is None or request.user is None:
        return False
    return bool(request.user.is_authenticated)


def has_more_nodes(raw: bytes, most: int) -> bool:
    """Tell whether JSON text holds more values and keys than `most`,
    by its marks and without parsing it.
    """
    return _marks(raw) > most and _marks(_STRING.sub(b"", raw)) > most


def _marks(raw: bytes) -> int:
    return sum(map(raw.count, (b",", b":", b"[", b"{")))


def refuse_odd(parsed: Any) -> None:
    """Raise Malformed for what JSON allows but no column holds. Walks without recursion:
    depth is the caller's.
    """
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
