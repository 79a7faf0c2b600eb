"""Events on their way to the app: an array of them, signed as version 3 of the
vendor's signatures says.
"""

import base64
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

APP: Final = 3310001


def event(number: int, portal: int, kind: str, contact: int, **more: Any) -> dict[str, Any]:
    """Return an event as the vendor writes it; `occurredAt` in milliseconds."""
    return {
        "eventId": 100_000 + number,
        "subscriptionId": 7_001,
        "portalId": portal,
        "appId": APP,
        "occurredAt": int(time.time() * 1000),
        "subscriptionType": kind,
        "attemptNumber": 0,
        "objectId": contact,
        "changeSource": "CRM_UI",
        "sourceId": "userId:900",
        **more,
    }


def signature(secret: str, url: str, body: bytes, stamp: str) -> str:
    signed = b"POST" + url.encode() + body + stamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()


@dataclass
class Delivery:
    """Some events to the app's address: tried again until it is taken."""

    url: str
    secret: str
    events: list[dict[str, Any]]
    statuses: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"url": self.url, "events": self.events, "statuses": list(self.statuses)}

    def begin(self, pauses: Sequence[float], repeats: int) -> None:
        """Send it from a thread of its own: again after each pause until a 2xx,
        and `repeats` times after that.
        """
        threading.Thread(target=self._send_until_taken, args=(pauses, repeats), daemon=True).start()

    def _send_until_taken(self, pauses: Sequence[float], repeats: int) -> None:
        for pause in (0, *pauses):
            time.sleep(pause)
            if 200 <= self.send() < 300:
                break
        else:
            return
        for _ in range(repeats):
            self.send()

    def send(self) -> int:
        """Try once; return the answer's status, or 0 when there was none."""
        attempt = len(self.statuses)
        body = json.dumps([{**each, "attemptNumber": attempt} for each in self.events]).encode()
        stamp = str(int(time.time() * 1000))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/) - Webhooks",
            "X-HubSpot-Request-Timestamp": stamp,
            "X-HubSpot-Signature-Version": "v3",
            "X-HubSpot-Signature-v3": signature(self.secret, self.url, body, stamp),
        }
        request = urllib.request.Request(self.url, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        self.statuses.append(status)
        return status
