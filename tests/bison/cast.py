"""Instances and workspaces of the stand-in, as Koppel has them."""

from typing import Any

from bison import instances
from bison.client import fingerprint
from bison.models import Instance, Workspace
from core import vendors
from sandbox.vendors.email_bison.cast import COMPANIES
from tests.bison.stand_in import MAVERICK, BisonVendor


def instance(vendor: BisonVendor, slug: str = MAVERICK, **values: str) -> Instance:
    """Return the instance, whose account has the stand-in's address and keys."""
    made = instances.create(slug, slug.replace("-", " ").title())
    entered = {
        "base_url": vendor.url(slug),
        "super_admin_key": vendor.admin(slug),
        "backup_key": vendor.backup(slug),
        **values,
    }
    vendors.save(made.account, entered, actor="test")
    return made


def workspace(
    of: Instance, number: int, vendor: BisonVendor | None = None, **columns: Any
) -> Workspace:
    """Return the workspace of this number; with `vendor`, it has the key of its own that it
    has from the start.
    """
    names = {company.id: company.name for company in COMPANIES[of.slug]}
    made = Workspace(
        instance=of, bison_workspace_id=number, workspace_name=names[number], **columns
    )
    if vendor is not None:
        key = vendor.key(number, of.slug)
        made.bison_api_key = key
        made.key_fingerprint = fingerprint(key)
        made.bison_api_key_type = Workspace.KeyType.WORKSPACE
        made.bison_api_key_status = Workspace.KeyStatus.ACTIVE
    made.save()
    return made
