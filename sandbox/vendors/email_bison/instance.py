"""An instance: its users and where each looks now, its workspaces, its tokens and its counters."""

import hashlib
import itertools
import time
from dataclasses import dataclass
from typing import Any, Final

from sandbox.vendors import demo_keys
from sandbox.vendors.email_bison import refusals
from sandbox.vendors.email_bison.cast import COMPANIES, PEOPLE, Company, Person
from sandbox.vendors.email_bison.deliveries import Delivery
from sandbox.vendors.email_bison.dice import dice
from sandbox.vendors.email_bison.times import BEFORE_ALL, stamp
from sandbox.vendors.email_bison.workspace import Workspace, World

# New rows of every kind are numbered from here: beyond all that were made from the seed.
_FIRST_NEW: Final = 900_000_001
# Tokens are numbered by the time, so that no start makes what an earlier start made.
_TOKENS_SINCE: Final = 1_700_000_000


class User:
    """Whom super-admin tokens impersonate; where they look is a state of the server."""

    def __init__(self, person: Person, first: int) -> None:
        self.person = person
        self._looks_at = first
        self._next: tuple[float, int] | None = None

    @property
    def looks_at(self) -> int:
        if self._next and self._next[0] <= time.monotonic():
            self._looks_at, self._next = self._next[1], None
        return self._looks_at

    def move(self, workspace: int, seconds: float = 0) -> None:
        """Look at another workspace, at once or after so long."""
        self._next = (time.monotonic() + seconds, workspace)


@dataclass(frozen=True)
class Token:
    """A key: whose it is, and for an api-user's the only workspace that it opens."""

    text: str
    user: User
    workspace: int | None = None


class Instance:
    def __init__(self, world: World, slug: str) -> None:
        self.world, self.slug = world, slug
        self.workspaces = {
            company.id: Workspace(world, slug, company) for company in COMPANIES[slug]
        }
        self.main = min(self.workspaces)
        self.users = {person.role: User(person, person.first[slug]) for person in PEOPLE}
        self.tokens = {token.text: token for token in self._first_tokens()}
        # Where clients reach it, as they last did; events name it.
        self.address = f"http://127.0.0.1:8100/email-bison/{slug}"
        self.deliveries: list[Delivery] = []
        self._numbers = itertools.count(_FIRST_NEW)
        self._token_numbers = itertools.count(int(time.time()) - _TOKENS_SINCE)
        self._ends: dict[int, float] = {}

    def _first_tokens(self) -> list[Token]:
        main, backup = self.users["main"], self.users["backup"]
        own = [
            Token(demo_keys.bison_workspace_token(self.slug, company.id), main, company.id)
            for company in COMPANIES[self.slug]
            if company.keyed
        ]
        admins = (
            (demo_keys.BISON_SUPER_ADMINS[self.slug], main),
            (demo_keys.BISON_BACKUPS[self.slug], backup),
        )
        return [*(Token(text, user) for text, user in admins), *own]

    def next(self) -> int:
        return next(self._numbers)

    # --- Tokens -----------------------------------------------------------------------------------
    def token(self, header: str) -> Token:
        """Return the token of an Authorization header; Stop with 401 for any that does not work."""
        text = header.removeprefix("Bearer ").strip()
        token = self.tokens.get(text) or self._made_before(text)
        if token is None or text in self.world.switched["revoked"]:
            raise refusals.unauthenticated()
        if token.workspace is not None and token.workspace not in self.all():
            raise refusals.unauthenticated()
        return token

    def make_token(self, workspace: int, name: str) -> dict[str, Any]:
        """Make an api-user token; it is shown this time alone."""
        number = next(self._token_numbers)
        secret = _secret(self.slug, workspace, number)
        text = f"{number}|{secret}"
        self.tokens[text] = Token(text, self.users["main"], workspace)
        now = stamp(self.world.now)
        return {
            "id": number, "name": name, "plain_text_token": text,
            "token_hash": hashlib.sha256(secret.encode()).hexdigest(), "abilities": ["*"],
            "created_at": now, "updated_at": now,
        }  # fmt: skip

    def _made_before(self, text: str) -> Token | None:
        """Return a token of an earlier start: what a trial has stored still works."""
        number, _, secret = text.partition("|")
        for workspace in self.all():
            if secret == _secret(self.slug, workspace, number):
                return Token(text, self.users["main"], workspace)
        return None

    # --- Workspaces -------------------------------------------------------------------------------
    def all(self) -> dict[int, Workspace]:
        """Return the workspaces; those whose deletion is due are none any more."""
        now = time.monotonic()
        for number in [number for number, end in self._ends.items() if end <= now]:
            self.workspaces.pop(number, None)
            del self._ends[number]
        return self.workspaces

    def workspace(self, number: int) -> Workspace:
        found = self.all().get(number)
        if found is None:
            raise refusals.missing("workspace", number)
        return found

    def current(self, token: Token) -> Workspace:
        """Return where a token acts now; a user whose workspace went looks at the main."""
        number = token.user.looks_at if token.workspace is None else token.workspace
        return self.all().get(number) or self.workspace(self.main)

    def seen_by(self, token: Token) -> list[Workspace]:
        found = list(self.all().values())
        return (
            found
            if token.workspace is None
            else [each for each in found if each.id == token.workspace]
        )

    def add(self, name: str) -> Workspace:
        number = max(self.all()) + 1
        made = Workspace(self.world, self.slug, Company(number, name, 0), stamp(self.world.now))
        self.workspaces[number] = made
        return made

    def delete(self, number: int, seconds: float = 0) -> None:
        self._ends[self.workspace(number).id] = time.monotonic() + seconds

    def user_json(self, token: Token) -> dict[str, Any]:
        person = token.user.person
        return {
            "id": person.id, "name": person.name, "email": person.email,
            "team": self.current(token).as_json(self.main), "profile_photo_path": None,
            "profile_photo_url": f"https://avatars.example/?name={person.name[0]}",
            "created_at": BEFORE_ALL, "updated_at": BEFORE_ALL,
        }  # fmt: skip

    def wander(self, role: str, workspace: int | None = None) -> int:
        """Move a user as their own click would: to a workspace, or to the next in the list."""
        user = self.users[role]
        numbers = sorted(self.all())
        following = next((each for each in numbers if each > user.looks_at), numbers[0])
        user.move(following if workspace is None else self.workspace(workspace).id)
        return user.looks_at


def _secret(slug: str, workspace: int, number: object) -> str:
    return f"{dice('token', slug, workspace, number).getrandbits(192):048x}"
