"""What an installation of Chatwoot has: users, accounts, and what is in each account."""

import itertools
import random
import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.vendors.demo_keys import (
    CHATWOOT_ADMIN_TOKEN,
    CHATWOOT_AGENT_TOKEN,
    CHATWOOT_OTHER_TOKEN,
)

FIRST_NAMES: Final = (
    "Ada",
    "Bram",
    "Chloé",
    "Daan",
    "Élise",
    "Femke",
    "Gül",
    "Hugo",
    "Inès",
    "Joris",
)
LAST_NAMES: Final = ("de Boer", "Lefèvre", "Jansen", "O'Brien", "Peeters", "Smit", "Yılmaz")
COMPANIES: Final = ("Atelier Nord", "Kade 12", "Vélo & Fils", "Zuid Logistics")
CONTACTS: Final = 40
BEGAN: Final = 1_767_225_600


@dataclass
class User:
    """A person of the installation, with a token of their own."""

    id: int
    name: str
    email: str
    token: str
    confirmed: bool = True
    password: str = ""


@dataclass
class Member:
    """What a user is in an account."""

    user: User
    role: str = "agent"
    availability: str = "offline"
    auto_offline: bool = False


@dataclass
class Inbox:
    id: int
    name: str
    kind: str
    settings: dict[str, Any] = field(default_factory=dict)
    channel: dict[str, Any] = field(default_factory=dict)
    members: list[int] = field(default_factory=list)
    bot: int | None = None
    website_token: str = field(default_factory=lambda: secrets.token_urlsafe(18)[:24])
    secret: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass
class Bot:
    id: int
    name: str
    values: dict[str, Any]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    secret: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass
class Hook:
    id: int
    url: str
    name: str
    subscriptions: list[str]
    secret: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass
class Account:
    """A tenant of the installation."""

    id: int
    name: str
    status: str = "active"
    members: dict[int, Member] = field(default_factory=dict)
    inboxes: dict[int, Inbox] = field(default_factory=dict)
    bots: dict[int, Bot] = field(default_factory=dict)
    contacts: dict[int, dict[str, Any]] = field(default_factory=dict)
    hooks: dict[int, Hook] = field(default_factory=dict)
    # By their number within the account.
    conversations: dict[int, str] = field(default_factory=dict)


class World:
    """Everything, in memory."""

    def __init__(self, dice: random.Random) -> None:
        self._ids: dict[str, Iterator[int]] = {}
        self.users: dict[int, User] = {}
        self.accounts: dict[int, Account] = {}
        # Users that the platform app made or was granted, and its accounts.
        self.platform_users: set[int] = set()
        self.platform_accounts: set[int] = {1}
        northwind, other = self.account("Northwind Support"), self.account("Contoso Care")
        self.join(
            northwind,
            self.user("Saar Visser", "saar@northwind.example", CHATWOOT_ADMIN_TOKEN),
            "administrator",
        )
        self.join(
            northwind,
            self.user("Teun Bakker", "teun@northwind.example", CHATWOOT_AGENT_TOKEN),
            "agent",
        )
        self.join(
            other,
            self.user("Noor Dupont", "noor@contoso.example", CHATWOOT_OTHER_TOKEN),
            "administrator",
        )
        for account in (northwind, other):
            website = self.inbox(account, f"{account.name} website", "web_widget")
            website.channel = {"website_url": "https://shop.example", "type": "web_widget"}
            self.inbox(account, "Mail of the API", "api")
        for number in range(CONTACTS):
            self._made_up_contact(northwind, dice, number)

    def next_id(self, kind: str) -> int:
        return next(self._ids.setdefault(kind, itertools.count(1)))

    def account(self, name: str) -> Account:
        account = Account(self.next_id("account"), name)
        self.accounts[account.id] = account
        return account

    def user(
        self, name: str, email: str, token: str = "", *, confirmed: bool = True, password: str = ""
    ) -> User:
        user = User(
            self.next_id("user"),
            name,
            email.lower(),
            token or secrets.token_urlsafe(18),
            confirmed,
            password,
        )
        self.users[user.id] = user
        return user

    def user_of(self, email: str) -> User | None:
        return next(
            (user for user in self.users.values() if user.email == email.strip().lower()), None
        )

    def join(self, account: Account, user: User, role: str) -> Member:
        member = account.members.setdefault(user.id, Member(user))
        member.role = role
        return member

    def inbox(self, account: Account, name: str, kind: str) -> Inbox:
        inbox = Inbox(self.next_id("inbox"), name, kind)
        account.inboxes[inbox.id] = inbox
        return inbox

    def contact(
        self, account: Account, values: dict[str, Any], created: int | None = None
    ) -> dict[str, Any]:
        number = self.next_id("contact")
        contact = {
            "id": number,
            "name": "",
            "email": None,
            "phone_number": None,
            "identifier": None,
            "blocked": False,
            "additional_attributes": {},
            "custom_attributes": {},
            "availability_status": "offline",
            "thumbnail": "",
            "created_at": int(time.time()) if created is None else created,
        } | values
        account.contacts[number] = contact
        return contact

    def _made_up_contact(self, account: Account, dice: random.Random, number: int) -> None:
        first, last = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES)
        values: dict[str, Any] = {
            "name": f"{first} {last}",
            "email": f"visitor{number}@{dice.choice(('example.com', 'example.org'))}",
            "additional_attributes": {"company_name": dice.choice(COMPANIES), "city": "Gent"},
        }
        if number % 3 == 0:
            values["phone_number"] = f"+3212345{number:04d}"
        self.contact(account, values, BEGAN + 60 * number)


def source_id() -> str:
    """Return what a contact is called in an inbox."""
    return str(uuid.uuid4())
