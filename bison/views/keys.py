"""A workspace's key: entered, revoked, tested, made at the vendor, tried;
and the old system's own addresses of it.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access
from bison.keys import NoKey, entering, making, revoking, trying
from bison.keys.canary import Trial
from bison.models import Workspace
from bison.serializers.keys import (
    GeneratedSerializer,
    KeySerializer,
    NamedKeySerializer,
    NamedSerializer,
    RevokedSerializer,
    SavedKeySerializer,
    TestedSerializer,
    TriedKeySerializer,
    ValidatedSerializer,
)
from bison.views.permitted import Permitted
from bison.views.workspaces import TAGS, context, workspace_of
from core.api.errors import Conflict
from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, person
from core.connections import TestResult
from core.masking import Secret, is_mask

TEST_LIMIT = limit("bison-test", 10)
# A new key is tried when it is saved: not a way to try keys by the thousand.
SAVE_LIMIT = limit("bison-save", 30)


def _by(request: Request) -> dict[str, Any]:
    return {"actor": person(request), "request": request}


def _steps(result: TestResult | None) -> list[dict[str, str]]:
    if result is None:
        return []
    return result.as_json()


class KeyView(Permitted, Endpoint):
    """The key in use."""

    needs: ClassVar = {"PUT": access.CHANGE, "DELETE": access.REVOKE}
    throttle_classes = [SAVE_LIMIT]  # noqa: RUF012
    may_be_unavailable = True

    @extend_schema(
        operation_id="enterBisonKey", tags=TAGS, request=KeySerializer, responses=SavedKeySerializer
    )
    def put(self, request: Request, workspace_id: UUID) -> Response:
        """Store a key and try it. A key that works stays in use until the new one has worked."""
        workspace = workspace_of(workspace_id)
        form = KeySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        entered = form.validated_data
        saved = entering.enter(
            workspace,
            entered["api_key"],
            name=entered["api_key_name"],
            key_type=entered["api_key_type"],
            expires_at=entered["expires_at"],
            insist=entered["insist"],
            **_by(request),
        )
        answer = {
            "success": saved.result is None or saved.result.success,
            "message": saved.message,
            "waits": saved.waits,
            "steps": _steps(saved.result),
            "workspace": workspace,
        }
        return Response(SavedKeySerializer(answer, context=context()).data)

    @extend_schema(
        operation_id="revokeBisonKey", tags=TAGS, request=None, responses={200: RevokedSerializer}
    )
    def delete(self, request: Request, workspace_id: UUID) -> Response:
        """Use the key no more. Email Bison has no call that takes it back:
        the message says what is left to do.
        """
        workspace = workspace_of(workspace_id)
        message = revoking.revoke(workspace, **_by(request))
        answer = {"success": True, "message": message, "workspace": workspace}
        return Response(RevokedSerializer(answer, context=context()).data)


class TestView(Permitted, Endpoint):
    """Whether a workspace can be reached."""

    __test__ = False
    needs: ClassVar = {"POST": access.TEST}
    throttle_classes = [TEST_LIMIT]  # noqa: RUF012
    may_be_unavailable = True

    @extend_schema(
        operation_id="testBisonWorkspace",
        tags=TAGS,
        request=Nothing,
        responses={200: TestedSerializer},
    )
    def post(self, request: Request, workspace_id: UUID) -> Response:
        """Test the connection step by step. 200 either way: `success` says which.
        Ten a minute and person.
        """
        tried = trying.check(workspace_of(workspace_id), **_by(request))
        found = ValidatedSerializer(tried).data
        return Response(
            TestedSerializer({**found, "success": tried.valid, "steps": _steps(tried.result)}).data
        )


class ValidateView(Permitted, Endpoint):
    """Whether Email Bison takes a key for this workspace."""

    needs: ClassVar = {"POST": access.TEST}
    throttle_classes = [TEST_LIMIT]  # noqa: RUF012
    may_be_unavailable = True

    @extend_schema(
        operation_id="validateBisonKey",
        tags=TAGS,
        request=TriedKeySerializer,
        responses={200: ValidatedSerializer},
    )
    def post(self, request: Request, workspace_id: UUID) -> Response:
        """Try a key that is not stored, or the one in use. Ten a minute and person."""
        workspace = workspace_of(workspace_id)
        form = TriedKeySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return _validated(request, workspace, form.validated_data.get("api_key", ""))


def _validated(request: Request, workspace: Workspace, text: str) -> Response:
    key = None
    if text.strip() and not is_mask(text):
        key = Secret(text.strip())
    tried = trying.try_key(workspace, key, **_by(request))
    return Response(ValidatedSerializer(tried).data)


class GenerateView(Permitted, Endpoint):
    """A key made at Email Bison."""

    needs: ClassVar = {"POST": access.GENERATE}
    throttle_classes = [SAVE_LIMIT]  # noqa: RUF012
    calls_vendor = True
    may_be_unavailable = True

    @extend_schema(
        operation_id="generateBisonKey",
        tags=TAGS,
        request=Nothing,
        responses={200: GeneratedSerializer},
    )
    def post(self, request: Request, workspace_id: UUID) -> Response:
        """Have a key of its own made with the super-admin key, try it, and use it.
        409 without that key.
        """
        return _generated(request, workspace_of(workspace_id))


def _generated(request: Request, workspace: Workspace) -> Response:
    try:
        made = making.generate(workspace, **_by(request))
    except NoKey as error:
        raise Conflict("not_configured", error.message) from error
    message = made.saved.message
    if made.is_lost:
        message = f"{message} {making.LOST % {'name': made.key_name}}"
    trial = made.saved.trial or Trial()
    answer = {
        "key_name": made.key_name,
        "scopes": made.scopes,
        "api_key": made.masked,
        "message": message,
        "waits": made.saved.waits,
        "valid": trial.result.success,
        "workspace_access": trial.opens,
        "status_code": trial.status_code,
    }
    return Response(GeneratedSerializer(answer).data)


def _named(name: str) -> Workspace:
    return get_object_or_404(
        Workspace.objects.select_related("instance__account"), workspace_name=name
    )


class GenerateByNameView(Permitted, Endpoint):
    """The old system's own address."""

    needs: ClassVar = {"POST": access.GENERATE}
    names_others = True
    throttle_classes = [SAVE_LIMIT]  # noqa: RUF012
    calls_vendor = True
    may_be_unavailable = True

    @extend_schema(
        operation_id="generateWorkspaceApiKey",
        tags=TAGS,
        request=NamedSerializer,
        responses={200: GeneratedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Have a key made for the workspace of this name. The key is masked here,
        where the old system sent it.
        """
        form = NamedSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return _generated(request, _named(form.validated_data["workspace_name"]))


class ValidateByNameView(Permitted, Endpoint):
    """The old system's own address."""

    needs: ClassVar = {"POST": access.TEST}
    names_others = True
    throttle_classes = [TEST_LIMIT]  # noqa: RUF012
    may_be_unavailable = True

    @extend_schema(
        operation_id="validateApiKey",
        tags=TAGS,
        request=NamedKeySerializer,
        responses={200: ValidatedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Try a key for the workspace of this name. Nothing is stored."""
        form = NamedKeySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return _validated(
            request, _named(form.validated_data["workspace_name"]), form.validated_data["api_key"]
        )
