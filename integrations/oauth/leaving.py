"""Taking grants back: at the vendor, then here."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit, vendors
from core.errors import VendorError
from core.http import turns
from core.masking import Secret
from core.secrets.crypto import CannotOpen
from core.vendors.status import forget
from core.words.sayings import Text
from integrations.models import Integration, OAuthGrant
from integrations.oauth import endpoints, hosts
from integrations.oauth.declaring import ACCESS, REFRESH, ExternalAccount
from integrations.oauth.endpoints import Speaker
from integrations.oauth.problems import GrantGone
from integrations.oauth.renewing import mark_gone, report_gone, speaker_of
from integrations.oauth.storing import family_of
from integrations.providers.base import Provider

DONE: Final = _(
    "Disconnected. The access was taken back at the service, and its secrets were deleted here."
)
ONLY_HERE: Final = _(
    "Disconnected, and the secrets were deleted here. The service could not be asked to take the "
    "access back: remove Koppel in its settings."
)
SHARED: Final = _(
    "Disconnected, and the secrets were deleted here. Another integration uses the same access, so "
    "it stays in force at the service."
)
NOTHING: Final = _(
    "Disconnected. The secrets were deleted here; at the service there was nothing to take back."
)


@dataclass(frozen=True)
class Disconnected:
    """What came of it: whether the vendor took the grant back, in words."""

    is_revoked: bool
    message: Text

    @property
    def is_left_there(self) -> bool:
        """Tell whether the access is still in force at the vendor,
        though nobody uses it any more.
        """
        return self.message is ONLY_HERE


def disconnect(integration: Integration, *, actor: Any, request: Any = None) -> Disconnected:
    """Have the grant taken back at the vendor and delete its secrets here;
    whose account it was stays known.

    First the grant is out of use, then the vendor is asked, then its tokens are deleted:
    whoever dies in between leaves a grant that nothing uses, and `finish` brings it to its end.
    """
    turns.take()
    grant, found = _ended(integration)
    with transaction.atomic():
        if grant is not None:
            erase(grant)
        _remove_pasted(integration, actor, request)
        audit.record(
            "integration.disconnected",
            actor=actor,
            target=integration,
            request=request,
            organization_id=integration.organization_id,
            provider=integration.provider,
            revoked=found.is_revoked,
        )
    forget(integration.account)
    return found


def revoke_at_vendor(integration: Integration) -> Disconnected:
    """Have the vendor take the grant back before its row is deleted with its integration."""
    turns.take()
    _grant, found = _ended(integration)
    return found


def uninstalled(provider: Provider, account: ExternalAccount) -> int:
    """Note that the vendor has let this account's app go: its grants are gone,
    and their integrations say so.
    """
    rows = OAuthGrant.objects.filter(
        state=OAuthGrant.State.LIVE,
        integration__provider=provider.key,
        external_account_id=account.id,
    )
    gone = 0
    for grant_id in list(rows.values_list("pk", flat=True)):
        with transaction.atomic():
            grant = (
                rows.select_for_update(of=("self",))
                .select_related("integration__account")
                .filter(pk=grant_id)
                .first()
            )
            if grant is not None:
                mark_gone(grant, OAuthGrant.Reason.UNINSTALLED)
                erase(grant)
        if grant is not None:
            report_gone(grant, GrantGone(provider.vendor.key))
            gone += 1
    return gone


def finish() -> int:
    """Bring to their end the disconnections that somebody died in the middle of."""
    left = OAuthGrant.objects.filter(reason=OAuthGrant.Reason.DISCONNECTED).exclude(
        access_token=None, refresh_token=None
    )
    rows = list(left.select_related("integration__account"))
    for grant in rows:
        _taken_back(grant)
        with transaction.atomic():
            erase(grant)
    return len(rows)


def revoke(speaker: Speaker, origin: str, access: Secret | None, refresh: Secret | None) -> bool:
    """Have the vendor take these tokens back, and tell whether it did."""
    address = hosts.revoke(speaker.provider, speaker.oauth, origin)
    tokens = {ACCESS: access, REFRESH: refresh}
    try:
        for kind in speaker.oauth.revokes:
            token = tokens[kind]
            if token is not None:
                endpoints.revoke(speaker, address, token, kind)
    except (VendorError, CannotOpen):
        return False
    return True


def is_shared(
    speaker: Speaker, account_id: str, refresh: Secret | None, *, but: Any = None
) -> bool:
    """Tell whether another integration would lose its access, were this grant taken back."""
    others = OAuthGrant.objects.filter(
        state=OAuthGrant.State.LIVE, integration__provider=speaker.provider.key
    ).exclude(pk=but)
    if speaker.oauth.revokes_for_all:
        return others.filter(external_account_id=account_id).exists()
    return refresh is not None and others.filter(family=family_of(refresh)).exists()


def erase(grant: OAuthGrant) -> None:
    """Delete a grant's tokens."""
    grant.access_token = grant.refresh_token = None
    grant.family = ""
    grant.save(update_fields=["access_token", "refresh_token", "family"])


def _ended(integration: Integration) -> tuple[OAuthGrant | None, Disconnected]:
    """Put the grant out of use, have the vendor take it back, and return what came of that."""
    grant = _out_of_use(integration)
    if grant is None:
        return None, Disconnected(is_revoked=False, message=NOTHING)
    return grant, _taken_back(grant)


def _out_of_use(integration: Integration) -> OAuthGrant | None:
    with transaction.atomic():
        rows = OAuthGrant.objects.select_for_update(of=("self",)).select_related(
            "integration__account"
        )
        grant = rows.filter(integration=integration).first()
        if grant is not None:
            grant.state, grant.reason = OAuthGrant.State.GONE, OAuthGrant.Reason.DISCONNECTED
            grant.gone_at = timezone.now()
            grant.save(update_fields=["state", "reason", "gone_at"])
    return grant


def _taken_back(grant: OAuthGrant) -> Disconnected:
    if grant.access_token is None and grant.refresh_token is None:
        return Disconnected(is_revoked=False, message=NOTHING)
    try:
        speaker = speaker_of(grant)
        shared = is_shared(speaker, grant.external_account_id, grant.refresh_token, but=grant.pk)
    except (CannotOpen, LookupError):
        return Disconnected(is_revoked=False, message=ONLY_HERE)
    if shared:
        return Disconnected(is_revoked=False, message=SHARED)
    if revoke(speaker, grant.token_host, grant.access_token, grant.refresh_token):
        return Disconnected(is_revoked=True, message=DONE)
    return Disconnected(is_revoked=False, message=ONLY_HERE)


def _remove_pasted(integration: Integration, actor: Any, request: Any) -> None:
    """Delete the secrets that people typed, and those that wait."""
    account = integration.account
    kept = vendors.stored(account)
    vendor = vendors.find(account.vendor)
    fields = [field.name for field in vendor.boxes if field.secret] if vendor else []
    vendors.discard_next(account, actor=actor, request=request)
    gone = {name: "" for name in fields if name in kept}
    if gone:
        vendors.store(account, gone, actor=actor, request=request, insist=True)
