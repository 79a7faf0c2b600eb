"""Which integration a fresh grant is kept with: a new one, or the one that its account
is connected by already.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core import audit, vendors
from core.errors import VendorError
from core.masking import Secret
from core.models import User
from core.secrets.crypto import CannotOpen
from integrations.models import Integration, OAuthGrant, OAuthState
from integrations.models.integrations import LONGEST_NAME
from integrations.oauth import leaving
from integrations.oauth.declaring import ExternalAccount
from integrations.oauth.endpoints import Speaker
from integrations.oauth.problems import Problem
from integrations.oauth.storing import keep
from integrations.oauth.tokens import Tokens
from integrations.providers.base import Provider, context_of
from integrations.services import create, waiting
from integrations.services.creating import NotForRole
from integrations.tiers import TierLimit

LONGEST_ID: Final = 200
NOBODY: Final = ExternalAccount("", "")


@dataclass(frozen=True)
class Fresh:
    """A grant that was just given and is not kept yet; `origin` is the server that gave
    it, '' the usual.
    """

    tokens: Tokens
    origin: str
    account: ExternalAccount = NOBODY


def bind(
    speaker: Speaker,
    begun: OAuthState,
    integration: Integration | None,
    fresh: Fresh,
    *,
    actor: User,
    request: Any = None,
) -> Integration:
    """Keep a grant; Problem, and nothing changed, where it is another account's or may
    not be connected.
    """
    known = ""
    if integration is not None:
        known = _account_by_secret(speaker, integration)
    try:
        with transaction.atomic():
            if integration is None:
                made = _created(speaker.provider, begun, fresh, actor, request)
                grant, action = OAuthGrant(integration=made), "integration.connected"
            else:
                grant, action = _locked(integration), "integration.reconnected"
            known = grant.external_account_id or known
            if known and known != fresh.account.id[:LONGEST_ID]:
                raise Problem("other_account")
            replaced = grant.refresh_token
            _write(grant, speaker.provider, begun, fresh)
            _record(action, grant, actor, request)
            waiting.have_checked(grant.integration)
    except TierLimit as error:
        raise Problem("tier_limit") from error
    except (NotForRole, ValidationError) as error:
        raise Problem("not_yours") from error
    except Integration.DoesNotExist as error:
        # Deleted while the person was at the vendor.
        raise Problem("failed") from error
    account = grant.integration.account
    vendors.report(account, vendors.current(account), None, tested=True)
    _drop(speaker, grant, replaced)
    return grant.integration


def give_back(speaker: Speaker, fresh: Fresh) -> None:
    """Have the vendor take back a grant that is not kept, unless another
    integration lives by it.
    """
    tokens, account = fresh.tokens, fresh.account
    if speaker.oauth.revokes_for_all and not account.id:
        # Whose it is was not to be learned: what goes with it might be another integration's.
        return
    if not leaving.is_shared(speaker, account.id[:LONGEST_ID], tokens.refresh):
        leaving.revoke(speaker, fresh.origin, tokens.access, tokens.refresh)


def _created(
    provider: Provider, begun: OAuthState, fresh: Fresh, actor: User, request: Any
) -> Integration:
    """Make the integration, with the defaults of what nobody was asked for."""
    defaults = {field.name: field.default for field in provider.vendor.boxes if field.default}
    name = begun.name or f"{provider.name} · {fresh.account.name}".rstrip(" ·")
    made = create(
        begun.organization,
        actor,
        name=name.replace("\x00", "")[:LONGEST_NAME],
        kind=provider.types[0],
        given={**defaults, "provider": provider.key},
        is_complete=False,
        request=request,
    )
    return made.integration


def _locked(integration: Integration) -> OAuthGrant:
    """Return the grant's row, locked; a new one where there was none."""
    Integration.objects.select_for_update(of=("self",)).get(pk=integration.pk)
    rows = OAuthGrant.objects.select_for_update(of=("self",)).select_related("integration__account")
    return rows.filter(integration=integration).first() or OAuthGrant(integration=integration)


def _write(grant: OAuthGrant, provider: Provider, begun: OAuthState, fresh: Fresh) -> None:
    grant.external_account_id = fresh.account.id[:LONGEST_ID]
    grant.external_account_name = fresh.account.name.replace("\x00", "")[:LONGEST_NAME]
    grant.token_host, grant.place = fresh.origin, begun.place
    grant.state, grant.reason, grant.gone_at = OAuthGrant.State.LIVE, "", None
    grant.scopes = []
    grant.version += 1
    grant.last_refreshed_at = timezone.now()
    keep(grant, provider, fresh.tokens)


def _record(action: str, grant: OAuthGrant, actor: User, request: Any) -> None:
    audit.record(
        action,
        actor=actor,
        target=grant.integration,
        request=request,
        organization_id=grant.integration.organization_id,
        provider=grant.integration.provider,
        account=grant.external_account_name,
    )


def _account_by_secret(speaker: Speaker, integration: Integration) -> str:
    """Return whose account a pasted secret opens, where no grant says it;
    '' where it opens none.
    """
    values = vendors.current(integration.account)
    has_secret = any(isinstance(value, Secret) for value in values.values())
    is_known = OAuthGrant.objects.filter(integration=integration).exists()
    if is_known or not has_secret or speaker.provider.client is None:
        return ""
    try:
        client = speaker.provider.client(
            integration.account, values, context_of(integration.account, "oauth.whose")
        )
        return speaker.oauth.whose(client).id
    except VendorError:
        return ""


def _drop(speaker: Speaker, grant: OAuthGrant, replaced: Secret | None) -> None:
    """Have the vendor take back the grant that a new one has replaced:
    it keeps so many, and would drop others.
    """
    if replaced is None or speaker.oauth.revokes_for_all:
        return
    try:
        is_another = replaced != grant.refresh_token
    except CannotOpen:
        return
    if is_another and not leaving.is_shared(speaker, "", replaced):
        leaving.revoke(speaker, grant.token_host, None, replaced)
