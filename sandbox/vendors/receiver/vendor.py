"""The stand-in itself."""

import time
from collections import Counter
from typing import Any, ClassVar

from sandbox.vendors.frame import Reply, Request, Vendor, route

_PAGE = (
    b"<!doctype html><html><head><title>Hello</title></head><body><h1>It works!</h1></body></html>"
)
_TAKEN = range(200, 300)


class Receiver(Vendor):
    name = "receiver"
    keys: ClassVar = {"Any address": "/receiver/hooks/anything"}
    switches: ClassVar = {
        "status": 200,
        "headers": {},
        "seconds": 0.0,
        "html": False,
        "size": 0,
        "cut": False,
        "down_until": 0.0,
        "answers": {},
    }

    def reset(self) -> None:
        super().reset()
        self._received: list[dict[str, Any]] = []
        self._times: Counter[tuple[str, str]] = Counter()

    def account(self, request: Request) -> str:
        """Let everybody in: who sends is told by the signature, which is the affair
        of whoever reads.
        """
        return "anybody"

    @route("POST", "/hooks/{name}")
    def take(self, request: Request, name: str) -> Reply:
        """Keep what came, count its effect where it is taken, and answer as the switches say."""
        if len(request.body) < int(request.headers.get("content-length", 0)):
            # The sender went away amid it: there is nothing to take.
            return Reply(0)
        manner = self.switched | self.switched["answers"].get(name, {})
        if manner["seconds"]:
            time.sleep(manner["seconds"])
        is_down = time.time() < manner["down_until"]
        status = manner["status"]
        if is_down or manner["cut"]:
            status = 0
        takes = bool(manner["cut"]) or status in _TAKEN
        is_taken = takes and not is_down
        self._keep(request, name, status, is_taken)
        if not status:
            return Reply(0)
        if manner["html"]:
            return Reply(status, _PAGE, {"Content-Type": "text/html", **manner["headers"]})
        if manner["size"]:
            return Reply(
                status, b"x" * manner["size"], {"Content-Type": "text/plain", **manner["headers"]}
            )
        return Reply(status, {"ok": status in _TAKEN}, dict(manner["headers"]))

    @route("HEAD", "/hooks/{name}")
    def look(self, request: Request, name: str) -> Reply:
        """Answer as servers do that take nothing but POST."""
        manner = self.switched | self.switched["answers"].get(name, {})
        if time.time() < manner["down_until"]:
            return Reply(0)
        return Reply(405, None, {"Allow": "POST"})

    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Give what came, or what was counted."""
        if name not in {"received", "effects"}:
            return super().act(name, wishes)
        only = wishes.get("hook", "")
        with self.lock:
            if name == "received":
                return [entry for entry in self._received if only in {"", entry["name"]}]
            times = {
                event: count for (hook, event), count in self._times.items() if only in {"", hook}
            }
        return {"effects": len(times), "repeated": sum(times.values()) - len(times), "times": times}

    def _keep(self, request: Request, name: str, status: int, is_taken: bool) -> None:
        entry = {
            "name": name,
            "at": time.time(),
            "headers": request.headers,
            "body": request.body.decode(errors="replace"),
            "status": status,
        }
        with self.lock:
            self._received.append(entry)
            if is_taken:
                self._times[name, request.headers.get("webhook-id", "")] += 1
