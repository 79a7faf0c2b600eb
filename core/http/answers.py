"""What came back: read up to a limit and no further, and understood without raising
anything but VendorError.
"""

import email.utils
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from typing import Any, Final

from urllib3.response import BaseHTTPResponse

from core.errors import UNREADABLE, WEB_PAGE, Misconfigured, Temporary
from core.http import lenient

_PIECE: Final = 64 * 1024
_HTML: Final = re.compile(rb"\s*(?:<!doctype\s+html|<html|<head|<body|<!--)", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """One answer of a vendor, wholly read. Header names in lower case."""

    vendor: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    elapsed_ms: int

    def json(self) -> Any:
        """Return the body as JSON, read once (core.http.lenient).

        Raise Misconfigured for a web page, Temporary for anything else that is not JSON.
        """
        return self._parsed

    @cached_property
    def _parsed(self) -> Any:
        try:
            return lenient.loads(self.body)
        except ValueError as error:
            if self.is_web_page:
                raise Misconfigured(self.vendor, WEB_PAGE, status=self.status) from error
            raise Temporary(self.vendor, UNREADABLE, status=self.status) from error

    def text(self, most: int) -> str:
        """Return the beginning of the body as text, whatever its bytes are."""
        return self.body[: 4 * most].decode(errors="replace")[:most]

    @property
    def is_web_page(self) -> bool:
        if not self.body.strip():
            return False
        if "html" in self.headers.get("content-type", ""):
            return True
        return bool(_HTML.match(self.body[:200]))

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, from Retry-After (seconds or a date) or RateLimit-Reset;
        None where neither is sound.
        """
        for name in ("retry-after", "ratelimit-reset", "x-ratelimit-reset"):
            seconds = seconds_from(self.headers.get(name, ""))
            if seconds is not None:
                return seconds
        return None


class TooLarge(Exception):
    """The body is longer than the limit. Nothing beyond the limit was kept."""


def read_body(raw: BaseHTTPResponse, limit: int) -> bytes:
    """Return the whole body, decompressed, or TooLarge as soon as more than `limit`
    bytes have come out.
    """
    declared = raw.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > limit:
        raise TooLarge
    body = bytearray()
    while piece := raw.read1(_PIECE, decode_content=True):
        body += piece
        if len(body) > limit:
            raise TooLarge
    return bytes(body)


def seconds_from(value: str) -> float | None:
    """Return Retry-After's seconds or HTTP date as seconds from now, never negative;
    None when it is neither.
    """
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,6})?", value):
        # More than a year is a moment, not a wait: some vendors send their reset as Unix time.
        seconds = float(value)
        if seconds < 31_536_000:
            return seconds
        return max(0.0, seconds - time.time())
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return max(0.0, moment.timestamp() - time.time())
    except (OverflowError, ValueError):
        return None
