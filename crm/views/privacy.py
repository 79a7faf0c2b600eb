"""`/api/people/erasures` and `/api/people/exports`: a person taken out of everything,
or shown all that is known.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from core.api.errors import NotPermitted
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person
from crm.models import Erasure, Organization, PersonExport
from crm.privacy import asking, erasing, exporting
from crm.serializers import privacy as bodies
from crm.views.refusing import Refusing
from crm.views.which import WHICH, organization_owned

TAGS = ["People"]
EVERYWHERE = OpenApiParameter(
    "everywhere",
    {"type": "string", "enum": ["true", "false"]},
    description="All of the installation: for staff who may.",
)


class Asking(Refusing, ListEndpoint):
    """What the two lists share: of an organization, or of the installation."""

    names_others = True
    also_asked: ClassVar = (WHICH.name, EVERYWHERE.name)
    throttle_classes = (limit("people", 60, seconds=3600),)

    def get_throttles(self) -> list[Any]:
        if self.request.method != "POST":
            return []
        return super().get_throttles()

    def organization(self) -> Organization | None:
        """Return whose people are meant; None for those of all."""
        asked = self.request.query_params.get(EVERYWHERE.name, "false")
        if asked not in ("true", "false"):
            raise ValidationError({EVERYWHERE.name: ["true, false"]})
        if asked == "true":
            if not asking.may(self.request.user, None):
                raise NotPermitted
            return None
        return organization_owned(self.request)


class ErasureListView(Asking):
    """Erasures."""

    serializer_class = bodies.ErasureSerializer
    queryset = Erasure.objects.none()
    ordering_by: ClassVar = {"askedAt": "asked_at"}

    def get_queryset(self) -> QuerySet[Erasure]:
        return Erasure.objects.filter(organization=self.organization()).order_by("-asked_at", "-id")

    @extend_schema(operation_id="listErasures", tags=TAGS, parameters=[WHICH, EVERYWHERE])
    def get(self, request: Request, **path: Any) -> Response:
        """List erasures with their certificates, the newest first:
        for CEO, ADMIN and staff who may.
        """
        return super().get(request, **path)

    @extend_schema(
        operation_id="erasePerson",
        tags=TAGS,
        parameters=[WHICH, EVERYWHERE],
        request=bodies.AskedForErasure,
        responses={202: bodies.ErasureSerializer},
    )
    def post(self, request: Request) -> Response:
        """Erase a person. It cannot be undone, so the address is typed twice."""
        organization = self.organization()
        form = bodies.AskedForErasure(data=request.data)
        form.is_valid(raise_exception=True)
        erasure, _started = erasing.ask(
            organization=organization,
            email=form.validated_data["email"],
            again=form.validated_data["confirm"],
            actor=person(request),
            request=request,
        )
        return Response(bodies.ErasureSerializer(erasure).data, status=status.HTTP_202_ACCEPTED)


class ErasureView(Endpoint):
    """One certificate."""

    @extend_schema(operation_id="readErasure", tags=TAGS, responses=bodies.ErasureSerializer)
    def get(self, request: Request, erasure_id: UUID) -> Response:
        """Show a certificate: when, who, and of each place how many were found, erased,
        redacted and kept, and why.
        """
        return Response(bodies.ErasureSerializer(_theirs(request, Erasure, erasure_id)).data)


class ExportListView(Asking):
    """Exports."""

    serializer_class = bodies.ExportSerializer
    queryset = PersonExport.objects.none()
    ordering_by: ClassVar = {"askedAt": "asked_at"}

    def get_queryset(self) -> QuerySet[PersonExport]:
        return PersonExport.objects.filter(organization=self.organization()).order_by(
            "-asked_at", "-id"
        )

    @extend_schema(operation_id="listPersonExports", tags=TAGS, parameters=[WHICH, EVERYWHERE])
    def get(self, request: Request, **path: Any) -> Response:
        """List the files of the last day, the newest first: for CEO, ADMIN and staff who may."""
        return super().get(request, **path)

    @extend_schema(
        operation_id="exportPerson",
        tags=TAGS,
        parameters=[WHICH, EVERYWHERE],
        request=bodies.AskedForExport,
        responses={202: bodies.ExportSerializer},
    )
    def post(self, request: Request) -> Response:
        """Have a file made of all that is known of a person;
        it is there for 24 hours, for you alone.
        """
        organization = self.organization()
        form = bodies.AskedForExport(data=request.data)
        form.is_valid(raise_exception=True)
        email = form.validated_data["email"]
        export, _started = exporting.ask(
            organization=organization, email=email, actor=person(request), request=request
        )
        return Response(bodies.ExportSerializer(export).data, status=status.HTTP_202_ACCEPTED)


class ExportView(Endpoint):
    """One export."""

    @extend_schema(operation_id="readPersonExport", tags=TAGS, responses=bodies.ExportSerializer)
    def get(self, request: Request, export_id: UUID) -> Response:
        """Show how far the file is."""
        return Response(bodies.ExportSerializer(_theirs(request, PersonExport, export_id)).data)


class ExportFileView(Endpoint):
    """The file itself."""

    @extend_schema(
        operation_id="downloadPersonExport",
        tags=TAGS,
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, export_id: UUID) -> HttpResponse:
        """Download it: whoever asked for it, while they may; recorded each time."""
        export = _theirs(request, PersonExport, export_id)
        content = None
        if export.asked_by_id == request.user.pk:
            content = exporting.read(export, actor=person(request), request=request)
        if content is None:
            raise Http404
        answer = HttpResponse(content, content_type="application/octet-stream")
        answer["Content-Disposition"] = f'attachment; filename="person-{export.pk}.zip"'
        answer["Cache-Control"] = "no-store"
        return answer


def _theirs(request: Request, model: Any, row_id: UUID) -> Any:
    """Return a row that this person may see; 404 for another's."""
    row = get_object_or_404(model, pk=row_id)
    if not asking.may(request.user, row.organization_id):
        raise Http404
    return row
