"""The two ways of being somebody: a Bearer token, or the session cookie with its CSRF token."""

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core.models import ApiSession, User
from core.signin import tokens


def bearer_of(request: Any) -> str:
    """Return the Bearer token that came with the request; '' when none did."""
    scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return ""


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; its session is looked up each time,
    so that signing out works at once.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiSession] | None:
        if not request.META.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer"):
            return None
        session = tokens.session_of(bearer_of(request))
        if session is None:
            raise AuthenticationFailed(_("The token is not valid, expired, or signed out."))
        if session.user.language in dict(settings.LANGUAGES):
            translation.activate(session.user.language)
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="koppel"'


class CookieAuthentication(SessionAuthentication):
    """The dashboard's own calls."""


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "core.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class CookieScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "core.api.authentication.CookieAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
