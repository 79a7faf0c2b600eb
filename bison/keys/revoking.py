"""A key is used no more. Email Bison has no call that takes a token back:
it has to be deleted in its app as well.
"""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bison.keys import slots
from bison.models import Workspace
from core import incidents
from core.masking import BULLETS, Secret, mask_bison_key
from core.secrets.crypto import CannotOpen

REVOKED: Final = _(
    "The key is used no more. Email Bison lets nobody revoke keys from outside, so delete "
    "“%(name)s” there too: Settings, Developer API."
)
NOW_SHARED: Final = _(
    "Calls for this workspace are made with the super-admin key until it has a key again."
)
NOW_NONE: Final = _(
    "This workspace requires a key of its own: calls for it are refused until it has a key again."
)
NO_KEY: Final = _("This workspace has no key of its own that could be revoked.")
UNNAMED: Final = _("API key")


def revoke(workspace: Workspace, *, actor: Any, request: Any = None, because: str = "") -> str:
    """Let go of the key in use and of the one that waits, and return what is left
    for a person to do.

    ValidationError where there is no key. Its fingerprint is kept, so that it is not entered
    again by mistake.
    """
    with transaction.atomic():
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        if locked.bison_api_key is None and locked.next_api_key is None:
            raise ValidationError({"api_key": ValidationError(NO_KEY, code="no_key")})
        mask = mask_of(locked.bison_api_key)
        name = locked.bison_api_key_name
        locked.bison_api_key = None
        locked.bison_api_key_status = Workspace.KeyStatus.REVOKED
        locked.bison_api_key_scopes = []
        locked.bison_api_key_expires_at = None
        slots.empty(locked)
        locked.save(update_fields=[*slots.IN_USE, *slots.NEXT, "updated_at"])
        slots.record(
            "bison.key_revoked", locked, actor, request, key=mask, key_name=name, because=because
        )
    workspace.refresh_from_db()
    incidents.close(expiry_cause(workspace))
    after = NOW_NONE if workspace.requires_workspace_key else NOW_SHARED
    return f"{REVOKED % {'name': name or mask or UNNAMED}} {after}"


def expiry_cause(workspace: Workspace) -> str:
    """Return what an incident about the end of this workspace's key is known by."""
    return f"bison_key_expiry:{workspace.pk}"


def mask_of(key: Secret | None) -> str:
    """Return a key as it may be shown; '' for none, bullets for one that cannot
    be opened any more.
    """
    try:
        if key is None:
            return ""
        return mask_bison_key(key.reveal())
    except CannotOpen:
        return BULLETS
