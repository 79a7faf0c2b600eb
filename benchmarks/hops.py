"""Hops: which functions of ours are entered on the ways that a record takes,
counted by running them.

    python -m benchmarks.hops [--list]

Three ways, for one record each: from a Fathom webhook's address to the stored call, from Refresh to
the stored calls, from a saved key to its use. A way begins with the function that takes the request
(middleware that every request passes is before it) and ends with the statement that stores, or with
the header that bears the key.

`chain` counts the functions that lead there: those that have called each other at each place where
the record takes another form or is handed on (`DELIVERED`, `FETCHED`, `MEETING`, a run that is
queued, a key that is sealed), each once. It is what somebody reads who follows the record, and what
`MOST` bounds. `entered` counts each function that was entered meanwhile, whatever for. Lambdas and
comprehensions are no functions.
A database and a stand-in for Fathom are made for it, and taken away again.
"""

import argparse
import asyncio
import base64
import hmac
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from benchmarks.fathom_sync import control, own_site, stand_in

ROOT: Final = f"{Path(__file__).resolve().parent.parent}/"
APPS: Final = (
    "bison/",
    "calls/",
    "config/",
    "core/",
    "crm/",
    "dashboard/",
    "fathom_sync/",
    "integrations/",
)
CALL: Final = "INSERT INTO calls_call "
RUN: Final = 'INSERT INTO "runs"'
SECRET: Final = "whsec_" + base64.b64encode(b"a secret of the benchmark's").decode()
# Where a record takes another form, or is handed on: the delivery and its row,
# the answer and its page, the meeting and its call.
DELIVERED: Final = (
    "core/inbox/receiving.py:_delivery",
    "core/inbox/group_commit.py:GroupCommit.store",
    "core/inbox/group_commit.py:GroupCommit._outcomes",
    "core/inbox/storing.py:store",
)
FETCHED: Final = ("core/http/exchange.py:exchange", "fathom_sync/meetings/pages.py:read")
MEETING: Final = ("fathom_sync/meetings/parsing.py:read", "calls/incoming.py:read")
ANOTHER_KEY: Final = "koppel-demo.fathom-key_0002"
# At most so many on each chain.
MOST: Final = {"webhook": 32, "refresh": 30, "key": 24}


