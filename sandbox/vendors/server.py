"""The server: hands each request to its vendor, applies the faults of the wire,
keeps the journal.
"""

import contextlib
import importlib
import itertools
import pkgutil
import socket
import sys
import threading
import time
from collections import deque
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import sandbox.vendors
from sandbox.vendors import page
from sandbox.vendors.faults import STATUS, Fault, Faults
from sandbox.vendors.frame import Reply, Request, Stop, Vendor

_WEB_PAGE = (
    b"<!doctype html><html><head><title>Just a "
    b"moment</title></head><body><h1>Please wait</h1></body></html>"
)
_MOST_BODY = 16 * 1024 * 1024


class Sandbox:
    """All vendors, the faults that are on, and what was asked."""

    def __init__(self, seed: int = 1, app: str = "") -> None:
        self.vendors: dict[str, Vendor] = {vendor.name: vendor(seed, app) for vendor in _classes()}
        self.app = app
        self.faults = Faults()
        self.journal: deque[dict[str, Any]] = _empty_journal()
        self._numbers = itertools.count(1)

    def reset(self) -> None:
        self.faults.switch_off()
        self.forget()
        for vendor in self.vendors.values():
            vendor.reset()

    def forget(self) -> None:
        """Begin another journal: what is still being answered is noted in the old one."""
        self.journal = _empty_journal()

    def answer(self, name: str, request: Request) -> Reply:
        """Answer what the vendor, or a fault of the status kind, says."""
        request.faults = self.faults.take(name, request.method, request.path)
        for fault in request.faults:
            if fault.kind == "latency":
                time.sleep(fault.seconds)
            elif fault.kind in {*STATUS, "html", "empty"}:
                return _faulty(fault)
        vendor = self.vendors.get(name)
        return (
            vendor.answer(request)
            if vendor
            else Reply(404, {"error": f"There is no stand-in named {name}"})
        )

    def answer_and_note(self, name: str, request: Request, connection: int) -> Reply:
        """Answer, and note it in the journal that was kept when the request came."""
        journal = self.journal
        reply = self.answer(name, request)
        journal.append(
            {
                "number": next(self._numbers),
                "at": time.time(),
                "vendor": name,
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "headers": request.headers,
                "body": request.body.decode(errors="replace"),
                "status": reply.status,
                "connection": connection,
            }
        )
        return reply

    def control(self, request: Request) -> Reply:
        """Answer the page, `/_health`, `/_journal` and `/_control/…`.

        They are for this machine's own programs and pages alone.
        """
        if _is_foreign(request):
            return Reply(
                403,
                {
                    "error": (
                        "Another site, or another name of this machine, may not use the stand-ins"
                    )
                },
            )
        try:
            return page.answer(self._shown(), request) or self._controlled(request)
        except Stop as stop:
            return stop.reply
        except (ValueError, TypeError, KeyError) as error:
            return Reply(400, {"error": str(error)})

    def _controlled(self, request: Request) -> Reply:
        match (request.method, *request.path.strip("/").split("/")):
            case ("GET", "_health"):
                return Reply(200, {"status": "ok", "vendors": sorted(self.vendors)})
            case ("GET", "_journal"):
                return Reply(200, self._journal(request))
            case ("DELETE", "_journal"):
                self.forget()
            case ("POST", "_control", "reset"):
                self.reset()
            case ("GET", "_control", "faults"):
                return Reply(200, self.faults.as_json())
            case ("POST", "_control", "faults"):
                return Reply(201, {"id": self.faults.switch_on(Fault(**request.json())).id})
            case ("DELETE", "_control", "faults"):
                self.faults.switch_off(request.argument("vendor"))
            case (method, "_control", "vendors", name, *acts):
                return self._control_of(self.vendors[name], method, acts, request)
            case _:
                return Reply(404, {"error": "No such control"})
        return Reply(204)

    def _control_of(self, vendor: Vendor, method: str, acts: list[str], request: Request) -> Reply:
        match (method, *acts):
            case ("GET",):
                pass
            case ("PATCH",):
                vendor.turn(request.json())
            case ("POST", act):
                return Reply(200, vendor.act(act, request.json() if request.body else {}))
            case _:
                return Reply(404, {"error": "No such control"})
        return Reply(200, vendor.switched)

    def _shown(self) -> page.Shown:
        return page.Shown(self.vendors, self.faults, list(self.journal), self.app)

    def _journal(self, request: Request) -> list[dict[str, Any]]:
        vendor, path = request.argument("vendor"), request.argument("path")
        return [
            entry
            for entry in list(self.journal)
            if vendor in {"", entry["vendor"]} and entry["path"].startswith(path)
        ]


