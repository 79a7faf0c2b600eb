"""What people change of a workspace's entry beside its key and its webhook."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.keys.slots import record
from bison.models import Workspace
from crm.models import Organization

CHANGEABLE: Final = (
    "api_notes",
    "requires_workspace_key",
    "organization_id",
    "bison_api_key_name",
    "bison_api_key_expires_at",
)
NO_ORGANIZATION: Final = _("There is no such organization.")
NO_KEY: Final = _("There is no key that this could be said of.")
PAST: Final = _("This moment is over. To end the key now, revoke it.")


def change(
    workspace: Workspace, values: Mapping[str, Any], *, actor: Any, request: Any = None
) -> list[str]:
    """Write what differs, all of it or nothing, and return the names of what was changed."""
    with transaction.atomic():
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        changed = [
            name for name in CHANGEABLE if name in values and values[name] != getattr(locked, name)
        ]
        _check(locked, {name: values[name] for name in changed})
        if not changed:
            return []
        for name in changed:
            setattr(locked, name, values[name])
        locked.save(update_fields=[*changed, "updated_at"])
        # Notes are for whoever reads the entry; the log says that they were changed.
        facts = {name: values[name] for name in changed if name != "api_notes"}
        record("bison.workspace_changed", locked, actor, request, fields=changed, values=facts)
    workspace.refresh_from_db()
    return changed


def _check(workspace: Workspace, changes: Mapping[str, Any]) -> None:
    errors: dict[str, ValidationError] = {}
    organization_id = changes.get("organization_id")
    if organization_id is not None and not Organization.objects.filter(pk=organization_id).exists():
        errors["organization_id"] = ValidationError(NO_ORGANIZATION, code="unknown")
    for name in ("bison_api_key_name", "bison_api_key_expires_at"):
        if changes.get(name) and workspace.bison_api_key is None:
            errors[name] = ValidationError(NO_KEY, code="no_key")
    expires_at = changes.get("bison_api_key_expires_at")
    if expires_at is not None and expires_at <= timezone.now():
        errors["bison_api_key_expires_at"] = ValidationError(PAST, code="past")
    if errors:
        raise ValidationError(errors)
