"""Sign-in, second factor and password, as the audit log sees them:
it listens, so that no way in can forget to tell.
"""

from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from core import audit
from core.api.paths import is_api
from core.models import User
from core.signin import lockout_name

audit.ACTIONS.update(
    {
        "second_factor.added": _("A second factor or a set of recovery codes was made"),
        "second_factor.removed": _("A second factor or a set of recovery codes was removed"),
    }
)


@receiver(auth.user_logged_in)
def _signed_in(request: Any, user: User, **_signal: Any) -> None:
    with transaction.atomic():
        audit.record(
            "session.signed_in", actor=user, target=user, request=request, way=_way(request)
        )


@receiver(auth.user_logged_out)
def _signed_out(request: Any, user: User | None, **_signal: Any) -> None:
    if user is not None:
        with transaction.atomic():
            audit.record(
                "session.signed_out", actor=user, target=user, request=request, way=_way(request)
            )


@receiver(auth.user_login_failed)
def _refused(credentials: dict[str, Any], request: Any = None, **_signal: Any) -> None:
    # The name is recorded only when it is somebody's: people type passwords into the name field.
    user = User.objects.filter(username__iexact=lockout_name(request, credentials)).first()
    what = "password"
    if credentials.get("second_factor"):
        what = "second factor"
    with transaction.atomic():
        audit.record(
            "session.refused", actor="", target=user, request=request, way=_way(request), wrong=what
        )


def _way(request: Any) -> str:
    has_path = hasattr(request, "path_info")
    if has_path and is_api(request):
        return "api"
    return "pages"


@receiver(post_save, sender=Authenticator)
def _second_factor_added(instance: Authenticator, created: bool, **_signal: Any) -> None:
    if created:
        _second_factor("second_factor.added", instance)


@receiver(post_delete, sender=Authenticator)
def _second_factor_removed(instance: Authenticator, **_signal: Any) -> None:
    _second_factor("second_factor.removed", instance)


def _second_factor(action: str, authenticator: Authenticator) -> None:
    """Listen to the table, not to allauth, which tells only after the commit."""
    with transaction.atomic():
        audit.record(
            action, target=authenticator.user, request=context.request, kind=str(authenticator.type)
        )
