"""The same door for libraries that bring `requests`: what their session sends goes out
through our client.

`session()` is a requests.Session that sends by `Door`; a library that makes a session of its own
has one mounted by `through_the_door`. Guard, pinned dial, quota, deadline, size and log are those
of every call, and what the session was given of proxies, certificates, cookies, time-outs or the
environment changes nothing.
"""

import base64
import binascii
from datetime import timedelta
from http.client import responses
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
import requests
from requests._internal_utils import to_native_string
from requests.adapters import BaseAdapter
from requests.utils import get_encoding_from_headers

from core.http.answers import Answer
from core.http.auth import Auth, BasicKey, BearerKey, HeaderKey, is_usable
from core.http.client import CallContext, Client
from core.http.exchange import Limits
from core.http.quota import Quotas
from core.masking import Secret

# A refusal in words (RFC 6749's error bodies come with 400 and 401) is the library's to read.
READ_BY_LIBRARY: Final = frozenset({*range(200, 300), *range(400, 500)} - {408, 425, 429})
# The client has its own, and cookies are not kept; a key goes out by its auth,
# so that the log knows it.
_NOT_PASSED_ON: Final = {
    "accept-encoding", "authorization", "connection", "content-length", "cookie", "host",
    "proxy-authorization", "transfer-encoding", "user-agent",
}  # fmt: skip


class Door(BaseAdapter):
    """Sends what a session prepared, as calls of one account of one vendor.

    A redirect, a 429 and a fault of the server raise VendorError, like everything that fails below
    HTTP; all other answers are handed over.
    """

    def __init__(
        self,
        vendor: str,
        account: str,
        quotas: Quotas = (),
        context: CallContext | None = None,
        *,
        limits: Limits | None = None,
    ) -> None:
        super().__init__()
        self._vendor = vendor
        self._account = account
        self._quotas = quotas
        self._context = context
        self._limits = limits

    def send(
        self, request: requests.PreparedRequest, *_options: Any, **_more: Any
    ) -> requests.Response:
        body = request.body or b""
        if not isinstance(body, bytes | str):
            raise TypeError("A body that is sent piece by piece cannot go through the door")
        if isinstance(body, str):
            body = body.encode()
        url = request.url or ""
        origin = "/".join(url.split("/", 3)[:3])
        client = Client(
            self._vendor,
            self._account,
            origin,
            _auth(to_native_string(request.headers.get("Authorization", ""))),
            self._quotas,
            self._context,
            limits=self._limits,
            reads="bytes",
        )
        headers = {
            name: to_native_string(value)
            for name, value in request.headers.items()
            if name.lower() not in _NOT_PASSED_ON
        }
        answer = client.request(
            request.method or "GET",
            url,
            data=body,
            headers=headers,
            ok=READ_BY_LIBRARY,
            hides=_fields(body),
        )
        return _response(request, answer)

    def close(self) -> None:
        """Let go of nothing: the connections are the process's."""


def session(
    vendor: str,
    account: str,
    quotas: Quotas = (),
    context: CallContext | None = None,
    *,
    limits: Limits | None = None,
) -> requests.Session:
    """Return a session for a library that takes one, as Authlib's OAuth2Client does."""
    return through_the_door(
        requests.Session(), Door(vendor, account, quotas, context, limits=limits)
    )


def through_the_door(session: requests.Session, door: Door) -> requests.Session:
    """Have a session, also one that a library made (Authlib's OAuth2Session is one),
    send by this door alone.
    """
    session.adapters.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, door)
    session.trust_env = False
    return session


def _auth(header: str) -> Auth | None:
    """Return the key that stands in the header, so that the log can be cleaned
    of all its spellings.
    """
    scheme, _, value = header.partition(" ")
    if not header:
        return None
    if not value:
        return HeaderKey("Authorization", Secret(header))
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            password = ""
        if is_usable(password):
            return BasicKey(user, Secret(password))
    return BearerKey(Secret(value), scheme)


def _fields(body: bytes) -> Any:
    """Return what a form or JSON says, for its secrets to be cut out of the log."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return dict(parse_qsl(body.decode(errors="replace")))


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.reason = responses.get(answer.status, "")
    response.headers.update(answer.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.url = request.url or ""
    response.request = request
    response.elapsed = timedelta(milliseconds=answer.elapsed_ms)
    response._content = answer.body
    response._content_consumed = True  # type: ignore[attr-defined]
    return response
