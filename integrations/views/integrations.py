"""`/api/dashboard/integrations`: what is connected, and everything that is done
with one of them.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import refuse_unknown
from core.api.throttles import limit
from core.api.views import Endpoint, person
from core.connections import Connection
from crm.views.which import WHICH
from integrations import access, services, tiers
from integrations.models import Integration
from integrations.registry import provider_of
from integrations.serializers.integrations import (
    ChangedIntegrationSerializer,
    CreatedIntegrationSerializer,
    IntegrationChangeSerializer,
    IntegrationListSerializer,
    IntegrationSerializer,
    NewIntegrationSerializer,
    state_of,
)
from integrations.views.refusing import TAGS, Refusing, found, organization_of, rows_for, to_change

SAVE_LIMIT = limit("integration-save", 30)
SECRET = "secret"  # noqa: S105 - the name of a field


def shown(request: Request, integration: Integration) -> dict[str, Any]:
    """Return an integration as the API answers it."""
    return dict(IntegrationSerializer(integration, context={"user": person(request)}).data)


class IntegrationsView(Refusing, Endpoint):
    """All that the person sees."""

    names_others = True
    throttle_classes = [SAVE_LIMIT]  # noqa: RUF012

    def get_throttles(self) -> list[Any]:
        if self.request.method != "POST":
            return []
        return super().get_throttles()

    @extend_schema(
        operation_id="listIntegrations",
        tags=TAGS,
        parameters=[WHICH],
        responses=IntegrationListSerializer,
    )
    def get(self, request: Request) -> Response:
        """The newest first, and how many of them are active, switched off or failing."""
        refuse_unknown(request, ["organization"])
        rows = rows_for(request)
        if "organization" in request.query_params:
            rows = rows.filter(organization=organization_of(request))
        integrations = list(rows)
        active = sum(row.is_active for row in integrations)
        failing = sum(state_of(row).state is Connection.ERROR for row in integrations)
        stats = {
            "totalIntegrations": len(integrations),
            "activeIntegrations": active,
            "inactiveIntegrations": len(integrations) - active,
            "errorIntegrations": failing,
        }
        return Response(
            {"integrations": [shown(request, row) for row in integrations], "stats": stats}
        )

    @extend_schema(
        operation_id="addIntegration",
        tags=TAGS,
        parameters=[WHICH],
        request=NewIntegrationSerializer,
        responses={201: CreatedIntegrationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Connect a service. It is tried right after."""
        return created(request)


class CreateIntegrationView(Refusing, Endpoint):
    """The same by the seed's address."""

    names_others = True
    throttle_classes = [SAVE_LIMIT]  # noqa: RUF012

    @extend_schema(
        operation_id="createIntegration",
        tags=TAGS,
        parameters=[WHICH],
        request=NewIntegrationSerializer,
        responses={201: CreatedIntegrationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Connect a service. It is tried right after."""
        return created(request)


def created(request: Request) -> Response:
    """Create what the body describes, and answer with it."""
    refuse_unknown(request, ["organization"])
    form = NewIntegrationSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    entered = form.validated_data
    made = services.create(
        organization_of(request),
        person(request),
        name=entered["name"],
        kind=entered["type"],
        given=entered["configuration"],
        is_shared=entered["isShared"],
        request=request,
    )
    answer = {"success": True, "integration": shown(request, found(request, made.integration.pk))}
    if SECRET in made.shown_once:
        answer[SECRET] = made.shown_once[SECRET]
    return Response(answer, status=201)


class IntegrationView(Refusing, Endpoint):
    """One of them."""

    throttle_classes = [SAVE_LIMIT]  # noqa: RUF012

    def get_throttles(self) -> list[Any]:
        if self.request.method not in {"PUT", "PATCH"}:
            return []
        return super().get_throttles()

    @extend_schema(operation_id="readIntegration", tags=TAGS, responses=IntegrationSerializer)
    def get(self, request: Request, integration_id: UUID) -> Response:
        return Response(shown(request, found(request, integration_id)))

    @extend_schema(
        operation_id="replaceIntegration",
        tags=TAGS,
        request=IntegrationChangeSerializer,
        responses=ChangedIntegrationSerializer,
    )
    def put(self, request: Request, integration_id: UUID) -> Response:
        """Change what was sent; a mask keeps the secret behind it, and what is not sent stays."""
        return _changed(request, integration_id)

    @extend_schema(
        operation_id="changeIntegration",
        tags=TAGS,
        request=IntegrationChangeSerializer,
        responses=ChangedIntegrationSerializer,
    )
    def patch(self, request: Request, integration_id: UUID) -> Response:
        """The same."""
        return _changed(request, integration_id)

    @extend_schema(operation_id="deleteIntegration", tags=TAGS, request=None, responses={204: None})
    def delete(self, request: Request, integration_id: UUID) -> Response:
        """Delete it with its secrets. What it brought into the CRM stays."""
        integration = to_change(request, integration_id, access.DELETE)
        services.remove(integration, actor=person(request), request=request)
        return Response(status=204)


def _changed(request: Request, integration_id: UUID) -> Response:
    integration = to_change(request, integration_id)
    form = IntegrationChangeSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    entered = form.validated_data
    by = {"actor": person(request), "request": request}
    fallback = None
    if entered.get("fallbackId"):
        fallback = found(request, entered["fallbackId"])
    # Before anything is changed: what is refused leaves nothing half done.
    services.check_stand_in(integration, fallback)
    if entered.get("isActive"):
        tiers.require(
            integration.organization, tiers.required_for(integration.type, provider_of(integration))
        )
    message = _("Saved.")
    saved = services.change(
        integration,
        name=entered.get("name"),
        kind=entered.get("type"),
        given=entered.get("configuration"),
        insist=entered["insist"],
        **by,
    )
    if saved is not None:
        message = saved.message
    with transaction.atomic():
        services.lock(integration)
        if "isShared" in entered:
            services.share(integration, is_shared=entered["isShared"], **by)
        if "syncEvery" in entered:
            services.schedule(integration, entered["syncEvery"], **by)
        if "fallbackId" in entered:
            services.stand_in(integration, fallback, **by)
        if "isActive" in entered:
            act = services.activate if entered["isActive"] else services.deactivate
            act(integration, **by)
    answer = {
        "success": True,
        "message": message,
        "integration": shown(request, found(request, integration_id)),
    }
    return Response(answer)
