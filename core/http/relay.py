"""A way to one checked address for drivers that dial for themselves:
they get a door on this machine instead.

libpq and pymongo resolve and connect by their own means, and read as much as a server sends.
`Relay` resolves once, dials what the guard let pass, and listens on the loopback interface;
whatever the driver asks of the name, its bytes go to that address and to no other. It ends at a
deadline, and as soon as more bytes came in than may. What it ended by is its `failure`, as the
driver only sees a connection that broke.

TLS that begins within a protocol (PostgreSQL, MySQL) is the driver's, end to end. Where it begins
with the first byte (MongoDB) the relay speaks it, so that the certificate is checked against the
name and not against this door.
"""

import contextlib
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any, Final, Self

from core.http.addresses import Address, named, resolve
from core.http.sockets import connected

_PIECE: Final = 64 * 1024
# A driver that watches its server has a connection for that too.
_AT_ONCE: Final = 8


class TooMuch(Exception):
    """More came in than may."""


class Relay:
    """A door for one driver; a context manager.

    Entering raises Refused, socket.gaierror, ssl.SSLError or OSError when the server cannot
    be reached, within `connect` seconds; all is over after `seconds`. `most` bytes may come in.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        seconds: float,
        most: int,
        connect: float = 10,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self.failure: Exception | None = None
        self.received = 0
        self._port = port
        self._ends = time.monotonic() + seconds
        self._connect = min(connect, seconds)
        self._most = most
        self._tls = tls
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_over = False

    def __enter__(self) -> Self:
        self.host = named(self.host)
        addresses = resolve(self.host, self._port)
        self._address, first = self._first_of(addresses)
        try:
            self._listener = socket.create_server(("127.0.0.1", 0), backlog=_AT_ONCE)
        except OSError:
            first.close()
            raise
        self.door: int = self._listener.getsockname()[1]
        threading.Thread(target=self._take, args=(first,), name="relay", daemon=True).start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._end()

    def _first_of(self, addresses: list[Address]) -> tuple[Address, socket.socket]:
        """Return the first address that answers, and the connection to it."""
        ends = time.monotonic() + self._connect
        failure: OSError = OSError("The name has no address")
        for waiting, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                return address, self._dial(address, (ends - time.monotonic()) / waiting)
            except ssl.SSLError:
                raise
            except OSError as error:
                failure = error
        raise failure

    def _dial(self, address: Address, seconds: float) -> socket.socket:
        dialled = connected(address, seconds, [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)])
        if self._tls is None:
            return dialled
        try:
            return self._tls.wrap_socket(dialled, server_hostname=self.host)
        except BaseException:
            dialled.close()
            raise

    def _take(self, first: socket.socket) -> None:
        """Give each connection of the driver's its own to the server; the first is open already."""
        theirs: socket.socket | None = first
        with contextlib.suppress(OSError):
            while True:
                ours, _from = self._listener.accept()
                ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(
                    target=self._carry, args=(ours, theirs), name="relay", daemon=True
                ).start()
                theirs = None
        if theirs is not None:
            theirs.close()

    def _carry(self, ours: socket.socket, theirs: socket.socket | None) -> None:
        with ours, contextlib.ExitStack() as opened:
            try:
                far = opened.enter_context(theirs or self._dial(self._address, self._connect))
                with self._among(ours, far):
                    self._pass_on(ours, far)
            except TimeoutError as error:
                self.failure = self.failure or error
                self._end()
            except TooMuch as error:
                self.failure = error
                self._end()
            except OSError as error:
                if isinstance(error, ssl.SSLError):
                    self.failure = self.failure or error

    @contextlib.contextmanager
    def _among(self, *pair: socket.socket) -> Iterator[None]:
        """Count both among those that are shut when all is over."""
        with self._lock:
            is_full = self._is_over or len(self._open) >= 2 * _AT_ONCE
            if not is_full:
                self._open |= set(pair)
        if is_full:
            raise ConnectionAbortedError("The relay takes no more")
        try:
            yield
        finally:
            with self._lock:
                self._open -= set(pair)

    def _pass_on(self, ours: socket.socket, far: socket.socket) -> None:
        """Carry bytes both ways until either side is done, the time is over, or too many came."""
        with selectors.DefaultSelector() as either:
            either.register(ours, selectors.EVENT_READ, far)
            either.register(far, selectors.EVENT_READ, ours)
            while True:
                left = self._ends - time.monotonic()
                if left <= 0:
                    raise TimeoutError("The time for this connection is over")
                for key, _events in either.select(left):
                    source: Any = key.fileobj
                    if not self._moved(source, key.data, left, is_answer=source is far):
                        return

    def _moved(
        self, source: socket.socket, target: socket.socket, left: float, *, is_answer: bool
    ) -> bool:
        """Carry what has come in on one side; False at its end."""
        while True:
            source.settimeout(0)
            try:
                piece = source.recv(_PIECE)
            except (BlockingIOError, ssl.SSLWantReadError):
                return True
            if not piece:
                return False
            if is_answer:
                self._count(len(piece))
            target.settimeout(left)
            target.sendall(piece)
            # What TLS has opened already is seen by no selector.
            if not (isinstance(source, ssl.SSLSocket) and source.pending()):
                return True

    def _count(self, size: int) -> None:
        with self._lock:
            self.received += size
            if self.received > self._most:
                raise TooMuch

    def _end(self) -> None:
        """Shut the door and all that goes through it."""
        with self._lock:
            self._is_over = True
            pairs = list(self._open)
        # Closing alone does not wake an accept that another thread waits in.
        for opened in (self._listener, *pairs):
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
        self._listener.close()
