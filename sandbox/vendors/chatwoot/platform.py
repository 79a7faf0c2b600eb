"""The platform API: users with a password of their own, put into the accounts that the
platform app may touch.
"""

import re
from typing import Any, Final

from sandbox.vendors.chatwoot import refusals
from sandbox.vendors.chatwoot.callers import TOKEN_HEADERS, Part, body_of, number, token_of
from sandbox.vendors.chatwoot.people import ROLES
from sandbox.vendors.chatwoot.world import Account, User
from sandbox.vendors.demo_keys import CHATWOOT_PLATFORM_TOKEN
from sandbox.vendors.frame import Reply, Request, Stop, route

PLATFORM: Final = "/platform/api/v1"
KNOWN: Final = re.compile(r"[A-Za-z0-9 !@#$%^&*()_+\-=\[\]{}|\"/\\.,`<>:;?~']+")
KINDS: Final = {
    "uppercase": re.compile(r"[A-Z]"),
    "lowercase": re.compile(r"[a-z]"),
    "number": re.compile(r"[0-9]"),
    "special": re.compile(r"[^A-Za-z0-9]"),
}


def check_password(password: str) -> None:
    """Refuse a password that the installation does not take."""
    wrong = {}
    if not 6 <= len(password) <= 128:
        wrong["password"] = "Password is too short (minimum is 6 characters)"
    for word, pattern in KINDS.items():
        if not pattern.search(password):
            wrong["password"] = f"Password must contain at least 1 {word} character"
    if not KNOWN.fullmatch(password):
        wrong["password"] = "Password has characters that are not allowed"
    if wrong:
        raise refusals.invalid(wrong)


class Platform(Part):
    """What there is of the platform API."""

    def check_app(self, request: Request) -> None:
        headers = TOKEN_HEADERS[1:] if self.switched["drops_underscores"] else TOKEN_HEADERS
        if token_of(request, headers) != CHATWOOT_PLATFORM_TOKEN:
            raise refusals.refused(401, "Invalid access_token")

    @route("POST", f"{PLATFORM}/users", ("all",))
    def create_user(self, request: Request) -> Reply:
        self.check_app(request)
        wish = body_of(request, "user")
        email = str(wish.get("email") or "")
        with self.lock:
            user = self.world.user_of(email)
            if user is None:
                check_password(str(wish.get("password") or ""))
                name = str(wish.get("name") or email.partition("@")[0])
                user = self.world.user(name, email, password=str(wish["password"]))
            self.world.platform_users.add(user.id)
        return Reply(200, self._shown(user))

    @route("GET", f"{PLATFORM}/users/{{user_id}}", ("all",))
    def platform_user(self, request: Request, user_id: str) -> Reply:
        return Reply(200, self._shown(self._user(request, user_id)))

    @route("PATCH", f"{PLATFORM}/users/{{user_id}}", ("all",))
    def change_user(self, request: Request, user_id: str) -> Reply:
        user = self._user(request, user_id)
        wish = body_of(request, "user")
        if password := str(wish.get("password") or ""):
            check_password(password)
            user.password = password
        user.name = str(wish.get("name") or user.name)
        return Reply(200, self._shown(user))

    @route("DELETE", f"{PLATFORM}/users/{{user_id}}", ("all",))
    def remove_user(self, request: Request, user_id: str) -> Reply:
        user = self._user(request, user_id)
        with self.lock:
            self.world.users.pop(user.id, None)
            for account in self.world.accounts.values():
                account.members.pop(user.id, None)
        return Reply(200)

    @route("GET", f"{PLATFORM}/accounts/{{account_id}}/account_users", ("all",))
    def account_users(self, request: Request, account_id: str) -> Reply:
        account = self._account(request, account_id)
        return Reply(200, [_membership(account, user) for user in account.members])

    @route("POST", f"{PLATFORM}/accounts/{{account_id}}/account_users", ("all",))
    def add_account_user(self, request: Request, account_id: str) -> Reply:
        account = self._account(request, account_id)
        wish = body_of(request)
        user = self._user(request, str(wish.get("user_id")))
        if wish.get("role") not in ROLES:
            raise refusals.broken()
        with self.lock:
            seats = int(self.switched["seats"])
            if seats and user.id not in account.members and len(account.members) >= seats:
                raise refusals.refused(402, refusals.LICENSES)
            self.world.join(account, user, wish["role"])
        return Reply(200, _membership(account, user.id))

    @route("DELETE", f"{PLATFORM}/accounts/{{account_id}}/account_users", ("all",))
    def remove_account_user(self, request: Request, account_id: str) -> Reply:
        account = self._account(request, account_id)
        account.members.pop(int(body_of(request).get("user_id") or 0), None)
        return Reply(200)

    def _user(self, request: Request, user_id: str) -> User:
        self.check_app(request)
        user = self.world.users.get(number(user_id))
        if user is None:
            raise Stop(Reply(404))
        if user.id not in self.world.platform_users:
            raise refusals.refused(401, "Non permissible resource")
        return user

    def _account(self, request: Request, account_id: str) -> Account:
        self.check_app(request)
        account = self.world.accounts.get(number(account_id))
        if account is None:
            raise Stop(Reply(404))
        if account.id not in self.world.platform_accounts:
            raise refusals.refused(401, "Non permissible resource")
        return account

    def _shown(self, user: User) -> dict[str, Any]:
        accounts = [
            {"id": account.id, "name": account.name, "role": account.members[user.id].role}
            for account in self.world.accounts.values()
            if user.id in account.members
        ]
        names = {"id": user.id, "name": user.name, "display_name": None, "email": user.email}
        return names | {
            "access_token": user.token,
            "confirmed": user.confirmed,
            "accounts": accounts,
        }


def _membership(account: Account, user_id: int) -> dict[str, Any]:
    member = account.members[user_id]
    return {"id": user_id, "account_id": account.id, "user_id": user_id, "role": member.role}
