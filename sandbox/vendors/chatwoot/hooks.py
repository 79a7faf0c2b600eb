"""Webhooks of an account: registered by its administrators, signed, and tried once."""

import hmac
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.vendors.chatwoot import refusals
from sandbox.vendors.chatwoot.callers import BASE, Part, body_of, number
from sandbox.vendors.chatwoot.world import Account, Hook
from sandbox.vendors.frame import Reply, Request, route

EVENTS: Final = (
    "conversation_created", "conversation_status_changed", "conversation_updated",
    "message_created", "message_updated", "contact_created", "contact_updated",
    "webwidget_triggered", "conversation_typing_on", "conversation_typing_off", "inbox_created",
    "inbox_updated",
)  # fmt: skip
DEFAULT: Final = EVENTS[:8]
TIMEOUT: Final = 5


def signature(secret: str, stamp: str, body: bytes) -> str:
    return "sha256=" + hmac.digest(secret.encode(), f"{stamp}.".encode() + body, "sha256").hex()


@dataclass
class Delivery:
    """One event to one address; a repetition of it bears the same id."""

    url: str
    secret: str
    event: str
    body: bytes
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    statuses: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "url": self.url,
            "event": self.event,
            "statuses": list(self.statuses),
        }

    def send(self, *, is_signed: bool = True) -> int:
        """Try once; return the answer's status, or 0 when there was no answer."""
        stamp = str(int(time.time()))
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if is_signed:
            headers |= {
                "X-Chatwoot-Delivery": self.id,
                "X-Chatwoot-Timestamp": stamp,
                "X-Chatwoot-Signature": signature(self.secret, stamp, self.body),
            }
        request = urllib.request.Request(self.url, self.body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        self.statuses.append(status)
        return status


def announce(part: Part, account: Account, event: str, payload: dict[str, Any]) -> None:
    """Deliver an event to every webhook of the account that wants it;
    none where the switch loses them.
    """
    body = json.dumps(payload, ensure_ascii=False).encode()
    for hook in list(account.hooks.values()):
        if event in hook.subscriptions and not part.switched["loses_webhooks"]:
            delivery = Delivery(hook.url, hook.secret, event, body)
            part.deliveries.append(delivery)
            signed = {"is_signed": bool(part.switched["signs_webhooks"])}
            threading.Thread(target=delivery.send, kwargs=signed, daemon=True).start()


def hook_shown(account: Account, hook: Hook) -> dict[str, Any]:
    return {
        "id": hook.id,
        "name": hook.name,
        "url": hook.url,
        "account_id": account.id,
        "subscriptions": hook.subscriptions,
        "secret": hook.secret,
    }


class Hooks(Part):
    """What there is of webhooks."""

    @route("GET", f"{BASE}/webhooks", ("all",))
    def webhooks(self, request: Request, account_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        return Reply(
            200,
            {
                "payload": {
                    "webhooks": [hook_shown(account, hook) for hook in account.hooks.values()]
                }
            },
        )

    @route("POST", f"{BASE}/webhooks", ("all",))
    def create_webhook(self, request: Request, account_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        wish = body_of(request, "webhook")
        with self.lock:
            url, subscriptions = _checked(account, wish)
            hook = Hook(self.world.next_id("hook"), url, str(wish.get("name") or ""), subscriptions)
            account.hooks[hook.id] = hook
        return Reply(200, {"payload": {"webhook": hook_shown(account, hook)}})

    @route("PATCH", f"{BASE}/webhooks/{{hook_id}}", ("all",))
    def change_webhook(self, request: Request, account_id: str, hook_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        hook = _hook(account, hook_id)
        wish = hook_shown(account, hook) | body_of(request, "webhook")
        with self.lock:
            hook.url, hook.subscriptions = _checked(account, wish, but=hook.id)
            hook.name = str(wish["name"])
        return Reply(200, {"payload": {"webhook": hook_shown(account, hook)}})

    @route("DELETE", f"{BASE}/webhooks/{{hook_id}}", ("all",))
    def remove_webhook(self, request: Request, account_id: str, hook_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        hook = _hook(account, hook_id)
        with self.lock:
            account.hooks.pop(hook.id, None)
        return Reply(200)


def _hook(account: Account, hook_id: str) -> Hook:
    hook = account.hooks.get(number(hook_id))
    if hook is None:
        raise refusals.missing()
    return hook


def _checked(account: Account, wish: dict[str, Any], but: int = 0) -> tuple[str, list[str]]:
    url, subscriptions = str(wish.get("url") or ""), wish.get("subscriptions", list(DEFAULT))
    wrong = {}
    if not url.startswith(("http://", "https://")):
        wrong["url"] = "Url is invalid"
    if any(hook.url == url for hook in account.hooks.values() if hook.id != but):
        wrong["url"] = "Url has already been taken"
    if (
        not isinstance(subscriptions, list)
        or not subscriptions
        or set(map(str, subscriptions)) - set(EVENTS)
    ):
        wrong["subscriptions"] = "Subscriptions Invalid events"
    if wrong:
        raise refusals.invalid(wrong)
    return url, list(subscriptions)
