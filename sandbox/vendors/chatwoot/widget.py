"""What a website loads: sdk.js, which shows a bubble, and the frame that the bubble opens."""

from html import escape
from pathlib import Path
from typing import Final

from sandbox.vendors.chatwoot import refusals
from sandbox.vendors.chatwoot.callers import Part
from sandbox.vendors.chatwoot.people import VERSION
from sandbox.vendors.chatwoot.world import Inbox
from sandbox.vendors.frame import Reply, Request, route

SDK: Final = Path(__file__).with_name("sdk.js")


class Widget(Part):
    """What needs no token."""

    @route("GET", "/api")
    def api(self, request: Request) -> Reply:
        services = {"queue_services": "ok", "data_services": "ok"}
        version = str(self.switched["version"]) or VERSION
        return Reply(200, {"version": version, "timestamp": "2026-06-17 08:00:00", **services})

    @route("GET", "/health")
    def health(self, request: Request) -> Reply:
        return Reply(200, {"status": "woot"})

    @route("GET", "/packs/js/sdk.js")
    def sdk(self, request: Request) -> Reply:
        return Reply(
            200, SDK.read_bytes(), {"Content-Type": "application/javascript; charset=utf-8"}
        )

    @route("GET", "/widget")
    def frame(self, request: Request) -> Reply:
        inbox = self._inbox_of(request.argument("website_token"))
        if inbox is None:
            raise refusals.refused(404, "web widget does not exist")
        title = str(inbox.channel.get("welcome_title") or inbox.name)
        text = f"<!doctype html><title>{escape(inbox.name)}</title><h1>{escape(title)}</h1>"
        headers = {"Content-Type": "text/html; charset=utf-8"}
        if domains := inbox.channel.get("allowed_domains"):
            headers["Content-Security-Policy"] = f"frame-ancestors {str(domains).replace(',', ' ')}"
        return Reply(200, text.encode(), headers)

    def _inbox_of(self, token: str) -> Inbox | None:
        inboxes = [
            inbox for account in self.world.accounts.values() for inbox in account.inboxes.values()
        ]
        websites = [inbox for inbox in inboxes if inbox.kind == "web_widget"]
        return next((inbox for inbox in websites if inbox.website_token == token), None)
