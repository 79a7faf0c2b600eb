"""Fathom's API for one account: its quotas, its keys, and lists that are read leniently.

Fathom counts calls per key: 60 a minute, of which 30 heavy ones (with transcript or summary), and
under load 5. When it refuses a heavy call, all workers keep to the 5 for a while. Error bodies are
not specified: the status alone decides.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from redis import RedisError

from core.errors import LOST_KEY, UNREADABLE, BadCredentials, Incomplete, Rejected, Temporary
from core.http import Answer, CallContext, Client, Costs, HeaderKey, Limits, Quota
from core.masking import Secret
from core.redis import connection
from core.secrets.crypto import CannotOpen
from fathom_sync import accounts
from fathom_sync.meetings import pages
from fathom_sync.models import FathomAccount

VENDOR: Final = "fathom"
# How long after its last refusal Fathom is taken to be under load.
LOAD_SECONDS: Final = 120
# For so long a walk trusts what it knows of that.
ASK_AGAIN_SECONDS: Final = 5.0
LIGHT: Final = {"heavy": 0}
ONLY_HEAVY: Final = {"global": 0}
# A deactivated person's key is refused with an unspecified 4xx.
REFUSED_KEYS: Final = (401, 403)
NO_KEY = _(
    "There is no API key for Fathom here. Enter one in the settings and test the connection."
)

# Which recordings a webhook tells of; the last two are refused where the plan has no teams.
PERSONAL: Final = ("my_recordings", "shared_external_recordings")
TEAM: Final = ("my_shared_with_team_recordings", "shared_team_recordings")

Params = Sequence[tuple[str, str]]


class NoKey(Incomplete):
    """Nothing was asked: the account has no key."""

    text = NO_KEY


@dataclass(frozen=True)
class Page:
    """One page of a list: its body as it came, what is in it, and where the next one is ('' =
    it was the last).
    """

    body: bytes = field(repr=False)
    items: list[Any] = field(repr=False)
    next_cursor: str = ""


class FathomClient:
    """Calls Fathom with the account's key, or with another that is being tried."""

    def __init__(
        self,
        account: FathomAccount,
        *,
        key: Secret | None = None,
        context: CallContext | None = None,
        limits: Limits | None = None,
    ) -> None:
        found = key or accounts.api_key(account)
        if found is None:
            raise NoKey(VENDOR)
        self.account = account
        self.key = found
        try:
            # Its quota is counted under this.
            self._name = accounts.fingerprint(found)[:24]
        except CannotOpen as error:
            raise BadCredentials(VENDOR, LOST_KEY) from error
        self._context = context or CallContext(organization_id=account.organization_id)
        self._limits = limits
        self._slowed = False
        self._ask_again_at = 0.0

    def teams(self) -> Page:
        """Return the first page of the teams."""
        return _page(self._client().get("/teams", quota_cost=LIGHT))

    def meetings(self, params: Params = (), cursor: str = "") -> Page:
        """Return one page of ten, newest first.

        The same `params` belong with every page of one list.
        """
        heavy = any(
            name in ("include_transcript", "include_summary") and value == "true"
            for name, value in params
        )
        sent = [*params, *([("cursor", cursor)] if cursor else [])]
        return _page(
            self._client(reads="bytes").get(
                "/meetings", params=sent, quota_cost=None if heavy else LIGHT
            )
        )

    def page(self, params: Params, cursor: str = "") -> pages.Page:
        """Return the same page, cut into its meetings before anything in them is understood.

        An odd one costs no other.
        """
        heavy = any(name in ("include_transcript", "include_summary") for name, _value in params)
        sent = [*params, *([("cursor", cursor)] if cursor else [])]
        answer = self._client(reads="bytes").get(
            "/meetings", params=sent, quota_cost=None if heavy else LIGHT
        )
        return pages.read(answer.body)

    def create_webhook(self, url: str) -> dict[str, Any]:
        """Make a webhook for everything that this key may be told of.

        Never repeated: each success makes another one.
        """
        try:
            return self._create_webhook(url, [*PERSONAL, *TEAM])
        except Rejected as error:
            if error.status not in (400, 422):
                raise
            return self._create_webhook(url, list(PERSONAL))

    def delete_webhook(self, webhook_id: str) -> bool:
        """Delete a webhook; return False when Fathom does not know it (any more)."""
        answer = self._client(reads="bytes").delete(
            f"/webhooks/{quote(webhook_id, safe='')}", quota_cost=LIGHT, ok=(200, 202, 204, 404)
        )
        return answer.status != 404

    def _create_webhook(self, url: str, triggers: list[str]) -> dict[str, Any]:
        wanted = {
            "destination_url": url,
            "triggered_for": triggers,
            "include_transcript": True,
            "include_summary": True,
            "include_action_items": True,
            "include_crm_matches": False,
        }
        made = self._client().post("/webhooks", json=wanted, quota_cost=LIGHT).json()
        if not isinstance(made, dict):
            raise Temporary(VENDOR, UNREADABLE)
        return made

    def _client(self, **options: Any) -> Client:
        return Client(
            VENDOR,
            self._name,
            settings.FATHOM_API_BASE_URL,
            HeaderKey("X-Api-Key", self.key),
            self._quotas,
            context=self._context,
            limits=self._limits,
            credential_statuses=REFUSED_KEYS,
            on_answer=self._heed,
            **options,
        )

    def _quotas(self) -> tuple[Quota, Quota]:
        """Return the limits of this moment: under load few heavy calls,
        for as long as that is known.
        """
        if time.monotonic() >= self._ask_again_at:
            self._know(slowed=is_slowed(self.account.pk))
        heavy = settings.FATHOM_HEAVY_CALLS_PER_MINUTE
        if self._slowed:
            heavy = settings.FATHOM_HEAVY_CALLS_UNDER_LOAD
        return Quota("global", settings.FATHOM_CALLS_PER_MINUTE, 60), Quota("heavy", heavy, 60)

    def _heed(self, answer: Answer, costs: Costs) -> Costs:
        """Let the headers of a heavy call speak of the heavy limit alone;
        a refused one slows all workers down.
        """
        if costs is LIGHT:
            return costs
        if answer.status == 429:
            self._know(slowed=True)
            # Where Redis is away, the others find out by a refusal of their own.
            with contextlib.suppress(RedisError):
                connection().set(_mark(self.account.pk), "1", ex=LOAD_SECONDS)
        return ONLY_HEAVY

    def _know(self, *, slowed: bool) -> None:
        self._slowed, self._ask_again_at = slowed, time.monotonic() + ASK_AGAIN_SECONDS


def is_slowed(account_id: UUID | str) -> bool:
    """Tell whether Fathom refused a heavy call of this account lately,
    so that all of them come slowly.
    """
    try:
        return bool(connection().exists(_mark(account_id)))
    except RedisError:
        return False


def _mark(account_id: UUID | str) -> str:
    return f"koppel:fathom:load:{account_id}"


def _page(answer: Answer) -> Page:
    """Read the envelope of every list; take what is missing in it for empty."""
    payload = answer.json()
    items = None
    if isinstance(payload, dict):
        items = payload.get("items")
    if not isinstance(items, list):
        raise Temporary(VENDOR, UNREADABLE, status=answer.status)
    cursor = payload.get("next_cursor")
    if not isinstance(cursor, str):
        cursor = ""
    return Page(answer.body, items, cursor.strip())
