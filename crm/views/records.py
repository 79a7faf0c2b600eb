"""What the five kinds of record have in common: the list, one of them, and who may write what.

A kind says which rows, which JSON and which services; everything else is the same for all.
What is written has to stay in the writer's sight: nobody books a meeting that they could not open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import NotPermitted
from core.api.fields import Id
from core.api.reading import rows_of
from core.api.views import Endpoint, ListEndpoint
from crm import access, current
from crm.models import Organization
from crm.refusals import writing
from crm.views.refusing import Refusing

OUT_OF_SIGHT = _(
    "This would take it out of your sight. Choose a team, a lead or a person of yours."
)

Values = dict[str, Any]


def _nothing_more(_request: Request, _rows: list[Any]) -> Values:
    return {}


@dataclass(frozen=True)
class Kind:
    """One kind of record."""

    model: type[Model]
    body: type[serializers.Serializer[Any]]
    # It fetches all that the answer shows, so that a page costs the same number of queries
    # however long it is.
    rows: Callable[[QuerySet[Any]], QuerySet[Any]]
    make: Callable[[Request, Organization, Values], Model]
    change: Callable[[Request, Any, Values], Model]
    drop: Callable[[Request, Any], None]
    # This gives what the JSON of these rows takes beside the rows.
    beside: Callable[[Request, list[Any]], Values] = _nothing_more

    def visible(self, request: Request) -> QuerySet[Any]:
        return self.rows(access.visible(self.model, request.user))

    def json(self, request: Request, rows: list[Any]) -> list[Any]:
        context = {"request": request, **self.beside(request, rows)}
        return rows_of(self.body, rows, context)

    def stored(self, request: Request, row: Model) -> Any:
        """Return the row as it is now.

        Raise ValidationError, so that nothing is stored, when the person may not see it.
        """
        found = self.visible(request).filter(pk=row.pk).first()
        if found is None:
            raise ValidationError(OUT_OF_SIGHT, code="invalid")
        return self.json(request, [found])[0]

    def read(self, request: Request, row: Any, organization: Organization) -> Values:
        """Check the body of a request, and return its values."""
        context = {"request": request, "organization": organization}
        form = self.body(row, data=request.data, partial=row is not None, context=context)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        values.pop("organization_id", None)
        return values

    def permit(self, request: Request, act: str, organization_id: UUID) -> None:
        if not access.may(request.user, act, self.model, organization_id):
            raise NotPermitted


class Many(Refusing, ListEndpoint):
    """GET and POST of `/api/crm/<kind>`."""

    kind: ClassVar[Kind]

    def get(self, request: Request, **_path: Any) -> Response:
        page: Any = self.paginate_queryset(self.filter_queryset(self.kind.visible(request)))
        return self.get_paginated_response(self.kind.json(request, page))

    def post(self, request: Request) -> Response:
        kind, organization = self.kind, organization_of(request)
        kind.permit(request, "add", organization.pk)
        values = kind.read(request, None, organization)
        with writing():
            answer = kind.stored(request, kind.make(request, organization, values))
        return Response(answer, status=status.HTTP_201_CREATED)


class One(Refusing, Endpoint):
    """GET, PATCH and DELETE of `/api/crm/<kind>/{id}`."""

    kind: ClassVar[Kind]

    def get(self, request: Request, record_id: UUID) -> Response:
        row = get_object_or_404(self.kind.visible(request), pk=record_id)
        return Response(self.kind.json(request, [row])[0])

    def patch(self, request: Request, record_id: UUID) -> Response:
        kind = self.kind
        row = get_object_or_404(kind.visible(request).select_related("organization"), pk=record_id)
        values = kind.read(request, row, row.organization)
        act = "change"
        if values.keys() <= {"status", "cancel_reason"}:
            act = "status"
        kind.permit(request, act, row.organization_id)
        with writing():
            answer = kind.stored(request, kind.change(request, row, values))
        return Response(answer)

    def delete(self, request: Request, record_id: UUID) -> Response:
        row = get_object_or_404(self.kind.visible(request), pk=record_id)
        self.kind.permit(request, "delete", row.organization_id)
        self.kind.drop(request, row)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Where(serializers.Serializer[Any]):
    """The part of a body that says for which organization it is;
    read first, for the rest is read by it.
    """

    organizationId = Id(required=False)  # noqa: N815


def organization_of(request: Request) -> Organization:
    where = Where(data=request.data)
    where.is_valid(raise_exception=True)
    return current.organization_meant(
        request, where.validated_data.get("organizationId"), "organization_id"
    )


def described(many: type[Many], single: type[One], singular: str, plural: str, gone: str) -> None:
    """Give both views their place in the published schema."""
    body, tags = many.kind.body, ["CRM"]
    extend_schema_view(
        get=extend_schema(
            operation_id=f"list{plural}", tags=tags, responses=body(many=True),
            description="Those that you may see."
        ),
        post=extend_schema(
            operation_id=f"create{singular}", tags=tags, request=body, responses={201: body},
            description="In your organization, or the one that organizationId names.",
        ),
    )(many)  # fmt: skip
    extend_schema_view(
        get=extend_schema(operation_id=f"read{singular}", tags=tags, responses=body),
        patch=extend_schema(
            operation_id=f"change{singular}", tags=tags, request=body(partial=True), responses=body,
            description="Only what is sent is changed.",
        ),
        delete=extend_schema(operation_id=f"delete{singular}", tags=tags, responses={204: None},
                             description=gone),
    )(single)  # fmt: skip
