"""The one rule that says with which key a workspace is called.

Its own where it has one that is active. Else the instance's super-admin key, unless the workspace
requires its own: then the call is refused before it is made. A key of its own that was revoked or
has expired is not used.
"""

from dataclasses import dataclass
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison import instances
from bison.client import VENDOR
from bison.models import Workspace
from core import vendors
from core.errors import BadCredentials, Misconfigured
from core.masking import Secret

NO_OWN_KEY: Final = _(
    "This workspace requires a key of its own, and has none. Have one made, or enter it."
)
NO_KEY: Final = _(
    "There is no key for this workspace: neither its own nor the instance's. Enter one."
)
NO_ADDRESS: Final = _("The instance has no address yet. Enter it first.")


class MustHaveItsOwn(BadCredentials):
    """The workspace may not be called with the super-admin key."""

    text = NO_OWN_KEY


class NoKey(BadCredentials):
    """There is no key at all."""

    text = NO_KEY


@dataclass(frozen=True, slots=True)
class Chosen:
    """The key that a workspace is called with. `is_shared`: it acts wherever its user is,
    so it has to be moved.
    """

    address: str
    key: Secret
    key_type: str
    is_shared: bool


def key_for(workspace: Workspace, values: vendors.Values | None = None) -> Chosen:
    """Return the key to use, or raise MustHaveItsOwn, NoKey or Misconfigured.

    `values` are those of the instance's account, where the caller has them for many workspaces.
    """
    if values is None:
        values = vendors.current(workspace.instance.account)
    address = values.text("base_url")
    if not address:
        raise Misconfigured(VENDOR, NO_ADDRESS)
    if workspace.has_key and not is_expired(workspace):
        key_type = workspace.bison_api_key_type or Workspace.KeyType.WORKSPACE
        is_shared = key_type == Workspace.KeyType.SUPER_ADMIN
        return Chosen(address, workspace.bison_api_key, key_type, is_shared)
    if workspace.requires_workspace_key:
        raise MustHaveItsOwn(VENDOR)
    try:
        key = instances.active_key(values)
    except KeyError as error:
        raise NoKey(VENDOR) from error
    return Chosen(address, key, Workspace.KeyType.SUPER_ADMIN, is_shared=True)


def is_expired(workspace: Workspace) -> bool:
    """Tell whether the workspace's own key is past its end."""
    expires_at = workspace.bison_api_key_expires_at
    return expires_at is not None and expires_at <= timezone.now()
