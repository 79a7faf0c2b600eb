"""How LiveKit tells what happened: one queue per room or recording, five attempts,
no order between queues.

The switches make it worse: `webhook_drop` (a share of all events is lost), `webhook_repeat`
(so often again), `webhook_delay` (seconds), `webhook_shuffle` (each delivery by itself, up to
so many seconds late). `events` keeps all that happened, delivered or not, as it was or would
have been sent.
"""

import http.client
import json
import random
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from sandbox.vendors.livekit.messages import Message, brief
from sandbox.vendors.livekit.timeline import Timeline
from sandbox.vendors.livekit.tokens import webhook_token

WAITS = (1, 2, 4, 8)
MOST_WAITING = 200
LONGEST_WAIT = 30
# Go's JSON writer varies its whitespace on purpose, so that nobody hashes
# what they wrote themselves.
SPACINGS = ((",", ":"), (", ", ":"), (",", ": "), (", ", ": "))
# The vendor waits for ever; so long is for ever here.
TIMEOUT = 60


@dataclass
class Event:
    """One webhook: what is sent, and what became of each attempt (an HTTP status,
    0 for no answer).
    """

    id: str
    name: str
    key: str
    at: float
    body: bytes
    authorization: str = ""
    dropped: bool = False
    attempts: list[int] = field(default_factory=list)

    def signed(self) -> str:
        """Return the token of the first attempt, which all others repeat."""
        self.authorization = self.authorization or webhook_token(self.body)
        return self.authorization

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "event": self.name, "queue": self.key, "at": self.at,
            "body": self.body.decode(), "authorization": self.signed(), "dropped": self.dropped,
            "attempts": self.attempts,
        }  # fmt: skip


class Webhooks:
    """All that is told, in queues."""

    def __init__(self, timeline: Timeline, switched: dict[str, Any], chance: random.Random) -> None:
        self._timeline = timeline
        self._switched = switched
        self._random = chance
        self._queues: dict[str, deque[tuple[float, Event]]] = {}
        self.events: list[Event] = []

    def tell(self, name: str, key: str, **parts: Message) -> None:
        """Tell that something happened.

        `key` is the room's name, or the id of the recording that it is about.
        """
        number = f"{self._random.getrandbits(48):012x}"
        now = self._timeline.now()
        message = brief(
            "WebhookEvent", {"event": name, **parts, "id": f"EV_{number}", "created_at": int(now)}
        )
        body = json.dumps(
            message, ensure_ascii=False, separators=self._random.choice(SPACINGS)
        ).encode()
        event = Event(f"EV_{number}", name, key, now, body)
        self.events.append(event)
        event.dropped = self._random.random() < float(self._switched["webhook_drop"])
        if not event.dropped and self._switched["webhook_url"]:
            self._send_off(event)

    def _send_off(self, event: Event) -> None:
        for copy in range(1 + int(self._switched["webhook_repeat"])):
            late = float(self._switched["webhook_delay"])
            late += self._random.random() * float(self._switched["webhook_shuffle"])
            # What is shuffled or repeated does not keep to the queue.
            alone = copy or self._switched["webhook_shuffle"]
            key = f"{event.id}/{copy}" if alone else event.key
            if late:
                self._timeline.after(late, partial(self._queue, key, event))
            else:
                self._queue(key, event)

    def _queue(self, key: str, event: Event) -> None:
        waiting = self._queues.setdefault(key, deque())
        if len(waiting) >= MOST_WAITING:
            event.dropped = True
            return
        waiting.append((self._timeline.now(), event))
        if len(waiting) == 1:
            self._begin(key)

    def _begin(self, key: str) -> None:
        """Send the first of the queue; it stays there until it is done with."""
        waiting = self._queues[key]
        while waiting and self._timeline.now() - waiting[0][0] > LONGEST_WAIT:
            waiting.popleft()[1].dropped = True
        if waiting:
            self._try(key, waiting[0][1], 0)
        else:
            del self._queues[key]

    def _try(self, key: str, event: Event, tried: int) -> None:
        send = partial(post, str(self._switched["webhook_url"]), event.body, event.signed())
        self._timeline.outside(send, partial(self._tried, key, event, tried))

    def _tried(self, key: str, event: Event, tried: int, status: int) -> None:
        event.attempts.append(status)
        is_broken = status >= 500 and status != 501
        again = is_broken or status in (0, 429)
        if again and tried < len(WAITS):
            self._timeline.after(WAITS[tried], partial(self._try, key, event, tried + 1))
            return
        self._queues[key].popleft()
        self._begin(key)


def post(url: str, body: bytes, authorization: str) -> int:
    """Return the status, or 0 when there was no answer.

    Whatever the answer says, the vendor does not look at it.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    headers = {
        "Content-Type": "application/webhook+json",
        "Authorization": authorization,
        "User-Agent": "LiveKit",
    }
    try:
        connection.request("POST", parts.path or "/", body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
