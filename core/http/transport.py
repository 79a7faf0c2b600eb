"""The wire: connections that dial only checked addresses, end at a deadline,
and are kept for the next call.

One adapter serves the whole process: its pools are thread-safe and hold no cookies, credentials or
proxies, so every client shares its open connections. `requests` is used for what it is good at,
and only here.
"""

import contextlib
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from core.http.addresses import resolve
from core.http.sockets import connected

# When the calls under way in this thread must be over, in time.monotonic() seconds.
_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))
_KEPT_PER_HOST = 100

# They write whole addresses into their lines, and some keys go in the query or path;
# api_call_logs says what is needed.
for _name in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_name).addFilter(lambda _record: False)


@contextlib.contextmanager
def ends_by(moment: float) -> Iterator[None]:
    """Let no read of a socket within this block last beyond `moment` (time.monotonic()).

    So a slow drip ends like silence.
    """
    token = _deadline.set(moment)
    try:
        yield
    finally:
        _deadline.reset(token)


def end() -> float:
    """Return the moment by which whatever is sent now must be over;
    infinity where nobody set any.
    """
    return _deadline.get()


class _EndsByDeadline:
    """A socket whose every read gets at most what is left of the call's time."""

    _patience: float | None = None

    def settimeout(self, value: float | None) -> None:
        self._patience = value
        super().settimeout(value)  # type: ignore[misc]

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        left = _deadline.get() - time.monotonic()
        if left <= 0:
            raise TimeoutError("The call's time is over")
        if self._patience is None or left < self._patience:
            super().settimeout(left)  # type: ignore[misc]
        received: int = super().recv_into(*args, **kwargs)  # type: ignore[misc]
        return received


class PlainSocket(_EndsByDeadline, socket.socket):
    pass


class TlsSocket(_EndsByDeadline, ssl.SSLSocket):
    pass


def _dial(connection: HTTPConnection) -> socket.socket:
    """Open a socket to one of the addresses that the guard has just checked.
    No name is resolved after this.
    """
    try:
        addresses = resolve(connection._dns_host, connection.port)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    patience = 10.0
    if isinstance(connection.timeout, int | float):
        patience = connection.timeout
    failure: OSError = OSError("The name has no address")
    for address in addresses:
        left = min(patience, _deadline.get() - time.monotonic())
        try:
            return connected(address, left, connection.socket_options or (), PlainSocket)
        except OSError as error:
            failure = error
    if isinstance(failure, TimeoutError):
        raise ConnectTimeoutError(connection, "Connecting took too long") from failure
    raise NewConnectionError(connection, "Connecting failed") from failure


class PinnedHTTP(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _dial(self)


class PinnedHTTPS(HTTPSConnection):
    """Dials the checked address; SNI, Host and the certificate go by the name."""

    def _new_conn(self) -> socket.socket:
        return _dial(self)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = PinnedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = PinnedHTTPS


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Check certificates always, against certifi's authorities and the system's
    (so SSL_CERT_FILE adds one).
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = TlsSocket
    return context


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=tls_context())
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Read no authorities: the context has them already, and reading them for each
        connection takes 10 ms.
        """
        conn.cert_reqs = "CERT_REQUIRED"


@lru_cache(maxsize=1)
def _made() -> _Adapter:
    return _Adapter(pool_connections=200, pool_maxsize=_KEPT_PER_HOST)


def _adapter() -> _Adapter:
    """Return the one adapter: threads that come first together would else make one,
    and connections, each.
    """
    with _making:
        return _made()


def close() -> None:
    """Let go of all kept connections and of the certificates that were read."""
    _adapter().close()
    forget()


def forget() -> None:
    """Start with new connections, leaving the old ones alone:
    after a fork they are the parent's.
    """
    _made.cache_clear()
    tls_context.cache_clear()


def _in_child() -> None:
    _making.release()
    forget()


_making = threading.Lock()
# No thread holds the lock while the process forks: the child would wait for one that
# it does not have.
os.register_at_fork(
    before=_making.acquire, after_in_parent=_making.release, after_in_child=_in_child
)


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None,
    timeouts: tuple[float, float],
) -> requests.Response:
    """Send one request; its answer's body is not yet read.

    Nothing is followed, kept or taken from the environment.

    Put together by hand: the address comes from the guard, and having it taken apart and written
    anew twice more was a fifth of what a call cost.
    """
    prepared = requests.PreparedRequest()
    prepared.method, prepared.url, prepared.body = method, url, body or None
    prepared.prepare_headers(dict(headers))
    prepared.prepare_content_length(prepared.body)
    return _adapter().send(prepared, stream=True, timeout=timeouts, verify=True, proxies={})
