"""One request and its answer, and what each kind of failure and status means."""

import socket
import ssl
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import requests
from urllib3.exceptions import HTTPError

from core.errors import (
    BAD_CERTIFICATE,
    MOVED,
    NO_PERMISSION,
    NO_SUCH_NAME,
    NOT_THERE,
    TOO_LARGE,
    BadCredentials,
    Misconfigured,
    RateLimited,
    Rejected,
    Temporary,
    VendorError,
)
from core.http import transport
from core.http.addresses import Refused
from core.http.answers import Answer, TooLarge, read_body

_NO_SUCH_NAME: Final = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

# For a 429 that does not say how long.
_UNKNOWN_WAIT: Final = 10.0


@dataclass(frozen=True)
class Limits:
    """How long and how much. Seconds, but for `attempts` and `body` (bytes)."""

    connect: float = 5
    read: float = 30
    # The whole call: every attempt, pause and wait for the quota.
    total: float = 90
    attempts: int = 4
    pause: float = 0.5
    longest_pause: float = 8
    # A longer Retry-After is the caller's business: it gets RateLimited at once.
    longest_retry_after: float = 30
    quota_wait: float = 30
    # No vendor's header keeps an account silent for longer.
    longest_drain: float = 3600
    body: int = 32 * 1024 * 1024


def exchange(
    vendor: str,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: Limits,
    ends: float,
) -> Answer:
    """Send once and read the answer, whatever its status; VendorError when there is none.

    The error does not carry the one that it came from: the texts of requests and urllib3 hold
    the whole address, and with it keys that go in the query or path. Their names are noted on it.
    """
    started = time.monotonic()
    try:
        with transport.ends_by(ends):
            response = transport.send(
                method, url, headers=headers, body=body, timeouts=(limits.connect, limits.read)
            )
            return _read(vendor, response, limits, started)
    except Refused as error:
        failure: VendorError = Misconfigured(vendor, error.text)
    except (requests.RequestException, HTTPError, OSError) as error:
        failure = _meaning(vendor, error)
        failure.add_note(" < ".join(type(cause).__name__ for cause in _causes(error)))
    raise failure


def _read(vendor: str, response: requests.Response, limits: Limits, started: float) -> Answer:
    raw = response.raw
    try:
        body = read_body(raw, limits.body)
    except TooLarge as error:
        raise Rejected(vendor, TOO_LARGE, status=response.status_code) from error
    finally:
        # Read to its end, the connection has gone back to its pool already;
        # otherwise it is of no more use.
        raw.close()
    return Answer(
        vendor=vendor,
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=body,
        elapsed_ms=round((time.monotonic() - started) * 1000),
    )


def _meaning(vendor: str, error: Exception) -> VendorError:
    """Return a failure below HTTP, sorted by what to do: the causes decide,
    never the words of a message.
    """
    # What requests refuses to send (a header with a line break)
    # has no failure of the wire beneath it.
    unsent = isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader)
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Misconfigured(vendor, BAD_CERTIFICATE)
        if isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_NAME:
            return Misconfigured(vendor, NO_SUCH_NAME)
        if isinstance(cause, HTTPError):
            unsent = False
    if unsent:
        return Misconfigured(vendor)
    return Temporary(vendor)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and all that led to it, also where a library put the cause into a field
    or the arguments.
    """
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [
                cause.__cause__,
                cause.__context__,
                getattr(cause, "reason", None),
                *cause.args,
            ]


def refusal(
    answer: Answer, ok: Collection[int], credential_statuses: Collection[int]
) -> VendorError | None:
    """Return what a status means; None when it is one of those that the caller takes."""
    vendor, status = answer.vendor, answer.status
    if status in ok:
        return None
    if status == 429:
        wait = answer.retry_after
        if wait is None:
            wait = _UNKNOWN_WAIT
        return RateLimited(vendor, retry_after=wait, status=status)
    if status in credential_statuses:
        return BadCredentials(vendor, status=status)
    if status >= 500 or status in {408, 425}:
        return Temporary(vendor, status=status, retry_after=answer.retry_after)
    if 300 <= status < 400:
        return Misconfigured(vendor, MOVED, status=status)
    return Rejected(vendor, {403: NO_PERMISSION, 404: NOT_THERE}.get(status, ""), status=status)
