"""Webhooks of version 2: subscribed by the API, sent with the Basic credentials that were
chosen for them.
"""

import base64
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.vendors.pipedrive import refusals

MOST: Final = 40
_ACTIONS: Final = {"create", "change", "delete", "*"}
_OBJECTS: Final = {
    "activity",
    "deal",
    "lead",
    "note",
    "organization",
    "person",
    "pipeline",
    "user",
    "*",
}


@dataclass
class Webhook:
    """A subscription, whose password every list of them shows."""

    id: int
    company: int
    user: int
    wished: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "company_id": self.company,
            "owner_id": self.user,
            "user_id": self.user,
            "event_action": self.wished["event_action"],
            "event_object": self.wished["event_object"],
            "subscription_url": self.wished["subscription_url"],
            "name": self.wished["name"],
            "version": self.wished.get("version", "2.0"),
            "is_active": 1,
            "type": "general",
            "http_auth_user": self.wished.get("http_auth_user"),
            "http_auth_password": self.wished.get("http_auth_password"),
            "remove_reason": None,
            "last_delivery_time": None,
            "last_http_status": None,
        }

    def wants(self, action: str) -> bool:
        return self.wished["event_action"] in {"*", action} and self.wished["event_object"] in {
            "*",
            "person",
        }


def checked(body: Any) -> dict[str, Any]:
    """Return what is subscribed to; Stop with 400 for what the vendor does not take."""
    if not isinstance(body, dict):
        raise refusals.refuse_1(400, "Bad request")
    url = str(body.get("subscription_url", ""))
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise refusals.refuse_1(400, "Invalid subscription_url")
    if body.get("event_action") not in _ACTIONS or body.get("event_object") not in _OBJECTS:
        raise refusals.refuse_1(400, "Invalid event")
    if not 0 < len(str(body.get("name", ""))) <= 255:
        raise refusals.refuse_1(400, "name is required")
    return body


def event(
    webhook: Webhook, action: str, person: dict[str, Any], previous: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the body of a delivery: `previous` holds what was changed alone."""
    meta = {
        "id": str(uuid.uuid4()),
        "version": "2.0",
        "action": action,
        "entity": "person",
        "entity_id": str(person["id"]),
        "company_id": str(webhook.company),
        "user_id": str(webhook.user),
        "webhook_id": str(webhook.id),
        "webhook_owner_id": str(webhook.user),
        "correlation_id": str(uuid.uuid4()),
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "change_source": "app",
        "host": "northwind.pipedrive.com",
        "permitted_user_ids": [str(webhook.user)],
        "attempt": 1,
        "is_bulk_edit": False,
        "type": "general",
    }
    data = None if action == "delete" else person
    return {"meta": meta, "data": data, "previous": person if action == "delete" else previous}


@dataclass
class Delivery:
    """One event to one address."""

    webhook: Webhook
    body: dict[str, Any]
    statuses: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"webhook": self.webhook.id, "body": self.body, "statuses": list(self.statuses)}

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
        self.body["meta"]["attempt"] = len(self.statuses) + 1
        headers = {"Content-Type": "application/json", "User-Agent": "Pipedrive Webhooks"}
        user = self.webhook.wished.get("http_auth_user")
        if user:
            pair = f"{user}:{self.webhook.wished.get('http_auth_password') or ''}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        url = self.webhook.wished["subscription_url"]
        request = urllib.request.Request(
            url, json.dumps(self.body).encode(), headers, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        self.statuses.append(status)
        return status
