"""`/api/calls/{id}/actions` and `/comments`: what is to be done after a call,
and what people write beside it.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from calls.access import calls_for, may_work
from calls.models import Call, CallAction, CallComment
from calls.services import actions, comments
from calls.views.library import TAGS
from calls.work_serializers import (
    ActionChangesSerializer,
    ActionSerializer,
    CommentSerializer,
    CommentTextSerializer,
)
from core.api.errors import NotPermitted
from core.api.refusing import Refusing
from core.api.views import Endpoint, ListEndpoint, person
from crm.models import Member
from crm.refusals import NOT_THERE


class Work(Refusing):
    """For views of what people make of a call."""

    json_names: ClassVar[Mapping[str, str]] = {"assignee": "assigneeId"}


class ActionListView(Work, ListEndpoint):
    """What is to be done after one call."""

    serializer_class = ActionSerializer
    queryset = CallAction.objects.none()
    ordering_by: ClassVar = {"createdAt": "created_at"}

    def get_queryset(self) -> QuerySet[CallAction]:
        call = _seen(self.request, self.kwargs["call_id"])
        return CallAction.objects.filter(call=call).select_related("done_by")

    @extend_schema(operation_id="listCallActions", tags=TAGS, responses=ActionSerializer(many=True))
    def get(self, request: Request, **path: Any) -> Response:
        """List the action items of a call."""
        return super().get(request, **path)

    @extend_schema(
        operation_id="addCallAction",
        tags=TAGS,
        request=ActionSerializer,
        responses={201: ActionSerializer},
    )
    def post(self, request: Request, call_id: UUID) -> Response:
        """Add an action item by hand."""
        call = _worked_on(request, call_id)
        form = ActionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        changes = _changes(call, values)
        action = actions.add(
            call, values["text"], actor=person(request), request=request, **changes
        )
        if values.get("is_done"):
            actions.change(action, actor=person(request), request=request, done=True)
        return Response(ActionSerializer(action).data, status=status.HTTP_201_CREATED)


class ActionView(Work, Endpoint):
    """One thing to do."""

    @extend_schema(
        operation_id="changeCallAction",
        tags=TAGS,
        request=ActionChangesSerializer,
        responses=ActionSerializer,
    )
    def patch(self, request: Request, call_id: UUID, action_id: UUID) -> Response:
        """Tick an item, give it to a colleague, set its day."""
        action = _action(request, call_id, action_id)
        form = ActionChangesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        changes = _changes(action.call, form.validated_data)
        actions.change(action, actor=person(request), request=request, **changes)
        return Response(ActionSerializer(action).data)

    @extend_schema(operation_id="dropCallAction", tags=TAGS, responses={204: None})
    def delete(self, request: Request, call_id: UUID, action_id: UUID) -> Response:
        """Remove an item that was added by hand."""
        actions.drop(_action(request, call_id, action_id), actor=person(request), request=request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CommentListView(Work, ListEndpoint):
    """What people wrote beside one call."""

    serializer_class = CommentSerializer
    queryset = CallComment.objects.none()
    ordering_by: ClassVar = {"createdAt": "created_at"}

    def get_queryset(self) -> QuerySet[CallComment]:
        return CallComment.objects.filter(
            call=_seen(self.request, self.kwargs["call_id"])
        ).select_related("author")

    @extend_schema(
        operation_id="listCallComments", tags=TAGS, responses=CommentSerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """List the comments on a call, for whoever sees the call."""
        return super().get(request, **path)

    @extend_schema(
        operation_id="addCallComment",
        tags=TAGS,
        request=CommentSerializer,
        responses={201: CommentSerializer},
    )
    def post(self, request: Request, call_id: UUID) -> Response:
        """Write beside a call, at a second of it or of all of it."""
        call = _worked_on(request, call_id)
        form = CommentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        comment = comments.add(
            call, values["text"], at=values.get("at"), actor=person(request), request=request
        )
        return Response(
            CommentSerializer(comment, context={"request": request}).data,
            status=status.HTTP_201_CREATED,
        )


class CommentView(Work, Endpoint):
    """One comment."""

    @extend_schema(
        operation_id="changeCallComment",
        tags=TAGS,
        request=CommentTextSerializer,
        responses=CommentSerializer,
    )
    def patch(self, request: Request, call_id: UUID, comment_id: UUID) -> Response:
        """Change your own comment."""
        comment = _comment(request, call_id, comment_id)
        form = CommentTextSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        comments.change(
            comment, form.validated_data["text"], actor=person(request), request=request
        )
        return Response(CommentSerializer(comment, context={"request": request}).data)

    @extend_schema(operation_id="deleteCallComment", tags=TAGS, responses={204: None})
    def delete(self, request: Request, call_id: UUID, comment_id: UUID) -> Response:
        """Delete your own comment."""
        comments.delete(
            _comment(request, call_id, comment_id), actor=person(request), request=request
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


def _seen(request: Request, call_id: UUID) -> Call:
    return get_object_or_404(calls_for(request.user).defer("data"), pk=call_id)


def _worked_on(request: Request, call_id: UUID) -> Call:
    """Return a call that this person sees and may work on."""
    call = _seen(request, call_id)
    if not may_work(request.user, call):
        raise NotPermitted
    return call


def _action(request: Request, call_id: UUID, action_id: UUID) -> CallAction:
    call = _worked_on(request, call_id)
    action = get_object_or_404(
        CallAction.objects.select_related("done_by"), pk=action_id, call=call
    )
    action.call = call
    return action


def _comment(request: Request, call_id: UUID, comment_id: UUID) -> CallComment:
    call = _worked_on(request, call_id)
    comment = get_object_or_404(
        CallComment.objects.select_related("author"), pk=comment_id, call=call
    )
    comment.call = call
    return comment


def _changes(call: Call, values: dict[str, Any]) -> Any:
    """Return what the service takes of what was sent: members by themselves
    and not by their ids.
    """
    changes = {name: values[name] for name in ("done", "due_on") if name in values}
    if "assignee_id" not in values:
        return changes
    assignee = None
    if values["assignee_id"]:
        members = Member.objects.filter(organization_id=call.organization_id)
        assignee = members.filter(pk=values["assignee_id"]).first()
        if assignee is None:
            raise ValidationError({"assignee": ValidationError(NOT_THERE, code="invalid")})
    return {**changes, "assignee": assignee}
