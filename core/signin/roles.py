"""What staff may do: one table of groups, made and kept by `migrate`.

The table speaks of kinds of permission, not of models, so that a model added next year is covered
on the day its migration runs. The three groups belong to this file: what was changed in them by
hand is put right by the next migrate.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext_lazy as _

OPERATIONS_ADMIN: Final = "Operations admin"
OPERATIONS_VIEWER: Final = "Operations viewer"
AUDITOR: Final = "Auditor"

# Not ours, but what operations live on: the timetable, lock-outs, second factors,
# what was changed in the admin.
_TOOLS: Final = {"django_celery_beat", "axes", "mfa", "admin", "auth"}
# Who looked, tried and changed: for those who check on others, not for everybody who may look.
_ABOUT_PEOPLE: Final = {
    "core.auditevent",
    "core.audithead",
    "admin.logentry",
    "axes.accessattempt",
    "axes.accessattemptexpiration",
    "axes.accessfailurelog",
    "axes.accesslog",
    "mfa.authenticator",
}
# What auditors know by its logs alone.
_BY_ITS_LOGS: Final = {"bison"}
_CHANGEABLE_TOOLS: Final = {"django_celery_beat"}
_DELETABLE_TOOLS: Final = {"axes", "mfa"}


def _admin(app: str, model: str, action: str) -> bool:
    if app not in _TOOLS:
        return True
    if action == "view" or app in _CHANGEABLE_TOOLS:
        return True
    return action == "delete" and app in _DELETABLE_TOOLS


def _viewer(app: str, model: str, action: str) -> bool:
    return action == "view" and f"{app}.{model}" not in _ABOUT_PEOPLE


def _auditor(app: str, model: str, action: str) -> bool:
    if app in _BY_ITS_LOGS:
        return False
    return action == "view" or (model, action) == ("auditevent", "export")


ROLES: Final[dict[str, Callable[[str, str, str], bool]]] = {
    OPERATIONS_ADMIN: _admin,
    OPERATIONS_VIEWER: _viewer,
    AUDITOR: _auditor,
}
DESCRIPTIONS: Final = {
    OPERATIONS_ADMIN: _(
        "Everything: change, test, replay, export, and read a secret in full (which is audited)."
    ),
    OPERATIONS_VIEWER: _(
        "Looks at everything but the audit log; changes nothing and sees no secret."
    ),
    AUDITOR: _("Looks at everything, the audit log included, and exports it; changes nothing."),
}


def allows(role: str, permission: Permission) -> bool:
    """Tell whether the role's table grants this permission."""
    content_type = permission.content_type
    action = permission.codename.rpartition("_")[0] or permission.codename
    return ROLES[role](content_type.app_label, content_type.model, action)


def covers(app: AppConfig) -> bool:
    """Tell whether the roles speak of this app: each of ours (a folder of the project),
    and the tools.
    """
    return app.label in _TOOLS or Path(app.path).parent == Path(settings.BASE_DIR)


def keep(sender: AppConfig, using: str = "default", **_signal: Any) -> None:
    """Bring the three groups' permissions on one app's models to what the table says
    (post_migrate of that app).
    """
    if not covers(sender):
        return
    with transaction.atomic(using=using):
        permissions = Permission.objects.using(using).filter(content_type__app_label=sender.label)
        known = list(permissions.select_related("content_type"))
        for name in ROLES:
            group, _made = Group.objects.using(using).get_or_create(name=name)
            wanted = {permission.pk for permission in known if allows(name, permission)}
            granted = set(
                group.permissions.filter(content_type__app_label=sender.label).values_list(
                    "pk", flat=True
                )
            )
            group.permissions.add(*wanted - granted)
            group.permissions.remove(*granted - wanted)
