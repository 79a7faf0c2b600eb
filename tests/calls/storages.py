"""A storage whose answers a test chooses by bucket and key:
what is held there, what it does not know.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Storage:
    """One that has these buckets, and everything in them until it is deleted."""

    def __init__(self, address: str, *buckets: str) -> None:
        self.address, self.buckets = address, set(buckets)
        # Objects that are not deleted, whoever asks, by key; and those that are not there.
        self.held: set[str] = set()
        self.gone: set[str] = set()
        self.away = False
        self.asked: list[tuple[str, str]] = []

    def answer(self, method: str, path: str) -> int:
        bucket, _, key = path.partition("?")[0].lstrip("/").partition("/")
        self.asked.append((method, key))
        if self.away:
            return 503
        if bucket not in self.buckets:
            return 404
        if not key:
            return 200
        if method == "DELETE" and key in self.held:
            return 403
        if method == "DELETE":
            self.gone.add(key)
            return 204
        return 404 if key in self.gone else 200

    def deleted(self) -> list[str]:
        return [key for method, key in self.asked if method == "DELETE"]


@contextmanager
def storage(settings: Any, *buckets: str) -> Iterator[Storage]:
    """It runs, and Koppel is pointed at it."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            status = at.answer(self.command, self.path)
            self.send_response(status)
            self.send_header(
                "Content-Length", "7" if status == 200 and self.command == "HEAD" else "0"
            )
            self.end_headers()

        do_DELETE = do_HEAD  # noqa: N815

        def log_message(self, *_arguments: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = f"127.0.0.1:{server.server_address[1]}"
    at = Storage(f"http://{host}", *buckets)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, host]
    settings.RECORDINGS_S3_ENDPOINT = at.address
    yield at
    server.shutdown()
    server.server_close()
