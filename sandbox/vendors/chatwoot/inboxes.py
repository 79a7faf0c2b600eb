"""Inboxes with their channels, and the bots that answer in them."""

from typing import Any, Final

from sandbox.vendors.chatwoot import refusals
from sandbox.vendors.chatwoot.callers import BASE, Part, body_of, number
from sandbox.vendors.chatwoot.world import Account, Bot, Inbox
from sandbox.vendors.frame import Reply, Request, route

CHANNELS: Final = {"web_widget": "Channel::WebWidget", "api": "Channel::Api"}
SETTINGS: Final = {
    "greeting_enabled": False,
    "greeting_message": None,
    "enable_email_collect": True,
    "csat_survey_enabled": False,
    "enable_auto_assignment": True,
    "working_hours_enabled": False,
    "timezone": "UTC",
    "allow_messages_after_resolved": True,
    "lock_to_single_conversation": False,
}
REPLY_TIMES: Final = {"in_a_few_minutes", "in_a_few_hours", "in_a_day"}


def inbox_shown(inbox: Inbox, address: str, *, admin: bool) -> dict[str, Any]:
    is_website = inbox.kind == "web_widget"
    channel = inbox.channel
    shown = {
        "id": inbox.id,
        "name": inbox.name,
        "channel_id": inbox.id,
        "channel_type": CHANNELS[inbox.kind],
        "avatar_url": "",
        "website_url": channel.get("website_url"),
        "widget_color": channel.get("widget_color") or "#1f93ff",
        "welcome_title": channel.get("welcome_title"),
        "welcome_tagline": channel.get("welcome_tagline"),
        "reply_time": channel.get("reply_time") or "in_a_few_minutes",
        "allowed_domains": channel.get("allowed_domains") or "",
        "hmac_mandatory": False,
        "website_token": inbox.website_token if is_website else None,
        "web_widget_script": f'<script src="{address}/packs/js/sdk.js"></script>'
        if is_website
        else None,
        **(SETTINGS | inbox.settings),
    }
    if admin:
        shown["hmac_token"] = inbox.secret[::-1]
    if not is_website:
        shown |= {
            "inbox_identifier": inbox.website_token,
            "webhook_url": channel.get("webhook_url"),
        }
        if admin:
            shown["secret"] = inbox.secret
    return shown


def bot_shown(account: Account, bot: Bot) -> dict[str, Any]:
    return {
        "id": bot.id,
        "name": bot.name,
        "description": bot.values.get("description"),
        "thumbnail": "",
        "outgoing_url": bot.values.get("outgoing_url"),
        "bot_type": "webhook",
        "bot_config": bot.values.get("bot_config") or {},
        "account_id": account.id,
        "access_token": bot.token,
        "secret": bot.secret,
        "system_bot": False,
    }


