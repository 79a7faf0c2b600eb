"""Who gets into the pages of Email Bison, what they may do on them,
and which tabs they may open.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bison import access
from dashboard.navigation import Item, Shell
from dashboard.views import person

TABS: Final = (
    (_("API keys"), "dashboard:workspaces", "key-round", access.SEE),
    (_("Webhooks"), "dashboard:workspace_webhooks", "link", access.SEE),
    (_("Deliveries"), "dashboard:workspace_events", "inbox", access.SEE_EVENTS),
    (_("Runway"), "dashboard:runway", "calendar-range", access.SEE),
    (_("Suppressions"), "dashboard:suppressions", "ban", access.SEE),
    (_("Audit logs"), "dashboard:workspace_calls", "file-text", access.SEE_CALLS),
    (_("Health"), "dashboard:workspace_health", "activity", access.SEE),
)


def tabs(request: HttpRequest) -> list[Item]:
    """Return the tabs that this person may open."""
    user = person(request)
    items = []
    for label, name, icon, permission in TABS:
        if access.may(user, permission):
            address = reverse(name)
            items.append(
                Item(
                    str(label), address, icon, request.path_info.rstrip("/") == address.rstrip("/")
                )
            )
    return items


@dataclass(frozen=True)
class May:
    """What the person may do here: each button asks."""

    user: Any

    def __getattr__(self, name: str) -> bool:
        """Tell whether they have the permission of this name in `bison.access`."""
        permission = getattr(access, name.upper(), None)
        if permission is None:
            raise AttributeError(name)
        return access.may(self.user, permission)


def entered(request: HttpRequest, permission: str) -> May:
    """Return what the person may do, or refuse: 404 for members,
    403 for staff without the permission.
    """
    if not Shell(request).is_staff:
        raise Http404
    if not access.may(person(request), permission):
        raise PermissionDenied
    return May(person(request))
