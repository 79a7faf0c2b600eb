"""The accounts there are: the installation's, organizations' own, reps' own."""

from uuid import UUID

from core import settings_store
from core.models import SystemSetting
from crm.models import Organization, SalesRep
from fathom_sync.accounts import config
from fathom_sync.models import FathomAccount


def installation() -> FathomAccount:
    """Return the account that serves every organization."""
    return _row(None, None)


def account_for(owner: Organization | SalesRep | None) -> FathomAccount:
    """Return an organization's own account, a rep's own, or (None) the installation's; made when first asked for."""
    if isinstance(owner, SalesRep):
        return _row(owner.organization_id, owner.pk)
    if owner is None:
        return _row(None, None)
    return _row(owner.pk, None)


def configured() -> list[FathomAccount]:
    """Return every account that has a key: the installation's first, then organizations' and reps' own."""
    found = []
    if settings_store.get(config.API_KEY):
        found = [installation()]
    stored = SystemSetting.objects.filter(setting_key=config.API_KEY, organization_id__isnull=False)
    owners = Organization.objects.filter(pk__in=stored.values("organization_id")).order_by("created_at", "pk")
    found += [account_for(owner) for owner in owners]
    reps = FathomAccount.objects.filter(own_api_key__isnull=False, rep__archived_at=None, rep__isnull=False)
    return [*found, *reps.select_related("organization", "rep")]


def is_linked(organization_id: UUID | None) -> bool:
    """Return whether any key brings this organization's calls; None: anybody's."""
    if settings_store.get(config.API_KEY, organization_id):
        return True
    reps = FathomAccount.objects.filter(own_api_key__isnull=False, rep__archived_at=None, rep__isnull=False)
    if organization_id is not None:
        return reps.filter(organization_id=organization_id).exists()
    own = SystemSetting.objects.filter(setting_key=config.API_KEY, organization_id__isnull=False)
    return reps.exists() or own.exists()


def serving(organization_id: UUID | None) -> list[FathomAccount]:
    """Return the accounts with a key that bring this organization's meetings; for None all there are."""
    found = configured()
    if organization_id is None:
        return found
    return [account for account in found if account.organization_id in (None, organization_id)]


def _row(organization_id: UUID | None, rep_id: UUID | None) -> FathomAccount:
    """Return the owner's row, made when first asked for."""
    rows = FathomAccount.objects.select_related("organization", "rep")
    owner = {"organization_id": organization_id, "rep_id": rep_id}
    found = rows.filter(**owner).first()
    if found is None:
        # Two that ask at once: one row is made, both get it.
        FathomAccount.objects.bulk_create([FathomAccount(**owner)], ignore_conflicts=True)
        found = rows.get(**owner)
    return found
