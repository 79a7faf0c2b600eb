"""The toy vendor's own side: an HTTP server with keys, records in pages of ten,
and what may go wrong.
"""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 10
# Among the days that pages show, whatever day the tests run on.
FIRST_DAY = datetime.now(UTC).date() - timedelta(days=9)


def record(number: int, **values: Any) -> dict[str, Any]:
    """Return one record, ten a day."""
    day = FIRST_DAY + timedelta(days=number // 10)
    return {
        "id": number,
        "name": f"toy {number}",
        "made_at": f"{day}T10:00:00+00:00",
        **values,
    }


class Service:
    """Answers to its `keys`, and with 503 to `broken` ones; `status` is answered to everything,
    where it is set.
    """

    def __init__(self) -> None:
        self.keys = {"toy-key-of-no-value-0001", "toy-key-of-no-value-0002"}
        self.broken: set[str] = set()
        self.records: list[Any] = [record(number) for number in range(25)]
        self.status = 0
        self.raw: bytes | None = None
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, key: str) -> tuple[int, Any]:
        """Return the status and the body for one request."""
        self.asked.append(path)
        if self.status:
            return self.status, {"error": "as the test wants it"}
        if key in self.broken:
            return 503, {"error": "as the test wants it"}
        if key not in self.keys:
            return 401, {"error": "unknown key"}
        parts = urlsplit(path)
        if parts.path == "/me":
            return 200, {"name": "Ada's toys"}
        number = int(parse_qs(parts.query)["page"][0])
        shown = self.records[(number - 1) * PAGE : number * PAGE]
        last = max(1, -(-len(self.records) // PAGE))
        return 200, {"data": shown, "meta": {"last_page": last, "total": len(self.records)}}

    def _handler(service: "Service") -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = service.answer(self.path, self.headers.get("X-Key", ""))
                content = service.raw if service.raw is not None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's own name
                """Say nothing."""

        return Handler
