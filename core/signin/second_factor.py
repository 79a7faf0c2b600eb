"""TOTP and recovery codes: allauth's, with secrets sealed for one person and the lock-out
counting wrong codes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.models import Authenticator
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from core.models import User
from core.secrets import crypto

TABLE, FIELD = "mfa_authenticator", "data"
_whose: ContextVar[str] = ContextVar("whose_second_factor", default="")


def place(user_id: object) -> crypto.Place:
    """Return where a person's TOTP secret and recovery seed belong:
    a value copied to another person does not open.
    """
    return crypto.Place(TABLE, str(user_id), FIELD)


@contextmanager
def checking(user: User) -> Iterator[None]:
    """Note whose codes are looked at, while nobody is signed in yet."""
    token = _whose.set(str(user.pk))
    try:
        yield
    finally:
        _whose.reset(token)


class Adapter(DefaultMFAAdapter):
    """allauth's hooks: secrets are sealed, and the issuer in a person's app is the product,
    not a host name.
    """

    def encrypt(self, text: str) -> str:
        return crypto.seal(text, self._place())

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.open_sealed(encrypted_text, self._place())

    def get_totp_issuer(self) -> str:
        return "Koppel"

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    @staticmethod
    def _place() -> crypto.Place:
        return place(_whose.get() or context.request.user.pk)


def is_on(user: User) -> bool:
    """Tell whether this person signs in with a second factor."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def is_on_for(column: str) -> Exists:
    """Tell in a query of people whether the person whom a row names in this column
    signs in with one.
    """
    return Exists(Authenticator.objects.filter(user=OuterRef(column), type=Authenticator.Type.TOTP))


def is_missing(user: Any) -> bool:
    """Tell whether this person, staff under KOPPEL_REQUIRE_2FA, has no second factor
    and must have it.
    """
    if not settings.REQUIRE_2FA:
        return False
    if not user.is_authenticated or not user.is_staff:
        return False
    return not is_on(user)


def accepts(user: User, code: str) -> bool:
    """Tell whether the code is this person's current one or an unused recovery code;
    each is good once.
    """
    with checking(user), transaction.atomic():
        found = list(Authenticator.objects.select_for_update().filter(user=user).order_by("-type"))
        for authenticator in found:
            if authenticator.wrap().validate_code(code):
                authenticator.record_usage()
                return True
    return False


def count_failure(request: Any, user: User) -> None:
    """Count a wrong code as a failed sign-in, for the same lock-out."""
    user_login_failed.send(
        sender=__name__,
        credentials={"username": user.get_username(), "second_factor": True},
        request=request,
    )


class _CountedCode:
    """A code form whose wrong guesses the lock-out counts, and that answers
    nothing while locked.
    """

    user: User

    def clean_code(self) -> str:
        if not AxesProxyHandler.is_allowed(context.request, {"username": self.user.get_username()}):
            context.request.axes_locked_out = True
            raise forms.ValidationError(
                _("Too many wrong attempts. Wait a quarter of an hour, then try again.")
            )
        with checking(self.user):
            code: str = super().clean_code()  # type: ignore[misc]
        return code

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        super()._emit_authentication_failed(authenticator)  # type: ignore[misc]
        count_failure(context.request, self.user)


class AuthenticateForm(_CountedCode, AllauthAuthenticateForm):
    """The code asked for after the password."""


class ReauthenticateForm(_CountedCode, AllauthReauthenticateForm):
    """The code asked for before something that matters."""
