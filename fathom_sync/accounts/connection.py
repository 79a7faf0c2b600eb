"""Whether Fathom takes a key, and what it shows of itself by it: two light calls.

Fathom has no ids of teams and no count of calls. The team's id is derived from its name; the count is exact when the
account's first page is its only one, else what is known for certain.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit, settings_store
from core.api import throttles
from core.connections import Connection
from core.errors import BadCredentials, RateLimited, VendorError
from core.http import CallContext, Limits, turns
from core.masking import Secret, is_mask
from core.secrets.crypto import CannotOpen
from fathom_sync import accounts
from fathom_sync.accounts import config, registration
from fathom_sync.client import FathomClient, NoKey, Page
from fathom_sync.ledger import listing
from fathom_sync.models import FathomAccount

CONNECTED = _("Connection successful!")
BAD_KEY = _("Invalid API key – check that the API key is right, and that its owner still has access to Fathom.")
SAVED = _("Configuration updated successfully")
SAVED_BUT = _("The key is saved, but the connection failed: %(why)s")
SAVED_UNTRIED = _("The key is saved and was not tested: you tested often enough for the moment. Test it in a minute.")
SAVED_BUSY = _(
    "The key is saved and was not tested: too many are waiting for other services at this moment. Test it in a minute."
)
TEST_SCOPE: Final = "fathom-test"
REMOVED = _("The key is removed.")
ENVIRONMENTS = _("The stored key is removed. The key of the server's environment is used now; it is removed there.")
FAILED: Final = "Connection failed"
NOT_CONFIGURED: Final = "Not configured"
TOO_MANY: Final = "Rate limited"
# Somebody waits for the answer.
LIMITS: Final = Limits(read=10, total=25, attempts=2, longest_retry_after=3, quota_wait=3)


@dataclass(frozen=True)
class Checked:
    """What a test of the connection says, as the API shows it."""

    success: bool
    message: str
    error: str = ""
    team_name: str = ""
    calls_count: int = 0
    calls_count_is_exact: bool = False
    # Fathom does not take the key; not merely that it could not be asked.
    key_refused: bool = False

    @property
    def team_id(self) -> str:
        """Return a stable id: the same name gives the same on every machine and day; '' without a team."""
        name = " ".join(self.team_name.split()).casefold()
        if not name:
            return ""
        return "team_" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:12]


def tests_per_minute() -> int:
    """How often one person may try a connection; as often as ever where what was set cannot be read any more."""
    try:
        return int(settings_store.get(config.TESTS_PER_MINUTE) or config.DEFAULT_TESTS)
    except CannotOpen:
        return config.DEFAULT_TESTS


def check(account: FathomAccount, *, actor: Any, request: Any = None, entered: str | None = None) -> Checked:
    """Try the stored key, or one that was `entered` and is not stored: that one leaves the account's status alone.

    Busy is raised, and nothing kept, where too many wait for vendors.
    """
    turns.take()
    other = _other_key(account, entered)
    checked, state, key = _ask(account, other, actor)
    with transaction.atomic():
        audit.record(
            "connection.tested",
            actor=actor,
            target=account,
            request=request,
            organization_id=account.organization_id,
            new=_readable(key),
            success=checked.success,
            stored=other is None,
            reason=checked.error,
        )
        if other is None and state is not None:
            accounts.say_status(account, state, key=key, tested=True, actor=actor)
    return checked


def _readable(key: Secret | None) -> Secret | None:
    """Return the key; None for one that no key of ours opens any more: it leaves no hash in the audit log."""
    try:
        if key and key.reveal():
            return key
        return None
    except CannotOpen:
        return None


def save(
    account: FathomAccount,
    *,
    api_key: str | None = None,
    webhook_secret: str | None = None,
    actor: Any,
    request: Any = None,
) -> str:
    """Store what was entered, as `accounts.save` does, try a new key, and say how that went.

    ValidationError by field, and nothing is stored, for what cannot be a key or a secret. And of a rep's own account
    for a key that Fathom refuses: whoever has such an account is no administrator who sees to it later.
    """
    tried = None
    if account.rep_id:
        tried = _tried_first(account, api_key, actor, request)
    accounts.save(account, api_key=api_key, webhook_secret=webhook_secret, actor=actor, request=request)
    if tried is not None:
        accounts.say_status(account, Connection.CONNECTED, key=tried, tested=True, actor=actor)
    return after_saving(account, actor=actor, request=request)


def _tried_first(account: FathomAccount, api_key: str | None, actor: Any, request: Any) -> Secret | None:
    """Return a new key that works; None where there is none, or where it could not be tried now."""
    key = _other_key(account, api_key)
    if key is None:
        return None
    try:
        config.check_key(key.reveal())
    except ValidationError as error:
        raise ValidationError({"api_key": error}) from error
    if throttles.take(TEST_SCOPE, f"user:{actor.pk}", tests_per_minute(), 60):
        return None
    checked = check(account, actor=actor, request=request, entered=key.reveal())
    if checked.key_refused:
        raise ValidationError({"api_key": ValidationError(checked.message, code="refused")})
    if not checked.success:
        return None
    return key


def after_saving(account: FathomAccount, *, actor: Any, request: Any = None) -> str:
    """What to say once something was saved: a key that is not known to work is tried first.

    That counts among the person's tests of this minute: after the last of them it is saved, and not tried.
    """
    if accounts.api_key(account) is not None and accounts.status(account) is not Connection.CONNECTED:
        if throttles.take(TEST_SCOPE, f"user:{actor.pk}", tests_per_minute(), 60):
            return with_webhook(account, str(SAVED_UNTRIED))
        try:
            checked = check(account, actor=actor, request=request)
        except turns.Busy:
            return with_webhook(account, str(SAVED_BUSY))
        if not checked.success:
            return with_webhook(account, str(SAVED_BUT) % {"why": checked.message})
    return with_webhook(account, str(SAVED))


def after_removing(account: FathomAccount) -> str:
    """Return what to say once the stored key was taken away: the environment's may stand behind it."""
    message = REMOVED
    if accounts.source(account) == "environment":
        message = ENVIRONMENTS
    return with_webhook(account, str(message))


