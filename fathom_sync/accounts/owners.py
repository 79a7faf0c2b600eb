"""The accounts there are: the installation's, organizations' own, reps' own,
and where the values of each lie.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, prefetch_related_objects

from core import vendors
from core.models import VendorAccount, VendorSecret
from crm.models import Organization, SalesRep
from fathom_sync.accounts import config
from fathom_sync.models import FathomAccount


def installation() -> FathomAccount:
    """Return the account that serves every organization."""
    return _row(None, None)


def account_for(owner: Organization | SalesRep | None) -> FathomAccount:
    """Return an organization's own account, a rep's own, or (None) the installation's;
    made when first asked for.
    """
    if isinstance(owner, SalesRep):
        return _row(owner.organization_id, owner.pk)
    if owner is None:
        return _row(None, None)
    return _row(owner.pk, None)


def link_of(account: FathomAccount, *, makes: bool = False) -> VendorAccount:
    """Return where core.vendors keeps the account's values and state: under the same id.

    With `makes` it is stored when it is first asked for.
    """
    found = VendorAccount.objects.filter(pk=account.pk).first()
    if found is None and makes:
        # Two that ask at once: one row is made, both get it.
        VendorAccount.objects.bulk_create([_new_link(account)], ignore_conflicts=True)
        found = VendorAccount.objects.get(pk=account.pk)
    return found or _new_link(account)


def links_of(accounts: Iterable[FathomAccount]) -> dict[UUID, VendorAccount]:
    """Return the same of many, with what is stored in them, read at once."""
    wanted = {account.pk: account for account in accounts}
    stored = VendorAccount.objects.in_bulk(list(wanted))
    found = {pk: stored.get(pk) or _new_link(account) for pk, account in wanted.items()}
    prefetch_related_objects(list(found.values()), "secrets")
    return found


def forget_link(instance: FathomAccount, **_named: Any) -> None:
    """Remove what is stored of an account that is gone, whatever took it away."""
    VendorAccount.objects.filter(pk=instance.pk).delete()


def name_of(link: VendorAccount) -> str:
    """Return the name of the account whose values these are."""
    rows = FathomAccount.objects.select_related("organization", "rep")
    account = rows.filter(pk=link.pk).first() or FathomAccount(label=link.label)
    return str(account)


def with_keys() -> QuerySet[FathomAccount]:
    """Return the accounts in which a key is stored."""
    keys = VendorSecret.objects.filter(
        account__vendor=config.VENDOR, field=config.API_KEY, slot=VendorSecret.Slot.CURRENT
    )
    return FathomAccount.objects.filter(pk__in=keys.values("account"))


def configured() -> list[FathomAccount]:
    """Return every account that has a key: the installation's first,
    then organizations' and reps' own.
    """
    stored = list(_in_use().select_related("organization", "rep"))
    found = [account for account in stored if account.organization_id is None]
    if not found and _has_environment_key():
        found = [installation()]
    owned = [
        account for account in stored if account.organization is not None and account.rep_id is None
    ]
    found += sorted(owned, key=_age_of_organization)
    return [*found, *(account for account in stored if account.rep_id)]


def is_linked(organization_id: UUID | None) -> bool:
    """Return whether any key brings this organization's calls; None: anybody's."""
    if _has_environment_key():
        return True
    found = _in_use()
    if organization_id is not None:
        found = found.filter(Q(organization=None) | Q(organization_id=organization_id))
    return found.exists()


def serving(organization_id: UUID | None) -> list[FathomAccount]:
    """Return the accounts with a key that bring this organization's meetings;
    for None all there are.
    """
    found = configured()
    if organization_id is None:
        return found
    return [account for account in found if account.organization_id in (None, organization_id)]


def _in_use() -> QuerySet[FathomAccount]:
    return with_keys().filter(Q(rep=None) | Q(rep__archived_at=None))


def _has_environment_key() -> bool:
    vendor = vendors.find(config.VENDOR)
    return bool(vendor and vendors.in_environment(vendor.field(config.API_KEY)))


def _age_of_organization(account: FathomAccount) -> tuple[object, ...]:
    organization = account.organization
    return (organization and organization.created_at, account.organization_id)


def _new_link(account: FathomAccount) -> VendorAccount:
    label = str(account.rep_id or "")
    return VendorAccount(
        id=account.pk, vendor=config.VENDOR, organization_id=account.organization_id, label=label
    )


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
