"""Who may see and change what belongs to Email Bison: staff, by their permissions.

Auditors, who read logs alone, have none of this app's permissions (core.signin.roles).
"""

from typing import Any, Final

from django.core.exceptions import PermissionDenied

from crm import access
from crm.access import Viewer

# What each permission is called; the first is asked of whoever looks.
SEE: Final = "bison.view_workspace"
CHANGE: Final = "bison.change_workspace"
TEST: Final = "bison.test_workspace"
GENERATE: Final = "bison.generate_key_workspace"
REVOKE: Final = "bison.revoke_key_workspace"
IMPORT: Final = "bison.import_keys_workspace"
SYNC: Final = "bison.sync_workspace"
WEBHOOK: Final = "bison.webhook_workspace"
EXPORT: Final = "bison.export_workspace"
SUPPRESS: Final = "bison.apply_suppression"
SEE_INSTANCES: Final = "bison.view_instance"
CHANGE_INSTANCES: Final = "bison.change_instance"
DISCOVER: Final = "bison.discover_instance"
USE_KEY: Final = "bison.use_key_instance"
SEE_CALLS: Final = "core.view_apicall"
EXPORT_CALLS: Final = "core.export_apicall"
SEE_EVENTS: Final = "core.view_inboundevent"
REPLAY: Final = "core.replay_inboundevent"


def may(user: Viewer, permission: str) -> bool:
    """Tell whether a person may do what the permission names:
    staff who see every organization, and have it.
    """
    return access.sees_everything(user) and user.has_perm(permission)


def require(user: Any, permission: str) -> None:
    """Raise PermissionDenied for a person who may not."""
    if not may(user, permission):
        raise PermissionDenied
