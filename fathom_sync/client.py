"""Fathom's API for one account: its quotas, its keys, and lists that are read leniently.

Fathom counts calls per key: 60 a minute, of which 30 heavy ones (with transcript or summary), and under load 5. When it
refuses a heavy call, all workers keep to the 5 for a while. Error bodies are not specified: the status alone decides.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from redis import RedisError

from core.errors import LOST_KEY, UNREADABLE, BadCredentials, Misconfigured, Rejected, Temporary
from core.http import Answer, CallContext, Client, HeaderKey, Limits, Quota
from core.http import quota as quotas
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
NO_KEY = _("There is no API key for Fathom here. Enter one in the settings and test the connection.")

# Which recordings a webhook tells of; the last two are refused where the plan has no teams.
PERSONAL: Final = ("my_recordings", "shared_external_recordings")
TEAM: Final = ("my_shared_with_team_recordings", "shared_team_recordings")

Params = Sequence[tuple[str, str]]


class NoKey(Misconfigured):
    """Nothing was asked: the account has no key."""

    text = NO_KEY


@dataclass(frozen=True)
class Page:
    """One page of a list: its body as it came, what is in it, and where the next one is ('' = it was the last)."""

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
        self._listing: _Client | None = None
        self._listing_since = 0.0

    def teams(self) -> Page:
        """The first page of the teams."""
        return _page(self._client().get("/teams", quota_cost=LIGHT))

    def meetings(self, params: Params = (), cursor: str = "") -> Page:
        """One page of ten, newest first. The same `params` belong with every page of one list."""
        heavy = any(name in ("include_transcript", "include_summary") and value == "true" for name, value in params)
        sent = [*params, *([("cursor", cursor)] if cursor else [])]
        return _page(self._client(reads="bytes").get("/meetings", params=sent, quota_cost=None if heavy else LIGHT))

    def page(self, params: Params, cursor: str = "") -> pages.Page:
        """The same page, cut into its meetings before anything in them is understood: one odd one costs no other."""
        heavy = any(name in ("include_transcript", "include_summary") for name, _value in params)
        sent = [*params, *([("cursor", cursor)] if cursor else [])]
        answer = self._lister().get("/meetings", params=sent, quota_cost=None if heavy else LIGHT)
        return pages.read(answer.body)

    def _lister(self) -> "_Client":
        """The same for some pages: whether Fathom is under load is asked again after a moment."""
        if self._listing is None or time.monotonic() - self._listing_since > ASK_AGAIN_SECONDS:
            self._listing, self._listing_since = self._client(reads="bytes"), time.monotonic()
        return self._listing

    def create_webhook(self, url: str) -> dict[str, Any]:
        """A webhook for everything that this key may be told of. Never repeated: each success makes another one."""
        try:
            return self._create_webhook(url, [*PERSONAL, *TEAM])
        except Rejected as error:
            if error.status not in (400, 422):
                raise
            return self._create_webhook(url, list(PERSONAL))

    def delete_webhook(self, webhook_id: str) -> bool:
        """False when Fathom does not know it (any more)."""
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

    def _client(self, **options: Any) -> "_Client":
        return _Client(
            VENDOR,
            self._name,
            settings.FATHOM_API_BASE_URL,
            HeaderKey("X-Api-Key", self.key),
            context=self._context,
            limits=self._limits,
            credential_statuses=REFUSED_KEYS,
            account_id=self.account.pk,
            **options,
        )


def is_slowed(account_id: UUID | str) -> bool:
    """Whether Fathom refused a heavy call of this account lately, so that all of them come slowly."""
    try:
        return bool(connection().exists(_mark(account_id)))
    except RedisError:
        return False


def _mark(account_id: UUID | str) -> str:
    return f"koppel:fathom:load:{account_id}"


class _Client(Client):
    """Keeps to the low limit for heavy calls for as long as Fathom is under load."""

    def __init__(self, *rest: Any, account_id: UUID, **options: Any) -> None:
        super().__init__(*rest, **options)
        self._account_id = account_id
        self._keep_to(_heavy(under_load=is_slowed(account_id)))

    def _keep_to(self, heavy: Quota) -> None:
        all_calls = Quota("global", settings.FATHOM_CALLS_PER_MINUTE, 60)
        self._quota = quotas.Account(self.vendor, self.account, (all_calls, heavy))

    def _learn(self, answer: Answer, costs: Any) -> None:
        # The headers of a heavy call speak of the heavy limit: light calls go on.
        super()._learn(answer, costs if costs is LIGHT else ONLY_HEAVY)
        if answer.status == 429 and costs is not LIGHT:
            self._keep_to(_heavy(under_load=True))
            try:
                connection().set(_mark(self._account_id), "1", ex=LOAD_SECONDS)
            except RedisError:
                # The others find out by a refusal of their own.
                return


def _heavy(*, under_load: bool) -> Quota:
    calls = settings.FATHOM_HEAVY_CALLS_UNDER_LOAD if under_load else settings.FATHOM_HEAVY_CALLS_PER_MINUTE
    return Quota("heavy", calls, 60)


def _page(answer: Answer) -> Page:
    """The envelope of every list; what is missing in it is taken for empty."""
    payload = answer.json()
    items = payload.get("items") if isinstance(payload, dict) else None
    if not isinstance(items, list):
        raise Temporary(VENDOR, UNREADABLE, status=answer.status)
    cursor = payload.get("next_cursor")
    return Page(answer.body, items, cursor.strip() if isinstance(cursor, str) else "")
