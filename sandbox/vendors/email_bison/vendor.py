"""The stand-in: its switches, how a call finds its instance, and what goes wrong on the way."""

import time
from typing import Any, ClassVar, Final

from sandbox.vendors.email_bison import acts, answers, happenings, refusals
from sandbox.vendors.email_bison.cast import SLUGS, workspace_keys
from sandbox.vendors.email_bison.instance import Instance, Token
from sandbox.vendors.email_bison.routes import Call, find
from sandbox.vendors.email_bison.workspace import World
from sandbox.vendors.frame import Limit, Reply, Request, Stop, Vendor

# Raw instead of escaped: what a strict reader of JSON refuses.
_RAW: Final = {b"\\u0000": b"\x00", b"\\u0001": b"\x01", b"\\u000b": b"\x0b"}
# Those that decide which rows there are: turning them makes all rows anew.
_SHAPING: Final = {"now", "large", "control_characters"}


class EmailBison(Vendor):
    name = "email-bison"
    keys: ClassVar = workspace_keys()
    limits: ClassVar = {"calls": Limit(3000, 60)}
    switches: ClassVar = {
        "rate_limits": True,
        "calls_per_minute": 3000,  # of each token
        "page_size": 15,
        "honours_per_page": False,  # up to 100, as some instances do
        "now": "",  # the clock, as 2026-11-30T12:00:00Z; empty: the real time
        "live": False,  # replies come in as time passes
        "large": False,  # Maverick's workspace 17 has 3,000 accounts
        "control_characters": 0.0,  # the share of replies and accounts with raw ones in a text
        "lower_statuses": False,  # campaigns say "active" instead of "Active"
        "html_500": False,  # every call ends in a web page
        "slow": 0.0,  # seconds before each answer
        "down": "",  # "maverick", "long-run", or both with a comma
        "down_as": "503",  # or "timeout": no answer, and the line goes dead after `down_seconds`
        "down_seconds": 30.0,
        "revoked": [],  # tokens that are let in no more
        "switch_seconds": 0.0,  # until a switch of the workspace holds, after its answer
        "silent_switch": False,  # an api-user's switch answers 200 and does nothing, instead of 403
        "quiet_refusals": False,  # switching to a workspace that is none: 200 with success false
        "person_every": 0,  # a person moves the main user to the next workspace after so many calls
        "accounts_shrink": 0,  # so many accounts go before each later page of their list
        "accounts_move": 0,  # so many move to the next workspace before each later page
        "queued_seconds": 0.0,  # until a deletion is done
        "tags_forbidden": True,  # GET /tags/{id} answers 403, as it wrongly does
        "drop_deliveries": 0,  # percent of the deliveries that are never sent
        "delivery_pauses": [0.2, 0.4, 0.8, 1.6],  # seconds between the five attempts
        "delivery_timeout": 15.0,
        "delivery_repeats": 0,  # times that a delivery comes again although it was taken
        "instance_url": True,  # events name their instance
    }

    def reset(self) -> None:
        super().reset()
        self.stop_deliveries()
        self.world = World(self.seed, self.switched)
        self.instances = {slug: Instance(self.world, slug) for slug in SLUGS}
        self._answered = 0

    def stop_deliveries(self) -> None:
        """Send nothing more of what is on its way."""
        if hasattr(self, "world"):
            self.world.over.set()

    def turn(self, changes: dict[str, Any]) -> None:
        super().turn(changes)
        with self.lock:
            for instance in self.instances.values() if _SHAPING & set(changes) else ():
                for workspace in instance.all().values():
                    workspace.forget()

    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Do what is in `acts.ACTS`; `slug` says at which instance, Maverick where it does not."""
        with self.lock:
            return acts.do(self.instances, name, dict(wishes))

    def limit(self, name: str) -> Limit:
        return Limit(int(self.switched["calls_per_minute"]), 60)

    def limit_headers(self, limit: Limit, remaining: int, reset: float) -> dict[str, str]:
        return {"X-RateLimit-Limit": str(limit.calls), "X-RateLimit-Remaining": str(remaining)}

    def limited(self, limit: Limit, wait: float) -> Reply:
        after = {"Retry-After": str(max(1, round(wait + 0.5)))}
        return Reply(
            429, {"message": "Too Many Attempts."}, self.limit_headers(limit, 0, wait) | after
        )

    def answer(self, request: Request) -> Reply:
        slug, _, rest = request.path.lstrip("/").partition("/")
        instance = self.instances.get(slug)
        if instance is None or not rest.startswith("api/"):
            return Reply(
                404,
                b"<!DOCTYPE html><title>Not Found</title>",
                {"Content-Type": "text/html; charset=UTF-8"},
            )
        try:
            self._endure(slug)
            return self._answer(request, instance, rest.removeprefix("api"))
        except Stop as stop:
            return stop.reply

    def _endure(self, slug: str) -> None:
        """Be slow, down or broken, as the switches say."""
        time.sleep(float(self.switched["slow"]))
        if slug in self.switched["down"].replace(" ", "").split(","):
            if self.switched["down_as"] == "timeout":
                time.sleep(float(self.switched["down_seconds"]))
                raise Stop(Reply(0))
            raise Stop(Reply(503, {"message": "Service Unavailable"}, {"Retry-After": "60"}))
        if self.switched["html_500"]:
            raise refusals.web_page()

    def _answer(self, request: Request, instance: Instance, path: str) -> Reply:
        """Find the route, check the token, count the call, answer from where the token acts now."""
        handler, found = find(answers.ROUTES, request.method, path)
        token = self._token(request, instance)
        headers = self._count(token.text, ("calls",))
        with self.lock:
            instance.address = (
                f"http://{request.headers.get('host', '')}/{self.name}/{instance.slug}"
            )
            if self.switched["live"]:
                happenings.grow(instance)
            try:
                reply = handler(Call(request, instance, token, path.rstrip("/")), **found)
            finally:
                self._person(instance)
        reply.headers = headers | reply.headers
        if self.switched["control_characters"]:
            reply.body = _with_raw(reply.content())
        return reply

    def _token(self, request: Request, instance: Instance) -> Token:
        """Return the token; who did not ask for JSON is sent to a page to sign in."""
        try:
            return instance.token(request.headers.get("authorization", ""))
        except Stop:
            if "json" in request.headers.get("accept", ""):
                raise
            raise refusals.sign_in(instance.address) from None

    def _person(self, instance: Instance) -> None:
        """Let a person click on another workspace after every so manieth call."""
        self._answered += 1
        every = int(self.switched["person_every"])
        if every and self._answered % every == 0:
            instance.wander("main")


def _with_raw(content: bytes) -> bytes:
    for written, raw in _RAW.items():
        content = content.replace(written, raw)
    return content
