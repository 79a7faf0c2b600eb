"""Who may come in: password (by username or e-mail), then second factor,
under one lock-out for pages and API alike.

Five wrong passwords or codes for one name from one address: a quarter of an hour of 429.
An unknown name is answered as a wrong password, in the same time.
"""

import math
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import default_token_generator
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.api.errors import ApiError, json_error
from core.api.paths import is_api
from core.api.throttles import give_back, take
from core.models import User
from core.queue import jobs
from core.secrets import crypto
from core.serving.client_ip import client_ip
from core.signin import second_factor, tokens

# Beside the lock-out, and exact under parallel guesses:
# the lock-out itself only knows a guess once it has failed.
audit.ACTIONS["password.changed"] = gettext_lazy("Someone changed their password")
audit.ACTIONS["password.reset"] = gettext_lazy("Someone reset their password by e-mail")

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="koppel"'}
GUESSES_A_MINUTE = 10
GUESSES_A_MINUTE_AND_ADDRESS = 60
# A lost mail is found after this long, and given up after that.
RESET_MAIL_IN_HAND: Final = timedelta(minutes=1)
RESET_MAIL_WAITS: Final = timedelta(hours=1)


class Backend(AuthenticationBackend):
    """allauth's backend; demo accounts exist for it only where the demo runs."""

    def user_can_authenticate(self, user: Any) -> bool:
        if user.is_demo and not settings.DEMO:
            return False
        return bool(super().user_can_authenticate(user))

    def get_user(self, user_id: Any) -> Any:
        user = super().get_user(user_id)
        if user is not None and self.user_can_authenticate(user):
            return user
        return None


# Sessions keep the name of the backend that opened them: it stays the one that settings name.
Backend.__module__ = "core.signin"


class Adapter(DefaultAccountAdapter):
    """allauth's hooks: nobody signs up by himself, and nobody gets past the lock-out."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Stash no refused people as allauth does: whoever may not sign in is told what an
        unknown name is told.
        """
        username, password = (
            str(credentials.get("username", "")),
            str(credentials.get("password", "")),
        )
        guess = Guess(request, username)
        if wait := guess.wait():
            request.axes_locked_out, request.axes_wait = True, _longer(wait, request, username)  # type: ignore[attr-defined]
            return None
        user = authenticate(request, username=username, password=password)
        if user is not None:
            guess.was_right()
        return user

    def set_password(self, user: Any, password: str) -> None:
        """Set the password by allauth's one way.

        Every token and session of the person ends with the old one.
        """
        request = context.request
        changed_by_owner = request.user.is_authenticated
        with transaction.atomic():
            super().set_password(user, password)
            ended = tokens.end_all(user)
            action = "password.reset"
            if changed_by_owner:
                action = "password.changed"
            audit.record(action, actor=user, target=user, request=request, api_sessions_ended=ended)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request) or "unknown"

    def is_safe_url(self, url: str | None) -> bool:
        if not url or "\\" in url:
            return False
        return bool(super().is_safe_url(url))


def lockout_name(request: Any, credentials: dict[str, Any] | None = None) -> str:
    """Return one name per person for the lock-out: an e-mail address and a username are not two
    sets of guesses.

    A name that is nobody's is kept as a keyed hash: people type passwords into the name field.
    """
    name = str((credentials or {}).get("username") or "").strip()
    user = User.objects.filter(username__iexact=name).first()
    if user is None and "@" in name:
        user = next(iter(filter_users_by_email(name, prefer_verified=True)), None)
    if user is not None:
        return user.get_username().lower()
    return f"unknown:{crypto.mac('lock-out', name.lower().encode('utf-8', 'replace'))[:32]}"


class Guess:
    """One try at a name's password. Only wrong ones count: signing in often is no attack."""

    def __init__(self, request: Any, username: str) -> None:
        address = client_ip(request) or "unknown"
        self._use = uuid4().hex
        self._limits = (
            ("sign-in-address", address, GUESSES_A_MINUTE_AND_ADDRESS),
            (
                "sign-in",
                f"{address}:{lockout_name(request, {'username': username})}",
                GUESSES_A_MINUTE,
            ),
        )

    def wait(self) -> float:
        """Return the seconds until this name, or anything from this address, may be tried;
        0 when it may be now.
        """
        return next((wait for limit in self._limits if (wait := take(*limit, 60, self._use))), 0.0)

    def was_right(self) -> None:
        for scope, who, _allowed in self._limits:
            give_back(scope, who, self._use)


def check(request: Any, username: str, password: str, otp: str = "") -> User:
    """Return the person whose password (and second factor, where on) these are;
    ApiError says why not.
    """
    guess = Guess(request, username)
    if wait := guess.wait():
        raise _locked(_longer(wait, request, username))
    user = authenticate(request, username=username, password=password)
    if getattr(request, "axes_locked_out", False):
        raise _locked(seconds_locked(request, username))
    if user is None:
        raise ApiError(
            "invalid_credentials",
            _("Username or password is wrong."),
            status_code=401,
            headers=CHALLENGE,
        )
    _check_second_factor(request, user, otp)
    guess.was_right()
    with transaction.atomic():
        user_logged_in.send(sender=User, request=request, user=user)
    return user


