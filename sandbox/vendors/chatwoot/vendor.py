"""The stand-in itself."""

from collections.abc import Callable
from typing import Any, ClassVar, Final

from sandbox.vendors.chatwoot import refusals
from sandbox.vendors.chatwoot.callers import TOKEN_HEADERS, token_of
from sandbox.vendors.chatwoot.contacts import Contacts
from sandbox.vendors.chatwoot.conversations import Conversations
from sandbox.vendors.chatwoot.hooks import Delivery, Hooks, hook_shown
from sandbox.vendors.chatwoot.inboxes import Inboxes, bot_shown, inbox_shown
from sandbox.vendors.chatwoot.people import People, agent
from sandbox.vendors.chatwoot.platform import Platform
from sandbox.vendors.chatwoot.widget import Widget
from sandbox.vendors.chatwoot.world import World
from sandbox.vendors.demo_keys import (
    CHATWOOT_ADMIN_TOKEN,
    CHATWOOT_AGENT_TOKEN,
    CHATWOOT_OTHER_TOKEN,
    CHATWOOT_PLATFORM_TOKEN,
)
from sandbox.vendors.frame import Limit, Reply, Request, Vendor

WRITES: Final = {"POST", "PUT", "PATCH", "DELETE"}


class Chatwoot(People, Inboxes, Contacts, Conversations, Hooks, Platform, Widget, Vendor):
    """An installation with two accounts.

    `fails_write` breaks the n-th write from when it is turned, before anything is done;
    `loses_answer` does the n-th, and ends the line instead of answering. Zero: none.
    """

    name = "chatwoot"
    keys: ClassVar = {
        "Administrator of account 1": CHATWOOT_ADMIN_TOKEN,
        "Agent of account 1": CHATWOOT_AGENT_TOKEN,
        "Administrator of account 2": CHATWOOT_OTHER_TOKEN,
        "Platform app": CHATWOOT_PLATFORM_TOKEN,
    }
    limits: ClassVar = {"all": Limit(3000, 60), "search": Limit(100, 60)}
    switches: ClassVar = {
        "rate_limits": True,
        "seats": 0,
        "inbox_limit": 0,
        "fails_write": 0,
        "loses_answer": 0,
        "loses_webhooks": False,
        "signs_webhooks": True,
        "drops_underscores": False,
        "version": "",
        "fewest_calls": 0,
    }

    def reset(self) -> None:
        super().reset()
        self.world = World(self.random)
        self.deliveries: list[Delivery] = []
        self._writes = 0

    def turn(self, changes: dict[str, Any]) -> None:
        super().turn(changes)
        self._writes = 0

    def account(self, request: Request) -> str:
        """Return what a call is counted by; each answer looks at the token itself."""
        return token_of(request, TOKEN_HEADERS)

    def answer(self, request: Request) -> Reply:
        number = self._counted(request)
        if number and number == int(self.switched["fails_write"]):
            return refusals.broken().reply
        reply = super().answer(request)
        if number and number == int(self.switched["loses_answer"]):
            return Reply(0)
        return reply

    def _counted(self, request: Request) -> int:
        """Return which write this is since the switches were turned; 0 for what only reads."""
        if request.method not in WRITES or request.path.endswith("/filter"):
            return 0
        with self.lock:
            self._writes += 1
            return self._writes

    def unknown(self, request: Request) -> Reply:
        return Reply(
            404, b"<!DOCTYPE html><title>404</title>", {"Content-Type": "text/html; charset=utf-8"}
        )

    def limit(self, name: str) -> Limit:
        calls = int(self.switched["fewest_calls"])
        return Limit(calls, 60) if calls else self.limits[name]

    def limit_headers(self, limit: Limit, remaining: int, reset: float) -> dict[str, str]:
        return {}

    def limited(self, limit: Limit, wait: float) -> Reply:
        return refusals.throttled()

    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Do what is not of its API: look, suspend, grant, and what visitors and people
        at the vendor do.
        """
        acts: dict[str, Callable[..., Any]] = {
            "facts": self._facts,
            "deliveries": lambda: [delivery.as_json() for delivery in self.deliveries],
            "redeliver": self._redeliver,
            "suspend": self._suspend,
            "grant": self._grant,
            "write_contact": self._write_contact,
            "remove_contact": self._remove_contact,
            "remove_agent": self._remove_agent,
            "visit": self.visit,
            "conversation": self.state_of_conversation,
        }
        if name not in acts:
            raise ValueError(f"{self.name} cannot {name}")
        return acts[name](**wishes)

    def _facts(self, account: int = 1) -> dict[str, Any]:
        """Return all that an account has."""
        found = self.world.accounts[account]
        return {
            "agents": [agent(found, member) for member in found.members.values()],
            "passwords": {
                member.user.email: member.user.password for member in found.members.values()
            },
            "inboxes": [
                inbox_shown(inbox, "", admin=True) | {"members": inbox.members, "bot": inbox.bot}
                for inbox in found.inboxes.values()
            ],
            "bots": [bot_shown(found, bot) for bot in found.bots.values()],
            "webhooks": [hook_shown(found, hook) for hook in found.hooks.values()],
            "contacts": list(found.contacts.values()),
        }

    def _redeliver(self, id: str) -> int:  # noqa: A002 - the delivery's own name for it
        """Send a delivery again; return the status that it gets."""
        return next(delivery for delivery in self.deliveries if delivery.id == id).send()

    def _suspend(self, account: int, status: str = "suspended") -> None:
        self.world.accounts[account].status = status

    def _grant(self, account: int, allowed: bool = True) -> None:
        """Let the platform app touch an account, or no more."""
        granted = self.world.platform_accounts
        self.world.platform_accounts = granted | {account} if allowed else granted - {account}

    def _write_contact(
        self, account: int = 1, contact: int = 0, called: str = "", **values: Any
    ) -> int:
        """Let a visitor write a contact, as the widget does:
        a new one, or changes of one that is known.
        """
        found = self.world.accounts[account]
        if called:
            values["name"] = called
        if contact:
            changed = self.change_row(found.contacts[contact], values)
            self._announce(found, "contact_updated", found.contacts[contact], changed)
            return contact
        row = self.world.contact(found, values)
        self._announce(found, "contact_created", row)
        return int(row["id"])

    def _remove_contact(self, contact: int, account: int = 1) -> None:
        self.world.accounts[account].contacts.pop(contact)

    def _remove_agent(self, email: str, account: int = 1) -> None:
        members = self.world.accounts[account].members
        for number in [number for number, member in members.items() if member.user.email == email]:
            del members[number]