def with_webhook(account: FathomAccount, message: str) -> str:
    """Return the same, and that our webhook at Fathom is another key's where it is."""
    if registration.is_of_another_key(account):
        return f"{message} {registration.OF_ANOTHER_KEY}"
    return message


def _other_key(account: FathomAccount, entered: str | None) -> Secret | None:
    """Return the key that was entered, where it is not the stored one (or a picture of it)."""
    text = (entered or "").strip()
    if not text or is_mask(text):
        return None
    if accounts.holds(account, Secret(text)):
        return None
    return Secret(text)


def _ask(account: FathomAccount, other: Secret | None, actor: Any) -> tuple[Checked, Connection | None, Secret | None]:
    """Return what came of it, what that says of the connection (None: nothing), and the key that was tried."""
    key = other or accounts.api_key(account)
    try:
        if other is not None:
            config.check_key(other.reveal())
        context = CallContext(
            organization_id=account.organization_id, function_name="fathom.test", triggered_by=str(actor)[:100]
        )
        client = FathomClient(account, key=other, context=context, limits=LIMITS)
        known = 0
        if not other:
            known = _known(account, client.key)
        return _connected(client.teams(), client.meetings(), known), Connection.CONNECTED, key
    except ValidationError as error:
        return _failed(FAILED, " ".join(error.messages)), None, key
    except NoKey as error:
        return _failed(NOT_CONFIGURED, error.message), None, key
    except RateLimited as error:
        return _failed(TOO_MANY, error.message), None, key
    except VendorError as error:
        bad = isinstance(error, BadCredentials) and error.status
        failed = Checked(
            success=False, error=FAILED, message=str(BAD_KEY) if bad else error.message, key_refused=bool(bad)
        )
        return failed, Connection.ERROR, key


def _known(account: FathomAccount, key: Secret) -> int:
    """The meetings that this key has listed, by the last check of each day."""
    return listing.count_listed(account, accounts.fingerprint(key))


def _connected(teams: Page, meetings: Page, known: int) -> Checked:
    names = [team.get("name") for team in teams.items if isinstance(team, dict)]
    count = len(meetings.items)
    if meetings.next_cursor:
        count = max(count, known)
    return Checked(
        success=True,
        message=str(CONNECTED),
        team_name=next((name for name in names if isinstance(name, str) and name), ""),
        calls_count=count,
        calls_count_is_exact=not meetings.next_cursor,
    )


def _failed(error: str, message: str) -> Checked:
    return Checked(success=False, error=error, message=message)
