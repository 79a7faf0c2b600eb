"""A vendor with contacts, on its own side: lists by offset as many do, so that a list which
changes shifts under a reader; pages that come twice or not at all; writes by id or by
address; deletions."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LONG_AGO = datetime(2020, 1, 1, 12, tzinfo=UTC)


class People:
    """`people`: id → {"id", "changedAt", **properties}; `gone`: what was deleted, with the time."""

    def __init__(self, port: int = 0) -> None:
        self.lock = threading.RLock()
        self.people: dict[str, dict[str, Any]] = {}
        self.gone: dict[str, str] = {}
        self.size = 10
        self.says_total = True
        # Numbers of pages, from 0, that are given once more after themselves, or left out.
        self.repeated: set[int] = set()
        self.dropped: set[int] = set()
        # Addresses that it takes nothing of.
        self.refuses: set[str] = set()
        # What it makes of a value that is written.
        self.spells: Callable[[str], str] = str
        self.on_page: Callable[[int], None] = lambda number: None
        self.on_write: Callable[[int], None] = lambda number: None
        self.asked: list[str] = []
        self.writes: list[list[dict[str, Any]]] = []
        self.on_written: Callable[[int], None] = lambda number: None
        self.last_id = 0
        self._by_email: dict[str, dict[str, None]] = defaultdict(dict)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, *, changed_at: datetime = LONG_AGO, **properties: str) -> str:
        """Have a contact, and return its id."""
        with self.lock:
            self.last_id += 1
            name = str(self.last_id)
            self.people[name] = {"id": name, "changedAt": changed_at.isoformat(), **properties}
            self._by_email[properties.get("email", "").lower()][name] = None
            return name

    def fill(self, count: int) -> None:
        """Have so many more contacts."""
        for number in range(self.last_id + 1, self.last_id + count + 1):
            properties = {"firstname": f"First{number}", "lastname": f"Last{number}", "phone": ""}
            self.add(
                changed_at=LONG_AGO + timedelta(hours=number),
                email=f"p{number}@x.example",
                **properties,
            )

    def change(self, name: str, *, changed_at: datetime | None = None, **properties: str) -> None:
        """Change a contact, as people there do."""
        with self.lock:
            moment = changed_at or datetime.now(UTC)
            self.people[name] = {**self.people[name], **properties, "changedAt": moment.isoformat()}
            self._by_email[str(self.people[name].get("email", "")).lower()][name] = None

    def delete(self, name: str) -> None:
        with self.lock:
            del self.people[name]
            self.gone[name] = datetime.now(UTC).isoformat()

    def find(self, email: str) -> list[dict[str, Any]]:
        """Return the contacts of this address."""
        found = [self.people[name] for name in self._by_email[email.lower()] if name in self.people]
        return [each for each in found if str(each.get("email", "")).lower() == email.lower()]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Return the status and the body for one request."""
        self.asked.append(path)
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/me":
            return 200, {"name": "Ada's people"}
        if method == "POST":
            self.writes.append(body)
            self.on_write(len(self.writes))
            with self.lock:
                results = [self._write(each) for each in body]
            self.on_written(len(self.writes))
            return 200, {"results": results}
        start, is_again = _place(query.get("cursor", ""))
        self.on_page(start // self.size)
        with self.lock:
            if parts.path == "/deleted":
                return 200, self._page(self._deleted(query.get("since")), start, is_again)
            return 200, self._page(self._listed(query.get("since")), start, is_again)

    def _listed(self, since: str | None) -> list[dict[str, Any]]:
        return [
            each for each in self.people.values() if since is None or each["changedAt"] >= since
        ]

    def _deleted(self, since: str | None) -> list[dict[str, Any]]:
        return [{"id": name} for name, at in self.gone.items() if since is None or at >= since]

    def _page(self, rows: list[dict[str, Any]], start: int, is_again: bool) -> dict[str, Any]:
        number = start // self.size
        shown = [] if number in self.dropped else rows[start : start + self.size]
        following = (
            f"{start}r" if number in self.repeated and not is_again else str(start + self.size)
        )
        page: dict[str, Any] = {"data": shown, "next": None}
        if following.endswith("r") or start + self.size < len(rows):
            page["next"] = following
        if self.says_total:
            page["total"] = len(rows)
        return page

    def _write(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if wanted["email"] in self.refuses:
            return {"key": wanted["key"], "error": "This address is not allowed"}
        properties = {name: self.spells(value) for name, value in wanted["fields"].items()}
        name = wanted["id"]
        if name is not None and name not in self.people:
            return {"key": wanted["key"], "error": "There is no such contact"}
        outcome = "updated"
        if name is None:
            same = self.find(wanted["email"])
            outcome = "updated" if same else "created"
            name = same[0]["id"] if same else self.add()
        self.change(name, changed_at=None, **properties)
        return {"key": wanted["key"], "id": name, "outcome": outcome}


def _place(cursor: str) -> tuple[int, bool]:
    return int(cursor.rstrip("r") or 0), cursor.endswith("r")


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def _handler(service: People) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET", None)

        def do_POST(self) -> None:
            self._answer("POST", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, method: str, body: Any) -> None:
            status, answer = service.answer(method, self.path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's own name
            """Say nothing."""

    return Handler
