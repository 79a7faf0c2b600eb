"""Who asks, and what they may: the part that all answers of an account share."""

import threading
from typing import Any

from sandbox.vendors.chatwoot import refusals
from sandbox.vendors.chatwoot.world import Account, Bot, Member, User, World
from sandbox.vendors.demo_keys import CHATWOOT_PLATFORM_TOKEN
from sandbox.vendors.frame import Request

TOKEN_HEADERS = ("api_access_token", "api-access-token")
BASE = "/api/v1/accounts/{account_id}"


def token_of(request: Request, headers: tuple[str, ...] = TOKEN_HEADERS) -> str:
    """Return the token that a request brings, '' for none;
    what stands in front may drop underscores.
    """
    return next((request.headers[name] for name in headers if request.headers.get(name)), "")


def number(text: str) -> int:
    """Return an id of a path; a word is no record's."""
    if not text.isdecimal():
        raise refusals.missing()
    return int(text)


def body_of(request: Request, wrapper: str = "") -> dict[str, Any]:
    """Return the JSON object of a request, and what is nested under the wrapper's name
    as if it were flat.
    """
    found = request.json() if request.body else {}
    if not isinstance(found, dict):
        raise refusals.broken()
    inner = found.get(wrapper)
    if wrapper and isinstance(inner, dict):
        return found | inner
    return found


class Part:
    """What each part of the stand-in finds in it."""

    world: World
    switched: dict[str, Any]
    lock: threading.Lock
    deliveries: list[Any]

    def user_of(self, request: Request) -> User:
        """Return the user of the token, or refuse as the application API does."""
        headers = TOKEN_HEADERS[1:] if self.switched["drops_underscores"] else TOKEN_HEADERS
        token = token_of(request, headers)
        if not token:
            raise refusals.sign_in()
        user = next((user for user in self.world.users.values() if user.token == token), None)
        if user is not None:
            return user
        if token == CHATWOOT_PLATFORM_TOKEN or self._bot_of(token):
            raise refusals.refused(401, "Access to this endpoint is not authorized for bots")
        raise refusals.refused(401, "Invalid Access Token")

    def account_of(self, request: Request, account_id: str, *, admin: bool = False) -> Account:
        """Return the account of a path for a member of it;
        `admin`: for its administrators alone.
        """
        account, member = self.membership(request, account_id)
        if admin and member.role != "administrator":
            raise refusals.role_too_low()
        return account

    def membership(self, request: Request, account_id: str) -> tuple[Account, Member]:
        user = self.user_of(request)
        account = self.world.accounts.get(number(account_id))
        if account is None:
            raise refusals.missing()
        member = account.members.get(user.id)
        if member is None:
            raise refusals.refused(401, "You are not authorized to access this account")
        if account.status == "suspended":
            raise refusals.refused(401, "Account is suspended")
        return account, member

    def _bot_of(self, token: str) -> Bot | None:
        bots = [bot for account in self.world.accounts.values() for bot in account.bots.values()]
        return next((bot for bot in bots if bot.token == token), None)
