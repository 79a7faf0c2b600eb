"""What a button does with one integration: switch it on and off, test it,
give it to a colleague.
"""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import Id
from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, person
from core.models import User
from crm.views.which import WHICH
from integrations import access, services
from integrations.models import Integration
from integrations.serializers.integrations import (
    ChangedIntegrationSerializer,
    TestedIntegrationSerializer,
    TestWishSerializer,
    TransferSerializer,
)
from integrations.services.changing import NO_COLLEAGUE
from integrations.views.integrations import SAVE_LIMIT, shown
from integrations.views.refusing import TAGS, Refusing, found, organization_of, to_change

TEST_LIMIT = limit("integration-test", 10)


def _answer(request: Request, integration_id: UUID, message: str) -> Response:
    integration = shown(request, found(request, integration_id))
    return Response({"success": True, "message": message, "integration": integration})


class ActivateView(Refusing, Endpoint):
    """Switches it on."""

    throttle_classes = [SAVE_LIMIT]  # noqa: RUF012

    @extend_schema(
        operation_id="activateIntegration",
        tags=TAGS,
        request=Nothing,
        responses=ChangedIntegrationSerializer,
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Switch it on, and have it tried."""
        integration = to_change(request, integration_id)
        services.activate(integration, actor=person(request), request=request)
        return _answer(request, integration_id, _("It is switched on."))


class DeactivateView(Refusing, Endpoint):
    """Switches it off."""

    @extend_schema(
        operation_id="deactivateIntegration",
        tags=TAGS,
        request=Nothing,
        responses=ChangedIntegrationSerializer,
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Switch it off: nothing is fetched or sent any more."""
        integration = to_change(request, integration_id)
        services.deactivate(integration, actor=person(request), request=request)
        return _answer(request, integration_id, _("It is switched off."))


class TransferView(Refusing, Endpoint):
    """Gives it to a colleague."""

    @extend_schema(
        operation_id="transferIntegration",
        tags=TAGS,
        request=TransferSerializer,
        responses=ChangedIntegrationSerializer,
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Make a colleague its owner. Who gave it away sees it no longer, unless it is shared.
        Given away by somebody who does not see the whole organization, it is switched off until its
        new owner has looked at it."""
        integration = to_change(request, integration_id)
        form = TransferSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        # By the organization: nobody learns who else has an account.
        colleagues = User.objects.filter(memberships__organization=integration.organization)
        user = colleagues.filter(username=form.validated_data["username"]).first()
        if user is None:
            raise ValidationError(
                {"username": ValidationError(NO_COLLEAGUE, code="invalid_choice")}
            )
        answer = shown(request, integration)
        services.transfer(integration, user, actor=person(request), request=request)
        answer.update(
            isOwn=user == person(request),
            ownerName=user.get_full_name() or user.get_username(),
            isActive=integration.is_active,
        )
        message = _("It belongs to your colleague now.")
        if not integration.is_active:
            message = _(
                "It belongs to your colleague now, and is switched off until they switch it on."
            )
        return Response({"success": True, "message": message, "integration": answer})


class TestStoredView(Refusing, Endpoint):
    """Tests it as it is stored."""

    __test__ = False
    throttle_classes = [TEST_LIMIT]  # noqa: RUF012

    @extend_schema(
        operation_id="testIntegration",
        tags=TAGS,
        request=Nothing,
        responses=TestedIntegrationSerializer,
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Try it, step by step; 200 whatever comes of it. Ten a minute."""
        integration = found(request, integration_id)
        tested = services.try_stored(integration, actor=person(request), request=request)
        return Response(tested.as_json())


class TestEnteredView(Refusing, Endpoint):
    """Tests what was entered, before it is saved."""

    __test__ = False
    names_others = True
    throttle_classes = [TEST_LIMIT]  # noqa: RUF012

    @extend_schema(
        operation_id="testConfiguration",
        tags=TAGS,
        parameters=[WHICH],
        request=TestWishSerializer,
        responses=TestedIntegrationSerializer,
    )
    def post(self, request: Request) -> Response:
        """Try a configuration, step by step. `configuration.integrationId` has the secrets
        of which masks are sent.
        """
        form = TestWishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data["configuration"]
        integration = _named(request, given)
        organization = integration.organization if integration else organization_of(request)
        tested = services.try_entered(
            organization,
            person(request),
            kind=form.validated_data["type"],
            given=given,
            integration=integration,
            request=request,
        )
        return Response(tested.as_json())


def _named(request: Request, given: dict[str, Any]) -> Integration | None:
    """Return the integration that a configuration names; 404 where the person may not change it.

    Who only uses it could else have its secret sent to an address of their own.
    """
    asked = given.get("integrationId")
    if asked is None:
        return None
    return to_change(request, Id().run_validation(asked), access.CHANGE)