def _empty_journal() -> deque[dict[str, Any]]:
    return deque(maxlen=20_000)


def _classes() -> list[type[Vendor]]:
    """Return every subclass of Vendor in the modules beside this file."""
    for module in pkgutil.iter_modules(sandbox.vendors.__path__):
        if module.name != "__main__":
            importlib.import_module(f"sandbox.vendors.{module.name}")
    return [
        vendor
        for vendor in Vendor.__subclasses__()
        if vendor.__module__.startswith(sandbox.vendors.__name__)
    ]


def _is_foreign(request: Request) -> bool:
    """Tell whether a browser sends this for another site, or by a name that another site has
    pointed at this machine.
    """
    host = request.headers.get("host", "")
    origin = request.headers.get("origin", f"http://{host}")
    named = urlsplit(f"//{host}").hostname
    return named not in {"127.0.0.1", "localhost"} or origin != f"http://{host}"


def _faulty(fault: Fault) -> Reply:
    status = fault.answer_status()
    if fault.kind == "html":
        return Reply(status, _WEB_PAGE, {"Content-Type": "text/html; charset=utf-8"})
    if fault.kind == "empty":
        return Reply(status)
    headers = (
        {"Retry-After": fault.retry_after}
        if fault.kind == "rate_limited" and fault.retry_after
        else {}
    )
    return Reply(status, {"error": _phrase(status)}, headers)


def _phrase(status: int) -> str:
    """Return a status in words; some vendors have statuses of their own."""
    if status in set(HTTPStatus):
        return HTTPStatus(status).phrase
    return "Of the vendor's own"


class Handler(BaseHTTPRequestHandler):
    """One connection. It is kept open, as the vendors do."""

    protocol_version = "HTTP/1.1"
    server: "Server"
    _connections = itertools.count(1)

    def setup(self) -> None:
        super().setup()
        self.number = next(self._connections)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        name, request = self._read()
        box = self.server.box
        if not name or name.startswith("_"):
            self._write(box.control(request), None)
            return
        reply = box.answer_and_note(name, request, self.number)
        on_the_wire = [
            fault for fault in request.faults if fault.kind in {"cut", "drip", "malformed"}
        ]
        self._write(reply, on_the_wire[0] if on_the_wire else None)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the base class looks them up

    def _read(self) -> tuple[str, Request]:
        parts = urlsplit(self.path)
        name, _, rest = parts.path.lstrip("/").partition("/")
        length = min(int(self.headers.get("Content-Length") or 0), _MOST_BODY)
        return name, Request(
            method=self.command,
            path=parts.path if name.startswith("_") else f"/{unquote(rest)}",
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={header.lower(): value for header, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
            target=self.path,
        )

    def _write(self, reply: Reply, fault: Fault | None) -> None:
        if not reply.status:
            self.close_connection = True
            return
        content = reply.content()
        if fault and fault.kind == "malformed":
            content = content[: max(1, len(content) * 2 // 3)]
        head = [
            f"HTTP/1.1 {reply.status} {_phrase(reply.status)}",
            f"Content-Length: {len(content)}",
        ]
        headers = {"Content-Type": "application/json; charset=utf-8"} | reply.headers
        head += [f"{name}: {value}" for name, value in headers.items()]
        start = "\r\n".join([*head, "", ""]).encode()
        with contextlib.suppress(ConnectionError):
            if fault and fault.kind == "cut":
                self.connection.sendall(start + content[: len(content) // 2])
                self.close_connection = True
            elif fault and fault.kind == "drip":
                self._drip(start, content, fault.seconds)
            else:
                self.connection.sendall(start + (b"" if self.command == "HEAD" else content))

    def _drip(self, start: bytes, content: bytes, seconds: float) -> None:
        self.connection.sendall(start)
        for byte in content:
            time.sleep(seconds)
            self.connection.sendall(bytes([byte]))

    def log_message(self, *_arguments: Any) -> None:
        """Write nothing: the journal says it better."""


class Server(ThreadingHTTPServer):
    """On this machine only: the stand-ins hold no secret, but nobody else has
    business with them.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int = 0, seed: int = 1, app: str = "") -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.box = Sandbox(seed, app)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, *arguments: Any) -> None:
        """Pass over a client that went away, which is no event;
        a fault of a stand-in's is shown.
        """
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*arguments)

    def run_in_thread(self) -> threading.Thread:
        thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        thread.start()
        return thread
