"""`/api/fathom/assignments`: what was given to reps by hand lately, and taking it back."""

from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import Conflict, NotPermitted
from core.api.views import Endpoint, ListEndpoint, person
from fathom_sync import access
from fathom_sync.meetings import undoing
from fathom_sync.models import Assignment
from fathom_sync.serializers.meetings import AssignmentSerializer, AssignmentUndoneSerializer
from fathom_sync.views.meetings import TAGS


class AssignmentsView(ListEndpoint):
    """What can be taken back."""

    serializer_class = AssignmentSerializer
    queryset = Assignment.objects.none()
    ordering_by: ClassVar = {"id": "id"}

    def get_queryset(self) -> QuerySet[Assignment]:
        return access.assignments_for(self.request.user).select_related("rep").order_by("-id")

    @extend_schema(
        operation_id="listFathomAssignments", tags=TAGS, responses=AssignmentSerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """Of the last seven days, the newest first."""
        return super().get(request, **path)


class UndoView(Endpoint):
    """Take an assignment back."""

    @extend_schema(
        operation_id="undoFathomAssignment",
        tags=TAGS,
        request=None,
        responses={200: AssignmentUndoneSerializer},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """What it brought waits again, and addresses that it remembered mean the rep no more.
        What was changed since stays. 409 `undone` where somebody has taken it back meanwhile."""
        found = get_object_or_404(
            access.assignments_for(request.user).select_related("rep"), pk=assignment_id
        )
        if not undoing.may_undo(person(request), found):
            raise NotPermitted
        try:
            undone = undoing.undo(found, actor=person(request), request=request)
        except ValidationError as error:
            raise Conflict("undone", " ".join(error.messages)) from error
        answer = {
            "success": True,
            "restored": undone.restored,
            "kept": undone.kept,
            "message": undone.message,
        }
        return Response(AssignmentUndoneSerializer(answer).data)
