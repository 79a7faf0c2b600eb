"""New tokens are written to a grant's row, sealed, with what the vendor says of them."""

import structlog
from django.utils import timezone

from core.masking import Secret
from core.secrets import crypto
from integrations.models import OAuthGrant
from integrations.oauth import hosts
from integrations.oauth.tokens import Tokens
from integrations.providers.base import Provider

logger = structlog.get_logger(__name__)


def keep(grant: OAuthGrant, provider: Provider, tokens: Tokens) -> None:
    """Write new tokens to a grant's row, which the caller has locked or just made."""
    grant.access_token = tokens.access
    if tokens.refresh is not None:
        grant.refresh_token = tokens.refresh
        grant.family = family_of(tokens.refresh)
    grant.expires_at = tokens.expires_at
    grant.scopes = tokens.scopes or grant.scopes
    grant.api_base = _api_base(provider, grant, tokens)
    grant.last_refreshed_at = timezone.now()
    grant.save()


def family_of(refresh: Secret) -> str:
    """Return what stands for a refresh token where it must not be."""
    return crypto.mac("oauth-family", refresh.reveal().encode("utf-8", "surrogatepass"))


def _api_base(provider: Provider, grant: OAuthGrant, tokens: Tokens) -> str:
    """Return where the API is: what the answer names, if it is the vendor's, else where it was."""
    oauth = provider.oauth
    learned = tokens.facts.get(oauth.api_base_from, "") if oauth else ""
    if oauth is None or not learned:
        return grant.api_base
    try:
        return hosts.checked(provider, oauth, learned)
    except hosts.ForeignHost:
        logger.warning("oauth_foreign_api_base", grant=str(grant.pk))
        return grant.api_base
