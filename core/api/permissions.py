"""Who may call: signed in (with a second factor where it is required),
and staff with a named permission.
"""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.api.errors import NotPermitted
from core.signin.second_factor import is_missing


class SignedIn(BasePermission):
    """A person, signed in; staff with their second factor set up where the house requires one."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if is_missing(request.user):
            raise NotPermitted(
                "second_factor_required",
                _("Set up your second factor first: open the site and sign in."),
            )
        return True


class _Staff(SignedIn):
    permission = ""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        return bool(request.user.is_staff and request.user.has_perm(self.permission))


def IsStaffWith(permission: str) -> type[BasePermission]:  # noqa: N802  it stands where classes stand
    """Make a permission: `permission_classes = [IsStaffWith("core.view_run")]`."""
    return type("IsStaffWith", (_Staff,), {"permission": permission})
