"""Events on their way to a hook: up to five attempts, and nothing but a 200 ends them."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

ATTEMPTS: Final = 5
TAKEN: Final = 200


@dataclass
class Delivery:
    """One event to one address. Its body bears no signature, no id and no time of its own."""

    url: str
    body: dict[str, Any]
    hook: int | None = None
    event: int | None = None
    # Noted at the event too, as the log shows them.
    noted: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "event": self.event,
            "hook": self.hook,
            "url": self.url,
            "type": self.body["event"]["type"],
            "statuses": list(self.statuses),
        }

    def begin(
        self, over: threading.Event, pauses: Sequence[float], timeout: float, repeats: int = 0
    ) -> None:
        """Send it from a thread of its own, until all is over;
        `repeats` times more after it was taken.
        """
        threading.Thread(
            target=self._send_until_taken, args=(over, pauses, timeout, repeats), daemon=True
        ).start()

    def _send_until_taken(
        self, over: threading.Event, pauses: Sequence[float], timeout: float, repeats: int
    ) -> None:
        for pause in (0, *pauses)[:ATTEMPTS]:
            if over.wait(pause):
                return
            if self.send(timeout) == TAKEN:
                break
        else:
            return
        for _ in range(repeats):
            self.send(timeout)

    def send(self, timeout: float) -> int:
        """Try once; return the answer's status, or 0 when there was none in time."""
        body = json.dumps(self.body, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "GuzzleHttp/7",
        }
        request = urllib.request.Request(self.url, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            status = error.code
        except (OSError, ValueError):
            status = 0
        self.statuses.append(status)
        attempt = len(self.statuses)
        self.noted.append(
            {"webhook_url_id": self.hook, "attempt": attempt, "response_code": status or None}
        )
        return status
