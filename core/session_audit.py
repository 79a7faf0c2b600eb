"""Sign-in, second factor and password, as the audit log sees them: it listens, so that no way in can forget to tell."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.db import transaction
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from core import audit, tokens
from core.api.paths import is_api
from core.models import User
from core.signin import lockout_name

audit.ACTIONS.update(
    {
        "password.changed": _("Someone changed their password"),
        "password.reset": _("Someone reset their password by e-mail"),
        "second_factor.added": _("A second factor was set up"),
        "second_factor.removed": _("A second factor was removed by its owner"),
        "second_factor.renewed": _("Recovery codes were made anew"),
    }
)


@receiver(auth.user_logged_in)
def _signed_in(request: Any, user: User, **_signal: Any) -> None:
    with transaction.atomic():
        audit.record("session.signed_in", actor=user, target=user, request=request, way=_way(request))


@receiver(auth.user_logged_out)
def _signed_out(request: Any, user: User | None, **_signal: Any) -> None:
    if user is not None:
        with transaction.atomic():
            audit.record("session.signed_out", actor=user, target=user, request=request, way=_way(request))


@receiver(auth.user_login_failed)
def _refused(credentials: dict[str, Any], request: Any = None, **_signal: Any) -> None:
    # The name is recorded only when it is somebody's: people type passwords into the name field.
    user = User.objects.filter(username__iexact=lockout_name(request, credentials)).first()
    what = "second factor" if credentials.get("second_factor") else "password"
    with transaction.atomic():
        audit.record("session.refused", actor="", target=user, request=request, way=_way(request), wrong=what)


def _way(request: Any) -> str:
    return "api" if request is not None and hasattr(request, "path_info") and is_api(request) else "pages"


@receiver([account.password_changed, account.password_set])
def _password_changed(request: Any, user: User, **_signal: Any) -> None:
    _password("password.changed", request, user)


@receiver(account.password_reset)
def _password_reset(request: Any, user: User, **_signal: Any) -> None:
    _password("password.reset", request, user)


def _password(action: str, request: Any, user: User) -> None:
    # Their tokens died with the old password; the rows are closed too, so that the list of devices says so.
    with transaction.atomic():
        ended = tokens.end_all(user)
        audit.record(action, actor=user, target=user, request=request, api_sessions_ended=ended)


@receiver(mfa.authenticator_added)
def _second_factor_added(request: Any, user: User, authenticator: Any, **_signal: Any) -> None:
    _second_factor("second_factor.added", request, user, authenticator)


@receiver(mfa.authenticator_removed)
def _second_factor_removed(request: Any, user: User, authenticator: Any, **_signal: Any) -> None:
    _second_factor("second_factor.removed", request, user, authenticator)


@receiver(mfa.authenticator_reset)
def _second_factor_renewed(request: Any, user: User, authenticator: Any, **_signal: Any) -> None:
    _second_factor("second_factor.renewed", request, user, authenticator)


def _second_factor(action: str, request: Any, user: User, authenticator: Any) -> None:
    with transaction.atomic():
        audit.record(action, actor=user, target=user, request=request, kind=str(authenticator.type))
