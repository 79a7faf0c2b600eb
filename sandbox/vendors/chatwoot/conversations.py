"""Conversations, as far as a bot needs them: pending while it answers,
open once people see them.
"""

from typing import Final

from sandbox.vendors.chatwoot import refusals
from sandbox.vendors.chatwoot.callers import BASE, Part, body_of, number
from sandbox.vendors.frame import Reply, Request, route

STATES: Final = {"open", "resolved", "pending", "snoozed"}


class Conversations(Part):
    """What there is of conversations."""

    @route("POST", f"{BASE}/conversations/{{conversation_id}}/toggle_status", ("all",))
    def toggle_status(self, request: Request, account_id: str, conversation_id: str) -> Reply:
        account = self.account_of(request, account_id)
        wished = number(conversation_id)
        if wished not in account.conversations:
            raise refusals.missing()
        state = body_of(request).get("status")
        if state not in STATES:
            raise refusals.broken()
        account.conversations[wished] = state
        payload = {"success": True, "current_status": state, "conversation_id": wished}
        return Reply(200, {"meta": {}, "payload": payload})

    def visit(self, inbox: int, account: int = 1) -> int:
        """Let a visitor begin a conversation; return its number.
        With a bot in the inbox it is pending.
        """
        found = self.world.accounts[account]
        made = len(found.conversations) + 1
        found.conversations[made] = "pending" if found.inboxes[inbox].bot else "open"
        return made

    def state_of_conversation(self, number: int, account: int = 1) -> str:
        return self.world.accounts[account].conversations[number]
