"""`/api/dashboard/integrations/oauth/…`: to a vendor and back;
and an integration connected again, or disconnected.
"""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ApiError
from core.api.filters import refuse_unknown
from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, person
from crm.views.which import WHICH
from integrations import access, registry
from integrations.models.integrations import LONGEST_NAME
from integrations.oauth import leaving, returning, starting
from integrations.oauth.declaring import OAuth
from integrations.oauth.problems import Problem, UnknownReturn
from integrations.providers.base import Provider
from integrations.views.refusing import TAGS, Refusing, organization_of, to_change
from integrations.views.uninstalling import Uninstalling

PAGE: Final = "/dashboard/integrations"
START_LIMIT: Final = limit("oauth-start", 20)
LONGEST_PLACE: Final = 200
NAME: Final = OpenApiParameter("name", str, description="What the new integration is called.")
PLACE: Final = OpenApiParameter(
    "place",
    str,
    description=(
        "Where to sign in, where the service has several: a word such as `sandbox`, or its host."
    ),
)
PROVIDER: Final = OpenApiParameter(
    "provider", str, OpenApiParameter.PATH, description="As in `key`, in any case."
)
# What is not a 400.
STATUSES: Final = {
    "other_account": 409,
    "not_set_up": 503,
    "tier_limit": 403,
    "not_yours": 403,
    "unreachable": 502,
}
# The contract's texts.
TEXTS: Final = {
    "other_account": "OTHER_ACCOUNT",
    "not_set_up": "NOT_SET_UP",
    "tier_limit": "TIER_LIMIT",
}


class OAuthAddressSerializer(serializers.Serializer[Any]):
    """Where the person signs in. Good for ten minutes, and for nobody else."""

    url = serializers.CharField()


class OAuthReturnedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    integrationId = serializers.UUIDField()  # noqa: N815


class DisconnectedIntegrationSerializer(serializers.Serializer[Any]):
    """`isRevoked`: the service took the access back."""

    success = serializers.BooleanField()
    message = serializers.CharField()
    isRevoked = serializers.BooleanField()  # noqa: N815


class _SigningIn(Refusing):
    """A sign-in that did not come to its end is an answer with a text of the contract."""

    def handle_exception(self, exc: Exception) -> Response:
        error = exc
        if isinstance(exc, Problem):
            text = TEXTS.get(exc.code, exc.code)
            error = ApiError(text, str(exc), status_code=STATUSES.get(exc.code, 400))
        elif isinstance(exc, UnknownReturn):
            error = Http404()
        return super().handle_exception(error)


def _declared(key: str) -> tuple[Provider, OAuth]:
    try:
        return starting.oauth_of(key)
    except LookupError as error:
        raise Http404 from error


def _accepts(request: Request, kind: str) -> bool:
    return kind in request.headers.get("Accept", "")


def _page(**query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{PAGE}?{urlencode(query)}")


def _text(request: Request, name: str, longest: int) -> str:
    field = serializers.CharField(max_length=longest, allow_blank=True)
    try:
        return str(field.run_validation(request.query_params.get(name, "")))
    except serializers.ValidationError as error:
        raise serializers.ValidationError({name: error.detail}) from error


class StartView(_SigningIn, Endpoint):
    """Sends a person to a service, to sign in there."""

    throttle_classes = [START_LIMIT]  # noqa: RUF012
    may_be_unavailable = True

    @extend_schema(
        operation_id="startOAuth",
        tags=TAGS,
        parameters=[WHICH, NAME, PLACE, PROVIDER],
        responses={
            200: OAuthAddressSerializer,
            302: OpenApiResponse(description="To the service."),
        },
    )
    def get(self, request: Request, provider: str) -> HttpResponseBase:
        """Redirect there; with `Accept: application/json` answer the address.
        Coming back makes the integration.
        """
        refuse_unknown(request, ["organization", "name", "place"])
        declared, _oauth = _declared(provider)
        url = starting.start(
            declared,
            person(request),
            organization_of(request),
            place=_text(request, "place", LONGEST_PLACE),
            name=_text(request, "name", LONGEST_NAME),
            request=request,
        )
        if _accepts(request, "application/json"):
            return Response({"url": url})
        return HttpResponseRedirect(url)


class CallbackView(_SigningIn, Uninstalling, Endpoint):
    """Where services send people back to."""

    calls_vendor = may_be_unavailable = may_conflict = True

    @extend_schema(
        operation_id="finishOAuth",
        tags=TAGS,
        parameters=[
            PROVIDER,
            OpenApiParameter("state", str, description="As it was given to the service."),
            OpenApiParameter(
                "code", str, description="What the service gives for the person's consent."
            ),
            OpenApiParameter(
                "error", str, description="What the service says where there is none."
            ),
        ],
        responses={
            200: OAuthReturnedSerializer,
            302: OpenApiResponse(
                description="To the page, with `connected=<id>` or `problem=<code>`."
            ),
        },
    )
    def get(self, request: Request, provider: str) -> HttpResponseBase:
        """Finish the sign-in and lead to the page; with `Accept: application/json` answer
        what came of it.
        """
        declared, oauth = _declared(provider)
        as_json = _accepts(request, "application/json")
        parameters = {name: request.query_params[name] for name in request.query_params}
        try:
            integration = returning.come_back(
                declared, oauth, person(request), parameters, request=request
            )
        except Problem as problem:
            if as_json:
                raise
            return _page(problem=problem.code)
        if as_json:
            return Response({"success": True, "integrationId": integration.pk})
        return _page(connected=str(integration.pk))

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, NotAuthenticated) and _accepts(self.request, "text/html"):
            return _page(problem="signed_out")
        return super().handle_exception(exc)


class ReconnectView(_SigningIn, Endpoint):
    """Has an integration connected again."""

    throttle_classes = [START_LIMIT]  # noqa: RUF012
    may_be_unavailable = True

    @extend_schema(
        operation_id="reconnectIntegration",
        tags=TAGS,
        request=Nothing,
        responses=OAuthAddressSerializer,
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Answer where to sign in again, with the account that is connected;
        another one is refused on return.
        """
        integration = to_change(request, integration_id)
        declared = registry.find(integration.provider)
        if declared is None or declared.oauth is None:
            raise Problem("no_sign_in")
        url = starting.start(
            declared, person(request), integration.organization, integration, request=request
        )
        return Response({"url": url})


class DisconnectView(_SigningIn, Endpoint):
    """Takes an integration's access back."""

    may_be_unavailable = True

    @extend_schema(
        operation_id="disconnectIntegration",
        tags=TAGS,
        request=Nothing,
        responses=DisconnectedIntegrationSerializer,
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Have the service take the access back, and delete the secrets here.
        The integration stays.
        """
        integration = to_change(request, integration_id, access.DISCONNECT)
        found = leaving.disconnect(integration, actor=person(request), request=request)
        return Response({"success": True, "message": found.message, "isRevoked": found.is_revoked})
