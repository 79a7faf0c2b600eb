"""Profile, account, agents, and who is a member of an inbox."""

from typing import Any, Final

from sandbox.vendors.chatwoot import refusals
from sandbox.vendors.chatwoot.callers import BASE, Part, body_of, number
from sandbox.vendors.chatwoot.world import Account, Inbox, Member
from sandbox.vendors.frame import Reply, Request, route

VERSION: Final = "4.15.1"
ROLES: Final = {"agent", "administrator"}
AVAILABILITIES: Final = {"online", "offline", "busy"}


def agent(account: Account, member: Member) -> dict[str, Any]:
    user = member.user
    return {
        "id": user.id,
        "account_id": account.id,
        "availability_status": member.availability,
        "auto_offline": member.auto_offline,
        "confirmed": user.confirmed,
        "email": user.email,
        "provider": "email",
        "available_name": user.name,
        "name": user.name,
        "role": member.role,
        "thumbnail": "",
        "custom_role_id": None,
    }


class People(Part):
    """What there is of people."""

    @route("GET", "/api/v1/profile", ("all",))
    def profile(self, request: Request) -> Reply:
        user = self.user_of(request)
        theirs = [account for account in self.world.accounts.values() if user.id in account.members]
        accounts = [
            {
                "id": account.id,
                "name": account.name,
                "status": account.status,
                "role": account.members[user.id].role,
                "permissions": [account.members[user.id].role],
                "availability": account.members[user.id].availability,
                "auto_offline": account.members[user.id].auto_offline,
            }
            for account in theirs
        ]
        last = theirs[-1] if theirs else None
        return Reply(
            200,
            {
                "access_token": user.token,
                "account_id": last and last.id,
                "role": last and last.members[user.id].role,
                "confirmed": user.confirmed,
                "email": user.email,
                "id": user.id,
                "name": user.name,
                "type": None,
                "accounts": accounts,
            },
        )

    @route("GET", BASE, ("all",))
    def account_shown(self, request: Request, account_id: str) -> Reply:
        user = self.user_of(request)
        account = self.world.accounts.get(number(account_id))
        if account is None or user.id not in account.members:
            raise refusals.missing()
        self.account_of(request, account_id)
        return Reply(
            200,
            {
                "id": account.id,
                "name": account.name,
                "status": account.status,
                "locale": "en",
                "domain": None,
                "support_email": None,
                "settings": {},
                "created_at": "2026-01-01T00:00:00.000Z",
                "features": {
                    "agent_bots": True,
                    "website_channel": True,
                    "contact_chatwoot_support_team": False,
                },
                "cache_keys": {},
                "latest_chatwoot_version": None,
            },
        )

    @route("GET", f"{BASE}/agents", ("all",))
    def agents(self, request: Request, account_id: str) -> Reply:
        account = self.account_of(request, account_id)
        members = sorted(account.members.values(), key=lambda member: member.user.name.lower())
        return Reply(200, [agent(account, member) for member in members])

    @route("POST", f"{BASE}/agents", ("all",))
    def create_agent(self, request: Request, account_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        wish = body_of(request, "agent")
        role, availability = _roles(wish)
        if not (email := str(wish.get("email") or "")):
            raise refusals.param_missing("email")
        with self.lock:
            known = self.world.user_of(email)
            if known is not None and known.id in account.members:
                raise refusals.invalid({"user_id": "User has already been taken"})
            seats = int(self.switched["seats"])
            if seats and len(account.members) >= seats:
                raise refusals.refused(402, refusals.LICENSES)
            if "@" not in email:
                raise refusals.invalid({"email": "Email is invalid"})
            name = str(wish.get("name") or email.partition("@")[0])
            user = known or self.world.user(name, email, confirmed=False)
            member = self.world.join(account, user, role)
            member.availability = availability
        return Reply(200, agent(account, member))

    @route("PATCH", f"{BASE}/agents/{{agent_id}}", ("all",))
    def change_agent(self, request: Request, account_id: str, agent_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        member = _member(account, agent_id)
        wish = body_of(request, "agent")
        member.role, member.availability = _roles(wish, member.role, member.availability)
        member.user.name = str(wish.get("name") or member.user.name)
        return Reply(200, agent(account, member))

    @route("DELETE", f"{BASE}/agents/{{agent_id}}", ("all",))
    def remove_agent(self, request: Request, account_id: str, agent_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        member = _member(account, agent_id)
        with self.lock:
            del account.members[member.user.id]
            for inbox in account.inboxes.values():
                inbox.members = [user for user in inbox.members if user != member.user.id]
            if not any(member.user.id in other.members for other in self.world.accounts.values()):
                self.world.users.pop(member.user.id, None)
        return Reply(200)

    @route("GET", f"{BASE}/inbox_members/{{inbox_id}}", ("all",))
    def members(self, request: Request, account_id: str, inbox_id: str) -> Reply:
        account = self.account_of(request, account_id)
        return _members(account, _inbox(account, inbox_id))

    @route("POST", f"{BASE}/inbox_members", ("all",))
    def add_members(self, request: Request, account_id: str) -> Reply:
        account, inbox, users = self._wished(request, account_id)
        if unknown := [user for user in users if user not in account.members]:
            raise refusals.refused(422, f"Couldn't find User with 'id'={unknown[0]}")
        with self.lock:
            inbox.members += [user for user in users if user not in inbox.members]
        return _members(account, inbox)

    @route("PATCH", f"{BASE}/inbox_members", ("all",))
    def replace_members(self, request: Request, account_id: str) -> Reply:
        account, inbox, users = self._wished(request, account_id)
        with self.lock:
            inbox.members = list(users)
        return _members(account, inbox)

    @route("DELETE", f"{BASE}/inbox_members", ("all",))
    def remove_members(self, request: Request, account_id: str) -> Reply:
        _account, inbox, users = self._wished(request, account_id)
        with self.lock:
            inbox.members = [user for user in inbox.members if user not in users]
        return Reply(200)

    def _wished(self, request: Request, account_id: str) -> tuple[Account, Inbox, list[Any]]:
        account = self.account_of(request, account_id, admin=True)
        wish = body_of(request)
        users = wish.get("user_ids")
        if not isinstance(users, list):
            raise refusals.broken()
        # Texts stay texts: the server's arithmetic of sets knows no "1" among its numbers.
        return account, _inbox(account, str(wish.get("inbox_id"))), users


def _roles(
    wish: dict[str, Any], role: str = "agent", availability: str = "offline"
) -> tuple[str, str]:
    role, availability = wish.get("role") or role, wish.get("availability") or availability
    if role not in ROLES or availability not in AVAILABILITIES:
        raise refusals.broken()
    return role, availability


def _member(account: Account, agent_id: str) -> Member:
    member = account.members.get(number(agent_id))
    if member is None:
        raise refusals.missing()
    return member


def _inbox(account: Account, inbox_id: str) -> Inbox:
    inbox = account.inboxes.get(number(inbox_id))
    if inbox is None:
        raise refusals.missing()
    return inbox


def _members(account: Account, inbox: Inbox) -> Reply:
    found = [
        agent(account, account.members[user]) for user in inbox.members if user in account.members
    ]
    return Reply(200, {"payload": found})
