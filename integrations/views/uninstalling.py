"""What a service sends to the way back when the app is removed there."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import registry
from integrations.oauth import endpoints, leaving
from integrations.providers.base import Provider
from integrations.views.refusing import TAGS


class UninstalledSerializer(serializers.Serializer[Any]):
    """Whose app was removed, as the service names it."""

    company_id = serializers.IntegerField(min_value=0)
    user_id = serializers.IntegerField(min_value=0)


class Uninstalling:
    """A view that services may call with DELETE, as whoever has this installation's client
    id and secret there.
    """

    request: Any

    def get_permissions(self) -> Sequence[Any]:
        if self.request is not None and self.request.method == "DELETE":
            return []
        return super().get_permissions()  # type: ignore[misc]

    @extend_schema(
        operation_id="uninstalledOAuth",
        tags=TAGS,
        request=UninstalledSerializer,
        responses={204: None},
    )
    def delete(self, request: Request, provider: str) -> Response:
        """Note that the app was removed at the service (Basic: its client id and secret):
        what is signed in there has to be connected again. That nothing is connected is as good.
        """
        declared = self._caller(request, provider)
        body = UninstalledSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        if declared.oauth is not None and declared.oauth.uninstalled is not None:
            leaving.uninstalled(declared, declared.oauth.uninstalled(body.validated_data))
        return Response(status=204)

    def _caller(self, request: Request, key: str) -> Provider:
        declared = registry.find(key.upper())
        header = request.headers.get("Authorization", "")
        if (
            declared is None
            or declared.oauth is None
            or not endpoints.is_the_vendor(declared, header)
        ):
            raise NotAuthenticated
        return declared
