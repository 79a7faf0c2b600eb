"""What every stand-in is made of: routes, keys, rate limits as the vendor counts them,
and pages of a list.
"""

import inspect
import json
import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sandbox.vendors.faults import Fault


@dataclass
class Request:
    """What came in: the path below the vendor's name, header names in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = b""
    faults: Sequence[Fault] = ()
    # Path and query as they stood on the wire: some vendors sign them.
    target: str = ""

    def argument(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[-1]

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Stop(Reply(400, {"error": "The body is not JSON"})) from error

    def fault(self, kind: str) -> Fault | None:
        return next((fault for fault in self.faults if fault.kind == kind), None)


@dataclass
class Reply:
    """What goes out: `body` as JSON, bytes as they are, None as nothing. Status 0:
    no answer, the line goes dead.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        if self.body is None:
            return b""
        return (
            self.body
            if isinstance(self.body, bytes)
            else json.dumps(self.body, ensure_ascii=False).encode()
        )


class Stop(Exception):
    """Answer this instead."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True)
class Limit:
    """At most `calls` in any `seconds`, counted per account."""

    calls: int
    seconds: float


Handler = Callable[..., Reply]


@dataclass(frozen=True)
class Route:
    """A method, a pattern such as /teams/{id}, and the limits that a call of it counts against."""

    method: str
    pattern: re.Pattern[str]
    limits: tuple[str, ...]


def route(method: str, path: str, limits: tuple[str, ...] = ()) -> Callable[[Handler], Handler]:
    """Mark a vendor's method as the answer to `method path`;
    {names} in the path become its arguments.
    """
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "/?")

    def mark(handler: Handler) -> Handler:
        handler.route = Route(method, pattern, limits)  # type: ignore[attr-defined]
        return handler

    return mark


class Vendor:
    """A stand-in. A subclass names itself, its limits and switches,
    checks keys and answers its routes.
    """

    name: ClassVar[str]
    # What it lets in, by what each is called. Made up, worth nothing anywhere else:
    # the stand-ins' page shows them.
    keys: ClassVar[dict[str, str]] = {}
    limits: ClassVar[dict[str, Limit]] = {}
    switches: ClassVar[dict[str, Any]] = {"rate_limits": True}

    def __init__(self, seed: int = 1, app: str = "") -> None:
        self.seed = seed
        # Where Koppel itself runs, for a vendor that is told by its owner where to send webhooks.
        self.app = app
        self.lock = threading.Lock()
        self._routes: list[tuple[Route, Handler]] = [
            (method.route, method)
            for _name, method in inspect.getmembers(self, inspect.ismethod)
            if hasattr(method, "route")
        ]
        self.reset()

    def reset(self) -> None:
        """Put back what was at the start: the same data, no call counted, every switch as
        declared.
        """
        self.random = random.Random(f"{self.name}/{self.seed}")
        self.switched: dict[str, Any] = dict(self.switches)
        self._calls: dict[tuple[str, str], deque[float]] = {}

    def turn(self, changes: dict[str, Any]) -> None:
        """Turn switches; a switch that is not declared is refused."""
        if unknown := set(changes) - set(self.switches):
            raise ValueError(f"{self.name} has no switch {sorted(unknown)}")
        self.switched |= changes

    def account(self, request: Request) -> str:
        """Return whose call it is; Stop with the vendor's own refusal for a key that it does not
        know.
        """
        raise Stop(Reply(401))

    def answer(self, request: Request) -> Reply:
        """Find the route, check the key, count the call, answer."""
        for known, handler in self._routes:
            found = known.pattern.fullmatch(request.path)
            if found and known.method == request.method:
                try:
                    headers = self._count(self.account(request), self.limits_of(request, known))
                    reply = handler(request, **found.groupdict())
                except Stop as stop:
                    return stop.reply
                reply.headers = headers | reply.headers
                return reply
        return self.unknown(request)

    def unknown(self, request: Request) -> Reply:
        return Reply(404, {"error": "Not found"})

    def limits_of(self, request: Request, known: Route) -> tuple[str, ...]:
        """Name the limits that this call counts against."""
        return known.limits

    def limit(self, name: str) -> Limit:
        """Return the limit as it is now: a switch may have lowered it."""
        return self.limits[name]

    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Do what a test or a trial asks for beyond
        the API (`POST /_control/vendors/<vendor>/<name>`).
        """
        raise ValueError(f"{self.name} cannot {name}")

    def _count(self, account: str, names: tuple[str, ...]) -> dict[str, str]:
        """Return the rate-limit headers of a call that is let through; Stop with 429 when a limit
        is reached.
        """
        headers: dict[str, str] = {}
        if not self.switched.get("rate_limits"):
            return headers
        with self.lock:
            now = time.monotonic()
            logs = [
                (self.limit(name), self._calls.setdefault((account, name), deque()))
                for name in names
            ]
            for limit, calls in logs:
                while calls and calls[0] <= now - limit.seconds:
                    calls.popleft()
                if len(calls) >= limit.calls:
                    raise Stop(self.limited(limit, calls[0] + limit.seconds - now))
            for limit, calls in logs:
                calls.append(now)
                headers = self.limit_headers(
                    limit, limit.calls - len(calls), calls[0] + limit.seconds - now
                )
        return headers

    def limit_headers(self, limit: Limit, remaining: int, reset: float) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(limit.calls),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(max(1, round(reset + 0.5))),
        }

    def limited(self, limit: Limit, wait: float) -> Reply:
        headers = self.limit_headers(limit, 0, wait)
        return Reply(
            429,
            {"error": "Rate limit exceeded"},
            headers | {"Retry-After": headers["RateLimit-Reset"]},
        )


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and where the next page begins (None: there is none)."""

    rows: list[Any]
    following: int | None


def page(rows: Sequence[Any], start: int, size: int, request: Request) -> Page:
    """Return `size` rows from `start`, as a list that is paged by offset gives them.

    The list faults of this request are in it.
    """
    if start and request.fault("duplicate_page"):
        return Page(list(rows[max(0, start - size) : start]), start)
    first = start
    if start and (change := request.fault("changed_rows")):
        first = max(0, start - change.shift)
    end = first + size
    following = start + size if end < len(rows) else None
    if request.fault("looping_cursor"):
        following = 0
    return Page(list(rows[first:end]), following)
