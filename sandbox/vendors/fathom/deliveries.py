"""Webhooks: registered by the API, delivered once a meeting's content is ready,
signed as Standard Webhooks says.
"""

import base64
import hmac
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.vendors.frame import Reply, Stop

TRIGGERS: Final = {
    "my_recordings", "shared_external_recordings", "my_shared_with_team_recordings",
    "shared_team_recordings",
}  # fmt: skip
TEAM_TRIGGERS: Final = {"my_shared_with_team_recordings", "shared_team_recordings"}
PARTS: Final = {
    "include_transcript": "transcript",
    "include_summary": "default_summary",
    "include_action_items": "action_items",
    "include_crm_matches": "crm_matches",
}


@dataclass
class Webhook:
    """What was asked for, whose it is, and the secret that is told once."""

    account: str
    url: str
    triggered_for: list[str]
    includes: dict[str, bool]
    created_at: str
    id: str = field(default_factory=lambda: f"wh_{secrets.token_hex(10)}")
    secret: str = field(
        default_factory=lambda: "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    )

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(part for name, part in PARTS.items() if self.includes[name])

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "url": self.url,
            "secret": self.secret,
            "created_at": self.created_at,
            "triggered_for": self.triggered_for,
            **self.includes,
        }


def registered(
    account: str, wished: Any, created_at: str, *, team_plan: bool, refusal: int
) -> Webhook:
    """Read the webhook that a request's body asks for; Stop with 400 for what the vendor
    refuses.
    """
    if not isinstance(wished, dict) or set(wished) - {"destination_url", "triggered_for", *PARTS}:
        raise Stop(Reply(400, {"error": "Unknown keys"}))
    url, triggers = wished.get("destination_url"), wished.get("triggered_for")
    includes = {name: wished.get(name, False) for name in PARTS}
    if not isinstance(url, str) or not url.startswith(
        ("https://", "http://127.0.0.1:", "http://localhost:")
    ):
        raise Stop(Reply(400, {"error": "destination_url is not an address"}))
    if not isinstance(triggers, list) or not triggers or set(map(str, triggers)) - TRIGGERS:
        raise Stop(Reply(400, {"error": "triggered_for is not valid"}))
    if not all(isinstance(value, bool) for value in includes.values()) or not any(
        includes.values()
    ):
        raise Stop(Reply(400, {"error": "At least one include_* must be true"}))
    if not team_plan and set(triggers) & TEAM_TRIGGERS:
        raise Stop(Reply(refusal, {"error": "Not on this plan"}))
    return Webhook(account, url, triggers, includes, created_at)


def signature(secret: str, delivery: str, stamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return (
        "v1,"
        + base64.b64encode(
            hmac.digest(key, f"{delivery}.{stamp}.".encode() + body, "sha256")
        ).decode()
    )


@dataclass
class Delivery:
    """One meeting to one address: the same id at every try."""

    webhook: Webhook
    recording_id: int
    body: bytes
    id: str = field(default_factory=lambda: f"msg_{secrets.token_hex(12)}")
    statuses: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "recording_id": self.recording_id,
            "url": self.webhook.url,
            "statuses": list(self.statuses),
        }

    def begin(self, pauses: Sequence[float], repeats: int) -> None:
        """Send it from a thread of its own: again after each pause until a 2xx, and `repeats` times
        more after that.
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
        """Try once; return the answer's status, or 0 when there was no answer."""
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": self.id,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self.webhook.secret, self.id, stamp, self.body),
        }
        request = urllib.request.Request(self.webhook.url, self.body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        self.statuses.append(status)
        return status
