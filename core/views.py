"""Tokens, health, metrics and the schema: the addresses that every installation has."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import signin
from core.api import schema
from core.api.authentication import bearer_of
from core.api.errors import ApiError, json_error
from core.api.serializers import Done, LogoutRequest, RefreshRequest, TokenPair, TokenRequest
from core.api.throttles import limit
from core.health import metrics, readiness
from core.signin import tokens


def _answer(pair: tokens.Pair) -> Response:
    return Response({"access": pair.access, "refresh": pair.refresh, "expiresIn": pair.expires_in})


class TokenView(APIView):
    """Sign in over the API."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="signIn", tags=["Sign-in"], request=TokenRequest, responses=TokenPair
    )
    def post(self, request: Request) -> Response:
        """Username (or e-mail) and password, and `otp` where a second factor is on,
        for a pair of tokens.
        """
        asked = TokenRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        user = signin.check(request._request, **asked.validated_data)
        return _answer(tokens.start(user, request))


class RefreshView(APIView):
    """The next pair of tokens."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (limit("refresh", 120, by_address=True),)

    @extend_schema(
        operation_id="refreshTokens", tags=["Sign-in"], request=RefreshRequest, responses=TokenPair
    )
    def post(self, request: Request) -> Response:
        """A refresh token works once; one that was used before ends its session."""
        asked = RefreshRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        pair = tokens.refresh(asked.validated_data["refresh"], request)
        if pair is None:
            message = _(
                "The refresh token is not valid, expired, used before or signed out. Sign in again."
            )
            raise ApiError("invalid_refresh", message, status_code=401, headers=signin.CHALLENGE)
        return _answer(pair)


class LogoutView(APIView):
    """Sign out over the API."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (limit("logout", 120, by_address=True),)

    @extend_schema(operation_id="signOut", tags=["Sign-in"], request=LogoutRequest, responses=Done)
    def post(self, request: Request) -> Response:
        """End a session: that of the refresh token in the body, or that of the Bearer token.
        Again is no error.
        """
        asked = LogoutRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        token = asked.validated_data.get("refresh", "")
        if not token and not bearer_of(request):
            raise ApiError(status_code=401, headers=signin.CHALLENGE)
        tokens.sign_out(token, bearer_of(request), request)
        return Response({"success": True})


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether every part that work needs answers; 503 says which one is missing."""
    parts = readiness.check()
    if readiness.is_ready(parts):
        return JsonResponse({"status": "ok", "parts": parts})
    return JsonResponse({"status": "missing", "parts": parts}, status=503)


@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    if not metrics.may_read(request.META.get("HTTP_AUTHORIZATION", "")):
        return json_error(401)
    return HttpResponse(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


@csrf_exempt
@require_safe
def schema_file(request: HttpRequest) -> HttpResponse:
    """Answer with OpenAPI 3, built once per process."""
    return HttpResponse(
        schema.published(), content_type="application/json", headers={"Cache-Control": "no-cache"}
    )


@csrf_exempt
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "core/api_docs.html")