class Inboxes(Part):
    """What there is of inboxes and bots."""

    def address(self, request: Request) -> str:
        return f"http://{request.headers.get('host', '127.0.0.1')}/chatwoot"

    @route("GET", f"{BASE}/inboxes", ("all",))
    def inboxes(self, request: Request, account_id: str) -> Reply:
        account, member = self.membership(request, account_id)
        is_admin = member.role == "administrator"
        found = sorted(account.inboxes.values(), key=lambda inbox: inbox.name)
        seen = [inbox for inbox in found if is_admin or member.user.id in inbox.members]
        return Reply(
            200,
            {
                "payload": [
                    inbox_shown(inbox, self.address(request), admin=is_admin) for inbox in seen
                ]
            },
        )

    @route("GET", f"{BASE}/inboxes/{{inbox_id}}", ("all",))
    def inbox(self, request: Request, account_id: str, inbox_id: str) -> Reply:
        account, member = self.membership(request, account_id)
        inbox = self._inbox(account, inbox_id)
        is_admin = member.role == "administrator"
        if not is_admin and member.user.id not in inbox.members:
            raise refusals.role_too_low()
        return Reply(200, inbox_shown(inbox, self.address(request), admin=is_admin))

    @route("POST", f"{BASE}/inboxes", ("all",))
    def create_inbox(self, request: Request, account_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        wish = body_of(request, "inbox")
        channel = wish.get("channel")
        if not isinstance(channel, dict) or channel.get("type") not in CHANNELS:
            raise refusals.broken()
        if channel.get("reply_time", "in_a_day") not in REPLY_TIMES:
            raise refusals.broken()
        if not wish.get("name"):
            raise refusals.invalid({"name": "Name can't be blank"})
        if channel["type"] == "web_widget" and not channel.get("website_url"):
            raise refusals.invalid({"website_url": "Website url can't be blank"})
        with self.lock:
            most = int(self.switched["inbox_limit"])
            if most and len(account.inboxes) >= most:
                raise refusals.refused(402, refusals.HIGHER_PLAN)
            inbox = self.world.inbox(account, str(wish["name"]), channel["type"])
            inbox.channel = channel
            inbox.settings = {name: wish[name] for name in SETTINGS if name in wish}
        return Reply(200, inbox_shown(inbox, self.address(request), admin=True))

    @route("PATCH", f"{BASE}/inboxes/{{inbox_id}}", ("all",))
    def change_inbox(self, request: Request, account_id: str, inbox_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        inbox = self._inbox(account, inbox_id)
        wish = body_of(request, "inbox")
        inbox.name = str(wish.get("name") or inbox.name)
        inbox.settings |= {name: wish[name] for name in SETTINGS if name in wish}
        inbox.channel |= wish.get("channel") or {}
        return Reply(200, inbox_shown(inbox, self.address(request), admin=True))

    @route("DELETE", f"{BASE}/inboxes/{{inbox_id}}", ("all",))
    def remove_inbox(self, request: Request, account_id: str, inbox_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        inbox = self._inbox(account, inbox_id)
        with self.lock:
            account.inboxes.pop(inbox.id, None)
        return Reply(
            200, {"message": "Your inbox deletion request will be processed in some time."}
        )

    @route("POST", f"{BASE}/inboxes/{{inbox_id}}/set_agent_bot", ("all",))
    def set_bot(self, request: Request, account_id: str, inbox_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        inbox = self._inbox(account, inbox_id)
        wished = body_of(request).get("agent_bot")
        inbox.bot = None if wished is None else self._bot(account, str(wished)).id
        return Reply(200)

    @route("GET", f"{BASE}/inboxes/{{inbox_id}}/agent_bot", ("all",))
    def bot_of_inbox(self, request: Request, account_id: str, inbox_id: str) -> Reply:
        account = self.account_of(request, account_id)
        bot = account.bots.get(self._inbox(account, inbox_id).bot or 0)
        return Reply(200, {"agent_bot": bot_shown(account, bot)} if bot else {})

    @route("GET", f"{BASE}/agent_bots", ("all",))
    def bots(self, request: Request, account_id: str) -> Reply:
        account = self.account_of(request, account_id)
        return Reply(200, [bot_shown(account, bot) for bot in account.bots.values()])

    @route("POST", f"{BASE}/agent_bots", ("all",))
    def create_bot(self, request: Request, account_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        wish = body_of(request, "agent_bot")
        if wish.get("bot_type", "webhook") not in {"webhook", 0}:
            raise refusals.broken()
        with self.lock:
            bot = Bot(self.world.next_id("bot"), str(wish.get("name") or ""), wish)
            account.bots[bot.id] = bot
        return Reply(200, bot_shown(account, bot))

    @route("GET", f"{BASE}/agent_bots/{{bot_id}}", ("all",))
    def bot(self, request: Request, account_id: str, bot_id: str) -> Reply:
        account = self.account_of(request, account_id)
        return Reply(200, bot_shown(account, self._bot(account, bot_id)))

    @route("DELETE", f"{BASE}/agent_bots/{{bot_id}}", ("all",))
    def remove_bot(self, request: Request, account_id: str, bot_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        bot = self._bot(account, bot_id)
        with self.lock:
            account.bots.pop(bot.id, None)
            for inbox in account.inboxes.values():
                inbox.bot = None if inbox.bot == bot.id else inbox.bot
        return Reply(200)

    def _inbox(self, account: Account, inbox_id: str) -> Inbox:
        inbox = account.inboxes.get(number(inbox_id))
        if inbox is None:
            raise refusals.missing()
        return inbox

    def _bot(self, account: Account, bot_id: str) -> Bot:
        bot = account.bots.get(number(bot_id))
        if bot is None:
            raise refusals.missing()
        return bot
