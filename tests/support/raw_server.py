"""A server that says exactly the bytes that a test wants, and counts who came."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket, bytes], None]


class RawServer:
    """The first talk answers the first request, the second the second,
    the last one all the rest.
    """

    def __init__(self, *talks: Talk, tls: ssl.SSLContext | None = None) -> None:
        self._talks = list(talks)
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        self.requests: list[bytes] = []
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            spoken = (
                self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            )
            with spoken:
                while request := _read(spoken):
                    self.requests.append(request)
                    self._talks[min(len(self.requests), len(self._talks)) - 1](spoken, request)

    def close(self) -> None:
        self._listener.close()


def _read(connection: socket.socket) -> bytes:
    """Read a request: its head, and its body as far as Content-Length says."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            return b""
        request += piece
    head, _, body = request.partition(b"\r\n\r\n")
    lengths = [
        line.split(b":")[1]
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    ]
    while lengths and len(body) < int(lengths[0]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def say(status: str, body: bytes = b"", *headers: str) -> Talk:
    """Send a whole answer, after which the connection stays open."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return lambda connection, _request: connection.sendall("\r\n".join(lines).encode() + body)


def say_raw(content: bytes) -> Talk:
    """Send these bytes, and then the end."""

    def talk(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_RDWR)

    return talk


@contextlib.contextmanager
def serving(*talks: Talk, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    server = RawServer(*talks, tls=tls)
    try:
        yield server
    finally:
        server.close()