class Trail:
    """What is entered between a way's first function and its end, and the chains at its places."""

    def __init__(self, first: Sequence[str], places: Sequence[str]) -> None:
        self._first = tuple(first)
        self._places = tuple(places)
        self._has_begun = False
        self.is_over = False
        self.entered: dict[str, None] = {}
        self.chain: set[str] = set()

    def note(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Note a function that is entered: for sys.setprofile."""
        if event != "call" or self.is_over:
            return
        name = name_of(frame.f_code)
        if not name:
            return
        if name.endswith(self._first):
            self._has_begun = True
        if not self._has_begun:
            return
        self.entered.setdefault(name)
        if name.endswith(self._places):
            self.hand_over(frame)
            self.is_over = name.endswith(self._places[-1])

    def see(self, statement: str) -> None:
        """Look at a statement that is about to run."""
        if self.is_over or not self._has_begun:
            return
        if any(statement.lstrip().startswith(wanted) for wanted in self._places):
            self.hand_over(sys._getframe())
            self.is_over = statement.lstrip().startswith(self._places[-1])

    def hand_over(self, frame: FrameType | None) -> None:
        """Add the functions that have called each other down to this one."""
        names = []
        while frame is not None:
            if name := name_of(frame.f_code):
                names.append(name)
            frame = frame.f_back
        names.reverse()
        starts = [number for number, name in enumerate(names) if name.endswith(self._first)]
        # In a thread or task of its own the chain begins where that does.
        begin = starts[0] if starts else 0
        self.chain.update(names[begin:])


def name_of(code: CodeType) -> str:
    """Return file and name of a function of ours; '' for any other,
    for lambdas and comprehensions.
    """
    path = code.co_filename.removeprefix(ROOT)
    if not path.startswith(APPS) or code.co_name.startswith("<"):
        return ""
    return f"{path}:{code.co_qualname}"


@contextmanager
def followed(*first: str, places: Sequence[str]) -> Iterator[Trail]:
    """Give the trail of what is done meanwhile, in whatever thread."""
    from django.db import connection  # noqa: PLC0415  Django is set up first

    trail = Trail(first, places)

    def watch(execute: Any, statement: str, *arguments: Any) -> Any:
        trail.see(statement)
        return execute(statement, *arguments)

    threading.setprofile(trail.note)
    sys.setprofile(trail.note)
    try:
        with connection.execute_wrapper(watch):
            yield trail
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    if not trail.is_over:
        sys.exit(f"The way from {first[0]} did not come to its end")


def webhook() -> Trail:
    """Deliver one meeting at the door, and work it."""
    from config.asgi import application  # noqa: PLC0415  Django is set up first
    from core import tasks  # noqa: PLC0415
    from core.models import InboundEvent  # noqa: PLC0415
    from fathom_sync import accounts  # noqa: PLC0415

    accounts.save(accounts.installation(), webhook_secret=SECRET, actor="benchmark")
    body = json.dumps(meeting()).encode()
    firsts = ("core/inbox/door.py:Door.__call__", "core/tasks.py:work_inbox")
    with followed(*firsts, places=(*DELIVERED, *MEETING, CALL)) as trail:
        status = asyncio.run(delivered(application, body))
        if status != 202:
            sys.exit(f"The delivery was answered with {status}")
        tasks.work_inbox([str(InboundEvent.objects.get().pk)])
    return trail


def meeting() -> dict[str, Any]:
    return {
        "title": "Intake",
        "recording_id": 770077,
        "created_at": "2026-11-20T10:31:00Z",
        "recording_start_time": "2026-11-20T10:00:00Z",
        "recording_end_time": "2026-11-20T10:30:00Z",
        "calendar_invitees": [],
        "recorded_by": {"name": "Rep 0", "email": "rep0@example.com", "team": None},
    }


async def delivered(application: Any, body: bytes) -> int:
    """Send a signed delivery to the ASGI application, and return the status of the answer."""
    stamp = str(int(time.time()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.digest(key, f"msg_1.{stamp}.".encode() + body, "sha256")
    signature = "v1," + base64.b64encode(digest).decode()
    sent = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    headers.append((b"content-length", str(len(body)).encode()))
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/webhooks/fathom",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
    }
    await application(scope, receive, send)
    return int(answers[0]["status"])


def refresh() -> Trail:
    """Press Refresh at a rep, and work the run."""
    from core import tasks  # noqa: PLC0415  Django is set up first
    from core.models import Run  # noqa: PLC0415
    from crm.models import SalesRep  # noqa: PLC0415

    client = staff_client()
    rep = SalesRep.objects.get(name="Rep 1")
    firsts = ("dashboard/fathom/sync_views.py:refresh", "core/tasks.py:work_run")
    with followed(*firsts, places=(RUN, *FETCHED, *MEETING, CALL)) as trail:
        answer = client.post(f"/calls/reps/{rep.pk}/refresh", headers={"HX-Request": "true"})
        if answer.status_code != 200 or not answer.content:
            sys.exit(f"Refresh was answered with {answer.status_code}")
        tasks.work_run(str(Run.objects.latest("created_at").pk))
    return trail


def saved_key() -> Trail:
    """Save another key, which is tried at once."""
    client = staff_client()
    first = "fathom_sync/views/settings.py:FathomSettingsView.post"
    with followed(
        first, places=("core/secrets/crypto.py:seal", "core/http/auth.py:HeaderKey.apply")
    ) as trail:
        answer = client.post(
            "/api/settings/fathom", {"apiKey": ANOTHER_KEY}, content_type="application/json"
        )
        if answer.status_code != 200:
            sys.exit(f"The key was answered with {answer.status_code}: {answer.content!r}")
    return trail


def staff_client() -> Any:
    """Return a browser that the installation's administrator is signed in with."""
    from django.conf import settings  # noqa: PLC0415  Django is set up first
    from django.test import Client  # noqa: PLC0415

    from core.models import User  # noqa: PLC0415

    user, _is_new = User.objects.get_or_create(
        username="benchmark",
        defaults={"is_staff": True, "is_superuser": True, "email": "benchmark@example.com"},
    )
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


WAYS: Final[dict[str, Callable[[], Trail]]] = {
    "webhook": webhook,
    "refresh": refresh,
    "key": saved_key,
}


def run(*, lists: bool = False) -> bool:
    """Print each way; return whether each is as short as it is to be."""
    good = True
    with stand_in() as address, own_site(address):
        control(
            address,
            meetings=30,
            rate_limits=False,
            recorders=["rep0@example.com", "rep1@example.com"],
        )
        for name, way in WAYS.items():
            trail = way()
            is_short = len(trail.chain) <= MOST[name]
            good = good and is_short
            print(
                f"\n{name}: chain {len(trail.chain)} (at most {MOST[name]}), "
                f"entered {len(trail.entered)}"
            )
            show(trail, lists=lists)
        let_go()
    return good


def show(trail: Trail, *, lists: bool) -> None:
    """Print the chain in the order in which it was entered; with `lists` all that was,
    the chain marked in it.
    """
    shown = list(trail.entered)
    if not lists:
        shown = [function for function in trail.entered if function in trail.chain]
    for number, function in enumerate(shown, 1):
        mark = " "
        if lists and function in trail.chain:
            mark = "*"
        print(f"  {number:3} {mark} {function}")


def let_go() -> None:
    """Close the connections, so that the database can be dropped."""
    from django.db import connection  # noqa: PLC0415  Django is set up first

    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.hops", description="Functions on the ways of a record"
    )
    parser.add_argument("--list", action="store_true", help="show every function that was entered")
    options = parser.parse_args(arguments)
    return 0 if run(lists=options.list) else 1


if __name__ == "__main__":
    sys.exit(main())