def _check_second_factor(request: Any, user: User, otp: str) -> None:
    if not second_factor.is_on(user):
        if second_factor.is_missing(user):
            message = _("Set up your second factor first: open the site and sign in.")
            raise ApiError("second_factor_required", message, status_code=403)
        return
    if not otp:
        message = _("Send the code of your authenticator app as otp.")
        raise ApiError("otp_required", message, status_code=401, headers=CHALLENGE)
    if not second_factor.accepts(user, otp):
        second_factor.count_failure(request, user)
        raise ApiError(
            "invalid_otp", _("The code is wrong or used up."), status_code=401, headers=CHALLENGE
        )


def seconds_locked(request: Any, username: str) -> float:
    """Return how long the lock-out of this name from this address still lasts."""
    name = lockout_name(request, {"username": username})
    last: datetime | None = (
        AccessAttempt.objects.filter(username=name, ip_address=client_ip(request))
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    whole = settings.AXES_COOLOFF_TIME.total_seconds()
    if last is None:
        return whole
    return max(1.0, whole - (timezone.now() - last).total_seconds())


def _longer(wait: float, request: Any, username: str) -> float:
    """Return the wait until the door opens: a lock-out may outlast the minute
    that guesses are counted in.
    """
    if is_locked(request, username):
        return max(wait, seconds_locked(request, username))
    return wait


def is_locked(request: Any, username: str) -> bool:
    return bool(AxesProxyHandler.is_locked(request, {"username": username}))


def _locked(wait: float) -> ApiError:
    message = _("Too many wrong attempts. Wait a quarter of an hour, then try again.")
    return ApiError(
        "locked_out", message, status_code=429, headers={"Retry-After": str(math.ceil(wait))}
    )


def locked_out(
    request: HttpRequest, original: HttpResponse, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer for axes while locked: 429 with Retry-After, a page for people and the error
    body for the API.
    """
    if original.status_code == 429:
        return original
    username = str((credentials or {}).get("username") or request.POST.get("login", ""))
    wait = getattr(request, "axes_wait", 0) or seconds_locked(request, username)
    if is_api(request):
        answer: HttpResponse = json_error(429, "locked_out", _locked(wait).message)
    else:
        minutes = math.ceil(wait / 60)
        answer = render(request, "account/locked_out.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(math.ceil(wait))
    return answer


class ResetPasswordForm(AllauthResetPasswordForm):
    """The same answer in the same time for a known and an unknown address:
    the mail is written by a worker.
    """

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        with transaction.atomic():
            User.objects.filter(pk__in=[user.pk for user in self.users]).update(
                reset_mail_due=timezone.now()
            )
            for user in self.users:
                jobs.after_commit("core.mail_password_reset", str(user.pk))
        return str(self.cleaned_data["email"])


def unsent_password_resets(now: datetime) -> list[UUID]:
    """Return whose mail is owed: its job was lost, or its mail server.

    After an hour nobody waits for it any more.
    """
    owed = User.objects.filter(
        reset_mail_due__gt=now - RESET_MAIL_WAITS, reset_mail_due__lt=now - RESET_MAIL_IN_HAND
    )
    return list(owed.values_list("pk", flat=True)[:500])


def mail_password_reset(user_id: str | UUID) -> None:
    """Write to a person with a link that works once. The link is made here,
    so that it never lies in a queue.

    Each attempt moves the moment by a trifle, so that of two workers one writes.
    What fails, or dies, stays owed.
    """
    user = User.objects.filter(pk=user_id).exclude(reset_mail_due=None).first()
    if user is None or user.reset_mail_due is None:
        return
    due_at = user.reset_mail_due + timedelta(microseconds=1)
    if User.objects.filter(pk=user.pk, reset_mail_due=user.reset_mail_due).update(
        reset_mail_due=due_at
    ):
        _mail_password_reset(user)
        User.objects.filter(pk=user.pk, reset_mail_due=due_at).update(reset_mail_due=None)


def _mail_password_reset(user: User) -> None:
    if not (user.is_active and user.email):
        return
    key = default_token_generator.make_token(user)
    path = reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key}
    )
    facts = {
        "user": user,
        "username": user.get_username(),
        "password_reset_url": settings.PUBLIC_URL + path,
        "current_site": {"name": "Koppel", "domain": settings.PUBLIC_URL},
    }
    with translation.override(user.language or settings.LANGUAGE_CODE):
        subject = render_to_string("account/email/password_reset_key_subject.txt", facts).strip()
        text = render_to_string("account/email/password_reset_key_message.txt", facts)
        send_mail(
            f"{account_settings.EMAIL_SUBJECT_PREFIX or ''}{subject}", text, None, [user.email]
        )
