"""What every endpoint is made from: `Endpoint` for one thing, `ListEndpoint` for many."""

from typing import Any, ClassVar, cast

from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.filters import Asked, Column, Filters, Ordering, Search
from core.api.idempotency import Repeatable
from core.api.pagination import CursorPages
from core.api.reading import rows_of
from core.models import User


def person(request: Request) -> User:
    """Return who asks; for views that let only signed-in people through."""
    return cast(User, request.user)


class Endpoint(Repeatable, APIView):
    """Signed in, strict JSON, one error body, repeatable writes:
    all by the defaults of REST_FRAMEWORK.
    """


class ListEndpoint(Repeatable, GenericAPIView[Any]):
    """Many rows, a page at a time: name `serializer_class`, `get_queryset`,
    what may be sorted, sought, filtered.
    """

    is_list = True
    pagination_class = CursorPages
    filter_backends = (Ordering, Search, Filters)
    ordering_by: ClassVar[dict[str, str]] = {}
    search_in: ClassVar[list[str]] = []
    filter_by: ClassVar[dict[str, tuple[Column, Asked]]] = {}
    # Names in the query that the view itself reads.
    also_asked: ClassVar[tuple[str, ...]] = ()

    def get(self, request: Request, **_path: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(
            rows_of(self.get_serializer_class(), page or [], self.get_serializer_context())
        )
