"""Which call is answered by what: `answers` mark their functions, `find` chooses among them."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sandbox.vendors.email_bison import pages, refusals
from sandbox.vendors.email_bison.instance import Instance, Token
from sandbox.vendors.email_bison.tables import Row, Table
from sandbox.vendors.email_bison.workspace import Contents, Workspace
from sandbox.vendors.frame import Reply, Request


@dataclass(frozen=True)
class Call:
    """A call that was let in: what it asks, of which instance, with whose token."""

    request: Request
    instance: Instance
    token: Token
    # Below /api, as the client wrote it.
    path: str

    @property
    def switched(self) -> dict[str, Any]:
        return self.instance.world.switched

    @property
    def now(self) -> datetime:
        return self.instance.world.now

    @property
    def workspace(self) -> Workspace:
        """Return where the token acts now; Stop with 403 where that wants its own token."""
        found = self.instance.current(self.token)
        if found.company.own_key_only and self.token.workspace is None:
            raise refusals.forbidden()
        return found

    @property
    def contents(self) -> Contents:
        return self.workspace.contents

    def body(self) -> dict[str, Any]:
        """Return the JSON object of the body; any other body counts as empty."""
        try:
            found = json.loads(self.request.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def page(self, rows: Sequence[Row]) -> Reply:
        return pages.numbered(self.request, self.path, rows, self.switched)

    def by_cursor(self, rows: Sequence[Row]) -> Reply:
        return pages.by_cursor(self.request, self.path, rows, self.switched)

    def super_admin(self) -> None:
        if self.token.workspace is not None:
            raise refusals.forbidden()

    def row(self, kind: str, number: str) -> Row:
        """Return a row of the workspace; Stop with 403 for another's, with 404 for none."""
        wanted = int(number) if number.isdecimal() else 0
        found = self.table(kind).get(wanted)
        if found is None:
            name, span = KINDS[kind]
            # Where it may be: no other workspace needs to be made for that.
            elsewhere = (
                getattr(each.contents, kind)
                for each in self.instance.all().values()
                if each.is_watched or each.id == wanted // span
            )
            if any(table.get(wanted) for table in elsewhere):
                raise refusals.forbidden()
            raise refusals.missing(name, number)
        return found

    def table(self, kind: str) -> Table:
        found: Table = getattr(self.contents, kind)
        return found

    def queued(self) -> float:
        return float(self.switched["queued_seconds"])


# What the vendor calls a row, and how many ids each workspace has from the seed.
KINDS: Final = {
    "accounts": ("sender email", 10_000),
    "campaigns": ("campaign", 100),
    "leads": ("lead", 10_000_000),
    "replies": ("reply", 10_000_000),
    "tags": ("tag", 100),
    "emails": ("blacklisted email", 1000),
    "domains": ("blacklisted domain", 1000),
}
Handler = Callable[..., Reply]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler

    @property
    def names(self) -> int:
        return self.pattern.groups


ROUTES: Final[list[Route]] = []


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Mark a function as the answer; {names} of the path are numbers or words of it."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "/?")

    def mark(handler: Handler) -> Handler:
        ROUTES.append(Route(method, pattern, handler))
        return handler

    return mark


def find(routes: Sequence[Route], method: str, path: str) -> tuple[Handler, dict[str, str]]:
    """Return what answers, a path in full before a path with {names}; Stop with 404 or 405."""
    matches = [(each, found) for each in routes if (found := each.pattern.fullmatch(path))]
    for each, found in sorted(matches, key=lambda match: match[0].names):
        if each.method == method:
            return each.handler, found.groupdict()
    if matches:
        raise refusals.wrong_method(
            method, f"api{path}", sorted({each.method for each, _found in matches})
        )
    raise refusals.no_route(f"api{path}")
