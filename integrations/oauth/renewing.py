"""A new access token in the place of one that ended: asked for by one worker at a time,
stored before it is used.

The row's lock is kept while the vendor is asked, in a transaction of its own: whoever waits for it
finds the token that another brought, and an error later on takes none back. It is the one call to a
vendor that is made in a transaction.

A time-out after sending says nothing of what the vendor did, so the old refresh token is tried once
more. Where the vendor has replaced it and the new one was lost on the way, it says that the grant
is gone, and so does Koppel.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from core import audit, vendors
from core.errors import LOST_KEY, BadCredentials, Temporary, VendorError
from core.http import turns
from core.masking import Secret
from core.secrets.crypto import CannotOpen
from integrations.models import OAuthGrant
from integrations.oauth import endpoints, hosts, rescuing
from integrations.oauth.endpoints import Speaker
from integrations.oauth.problems import GrantGone
from integrations.oauth.storing import keep
from integrations.oauth.tokens import Tokens
from integrations.providers.base import Provider

# A token that ends sooner is renewed before it is used.
LEEWAY: Final = timedelta(seconds=90)
# What another worker has just brought is used, however soon it ends, if it is good for a call.
SHORT: Final = timedelta(seconds=10)
# More than a renewal and its repetition may take: whoever waits longer tries again later.
LONGEST_WAIT: Final = "100s"
ACTOR: Final = "oauth"
_LOCK_NOT_TO_BE_HAD: Final = "55P03"
logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Token:
    """An access token, and which of the grant's it is."""

    secret: Secret
    version: int
    expires_at: datetime | None

    def ends_within(self, leeway: timedelta) -> bool:
        return self.expires_at is None or self.expires_at <= timezone.now() + leeway


@dataclass(frozen=True)
class _Given:
    """What the vendor gave for the grant as it was in this version."""

    version: int
    provider: Provider
    tokens: Tokens


def token_of(grant: OAuthGrant) -> Token:
    """Return the token that is in use; GrantGone where there is none."""
    if not grant.is_live or grant.access_token is None:
        raise GrantGone(grant.integration.account.vendor)
    return Token(grant.access_token, grant.version, grant.expires_at)


def renewed(grant_id: UUID, seen: int, *, vendor: str = ACTOR) -> Token:
    """Return a token newer than the one of version `seen`, asked for only where nobody else has.

    GrantGone where the vendor takes the grant no longer; that is kept, and reported with
    an incident. The same where its integration was deleted meanwhile: then there is
    nothing to report of.
    """
    turns.take()
    try:
        return _renewed(grant_id, seen, vendor)
    except OAuthGrant.DoesNotExist:
        raise GrantGone(vendor) from None


def _renewed(grant_id: UUID, seen: int, vendor: str) -> Token:
    given: list[_Given] = []
    try:
        with transaction.atomic(durable=True):
            grant = _locked(grant_id)
            found = _under_lock(grant, seen, given)
    except rescuing.LOST_CONNECTION as error:
        if given:
            return rescuing.insistently(lambda: _stored_late(grant_id, given[0]), error)
        if getattr(error.__cause__, "sqlstate", "") != _LOCK_NOT_TO_BE_HAD:
            raise
        raise Temporary(vendor) from error
    if isinstance(found, Token):
        return found
    if isinstance(found, GrantGone):
        report_gone(grant, found)
    raise found


def report_gone(grant: OAuthGrant, failure: VendorError) -> None:
    """Report that the connection is broken, which opens its incident."""
    account = grant.integration.account
    vendors.report(account, vendors.current(account), failure.saying)


def mark_gone(grant: OAuthGrant, reason: str) -> None:
    """Write down that a grant is gone; its row is locked by the caller."""
    grant.state, grant.reason, grant.gone_at = OAuthGrant.State.GONE, reason, timezone.now()
    grant.save(update_fields=["state", "reason", "gone_at"])
    audit.record(
        "integration.grant_gone",
        actor=ACTOR,
        target=grant.integration,
        organization_id=grant.integration.organization_id,
        provider=grant.integration.provider,
        reason=reason,
    )


def speaker_of(grant: OAuthGrant) -> Speaker:
    """Return on whose behalf the vendor is asked; LookupError where nobody declares it any more."""
    # Not above: it has the providers, and their clients ask for our auth.
    from integrations import registry  # noqa: PLC0415

    provider = registry.provider_of(grant.integration)
    if provider.oauth is None:
        raise LookupError(f"Nobody signs in at {provider.key} any more")
    return Speaker(
        provider, provider.oauth, grant.integration.organization_id, grant.integration_id
    )


def _locked(grant_id: UUID) -> OAuthGrant:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LONGEST_WAIT])
    rows = OAuthGrant.objects.select_for_update(of=("self",))
    return rows.select_related("integration__account").get(pk=grant_id)


def _under_lock(grant: OAuthGrant, seen: int, given: list[_Given]) -> Token | VendorError:
    """Return the token, or why there is none: raised within the transaction,
    what it wrote would be lost.
    """
    vendor = grant.integration.account.vendor
    if not grant.is_live or grant.refresh_token is None:
        return GrantGone(vendor)
    if grant.version != seen and not grant.ends_within(SHORT):
        return token_of(grant)
    speaker = speaker_of(grant)
    try:
        tokens = _asked(speaker, grant)
    except CannotOpen:
        return BadCredentials(vendor, LOST_KEY)
    except GrantGone as error:
        mark_gone(grant, OAuthGrant.Reason.REFUSED)
        return error
    except VendorError as error:
        return error
    given.append(_Given(grant.version, speaker.provider, tokens))
    grant.version += 1
    keep(grant, speaker.provider, tokens)
    return token_of(grant)


def _stored_late(grant_id: UUID, given: _Given) -> Token:
    """Store what the connection was lost with; another who used the old token meanwhile may
    have been refused.
    """
    with transaction.atomic(durable=True):
        grant = _locked(grant_id)
        is_renewed = grant.is_live and grant.version != given.version
        if not is_renewed and grant.reason in ("", OAuthGrant.Reason.REFUSED):
            grant.state, grant.reason, grant.gone_at = OAuthGrant.State.LIVE, "", None
            grant.version += 1
            keep(grant, given.provider, given.tokens)
    return token_of(grant)


def _asked(speaker: Speaker, grant: OAuthGrant) -> Tokens:
    """Ask for new tokens; a second time where nobody knows what became of the first."""
    address = hosts.token(speaker.provider, speaker.oauth, grant.token_host)
    try:
        return endpoints.renew(speaker, address, grant.refresh_token)
    except Temporary as error:
        if error.status is not None:
            raise
        logger.info("oauth_renewal_unknown", grant=str(grant.pk))
        return endpoints.renew(speaker, address, grant.refresh_token)
