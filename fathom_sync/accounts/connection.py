"""The connection of an account, as its page and its API ask of it:
saved, tried, and what is said of that.
"""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import settings_store, vendors
from core.api import throttles
from core.connections import Connection, TestResult
from core.errors import Incomplete, RateLimited
from core.http import turns
from core.masking import Secret, is_mask
from core.secrets.crypto import CannotOpen
from fathom_sync import accounts
from fathom_sync.accounts import config, registration
from fathom_sync.accounts.vendor import KeyRefused
from fathom_sync.models import FathomAccount

SAVED = _("Configuration updated successfully")
SAVED_BUT = _("The key is saved, but the connection failed: %(why)s")
SAVED_UNTRIED = _(
    "The key is saved and was not tested: you tested often enough for the moment. Test "
    "it in a minute."
)
SAVED_BUSY = _(
    "The key is saved and was not tested: too many are waiting for other services at this moment. "
    "Test it in a minute."
)
TEST_SCOPE: Final = "fathom-test"
REMOVED = _("The key is removed.")
ENVIRONMENTS = _(
    "The stored key is removed. The key of the server's environment is used now; it is "
    "removed there."
)
FAILED: Final = "Connection failed"
NOT_CONFIGURED: Final = "Not configured"
TOO_MANY: Final = "Rate limited"


def tests_per_minute() -> int:
    """Return how often one person may try a connection; as often as ever where what was set cannot
    be read any more.
    """
    try:
        return int(settings_store.get(config.TESTS_PER_MINUTE) or config.DEFAULT_TESTS)
    except CannotOpen:
        return config.DEFAULT_TESTS


def check(
    account: FathomAccount, *, actor: Any, request: Any = None, entered: str | None = None
) -> TestResult:
    """Try the stored key, or one that was `entered` and is not stored:
    that one leaves the account's status alone.

    Busy is raised, and nothing kept, where too many wait for vendors.
    """
    others = None
    key = _other_key(account, entered)
    if key is not None:
        others = {config.API_KEY: key}
    return vendors.check(
        accounts.link_of(account, makes=True), actor=actor, request=request, others=others
    )


def error_of(result: TestResult) -> str:
    """Return what the API calls the failure; '' where there was none."""
    if result.success:
        return ""
    if isinstance(result.failure, Incomplete):
        return NOT_CONFIGURED
    if isinstance(result.failure, RateLimited):
        return TOO_MANY
    return FAILED


def save(
    account: FathomAccount,
    *,
    api_key: str | None = None,
    webhook_secret: str | None = None,
    insist: bool = False,
    actor: Any,
    request: Any = None,
) -> str:
    """Store what was entered, as `accounts.save` does, try a new key, and say how that went.

    A new key waits beside one that works until it has worked itself, or the person insists.
    ValidationError by field, and nothing is stored, for what cannot be a key or a secret. And of a
    rep's own account for a key that Fathom refuses, whoever insists: who has such an account is no
    administrator who sees to it later.
    """
    tried = None
    if account.rep_id:
        tried = _tried_first(account, api_key, actor, request)
        insist = tried is not None
    stored = accounts.save(
        account,
        api_key=api_key,
        webhook_secret=webhook_secret,
        insist=insist,
        actor=actor,
        request=request,
    )
    if tried is not None:
        accounts.say_status(account, Connection.CONNECTED, key=tried, tested=True)
    return with_webhook(
        account, _after_saving(account, waits=stored.waits, actor=actor, request=request)
    )


def use_next(account: FathomAccount, *, actor: Any, request: Any = None) -> vendors.Saved:
    """Put in use the key that waits, whether it works or not;
    in a rep's own account only where it does.
    """
    link = accounts.link_of(account, makes=True)
    return vendors.use_next(link, actor=actor, request=request, insist=not account.rep_id)


def _tried_first(
    account: FathomAccount, api_key: str | None, actor: Any, request: Any
) -> Secret | None:
    """Return a new key that works; None where there is none, or where it could not be tried now."""
    key = _other_key(account, api_key)
    if key is None:
        return None
    try:
        config.check_key(key.reveal())
    except ValidationError as error:
        raise ValidationError({"api_key": error}) from error
    if _is_too_often(actor):
        return None
    result = check(account, actor=actor, request=request, entered=key.reveal())
    if isinstance(result.failure, KeyRefused):
        raise ValidationError({"api_key": ValidationError(result.message, code="refused")})
    if not result.success:
        return None
    return key


def _after_saving(account: FathomAccount, *, waits: bool, actor: Any, request: Any) -> str:
    """Return what to say once something was saved: a key that is not known to work is tried first.

    That counts among the person's tests of this minute: after the last of them
    it is saved, and not tried.
    """
    link = accounts.link_of(account)
    is_known = vendors.state_of(link).is_connected or config.API_KEY not in vendors.current(link)
    if is_known and not waits:
        return str(SAVED)
    if _is_too_often(actor):
        return str(SAVED_UNTRIED)
    try:
        turns.take()
    except turns.Busy:
        return str(SAVED_BUSY)
    if waits:
        saved = vendors.use_next(link, actor=actor, request=request, insist=False)
        return saved.message if saved.waits else str(SAVED)
    result = check(account, actor=actor, request=request)
    if not result.success:
        return str(SAVED_BUT) % {"why": result.message}
    return str(SAVED)


def after_removing(account: FathomAccount) -> str:
    """Return what to say once the stored key was taken away:
    the environment's may stand behind it.
    """
    message = REMOVED
    if accounts.source(account) == "environment":
        message = ENVIRONMENTS
    return with_webhook(account, str(message))


def with_webhook(account: FathomAccount, message: str) -> str:
    """Return the same, and that our webhook at Fathom is another key's where it is."""
    if registration.is_of_another_key(account):
        return f"{message} {registration.OF_ANOTHER_KEY}"
    return message


def _is_too_often(actor: Any) -> bool:
    return bool(throttles.take(TEST_SCOPE, f"user:{actor.pk}", tests_per_minute(), 60))


def _other_key(account: FathomAccount, entered: str | None) -> Secret | None:
    """Return the key that was entered, where it is not the stored one (or a picture of it)."""
    text = (entered or "").strip()
    if not text or is_mask(text):
        return None
    key = Secret(text)
    try:
        if accounts.api_key(account) == key:
            return None
    except CannotOpen:
        return key
    return key
