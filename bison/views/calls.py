"""`/api/bison/api-calls`: the log of calls to Email Bison, as a list and as a file."""

from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access, naming
from bison.client import VENDOR
from bison.serializers.calls import BisonCallSerializer, CallsAsked
from core.admin.export import recorded, stream
from core.api.filters import MAX_SEARCH, refuse_unknown
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint
from core.models import ApiCall
from core.outgoing import STATUSES, Wanted, exporting, found
from core.outgoing.pages import LogPages

TAGS = ["Email Bison"]
NAMES = ["workspace", "status", "from", "to", "search"]
EDGE = {"type": "string", "maxLength": 40}
ASKED = [
    OpenApiParameter(
        "workspace", {"type": "string", "maxLength": 200}, description="A workspace's name."
    ),
    OpenApiParameter(
        "status",
        {"type": "string", "pattern": f"^({'|'.join(STATUSES)}|[0-9]{{3}})?$"},
        description="How it ended, or the vendor's number.",
    ),
    OpenApiParameter("from", EDGE, description="A moment with its zone, or a day (UTC)."),
    OpenApiParameter("to", EDGE, description="The same; a day is included whole."),
    OpenApiParameter(
        "search",
        {"type": "string", "maxLength": MAX_SEARCH},
        description=(
            "Words, in the last seven days unless `from` says otherwise; or the id of a "
            "call or a run."
        ),
    ),
]


def wanted_by(request: Request, *also: str) -> Wanted:
    """Return what the query asks for; 400 for what it cannot."""
    refuse_unknown(request, [*NAMES, *also])
    # A form whose fields nobody filled in asks for no limit.
    asked = {name: value for name, value in request.query_params.items() if name in NAMES and value}
    form = CallsAsked(data=asked)
    form.is_valid(raise_exception=True)
    known = form.validated_data
    return Wanted(
        vendor=VENDOR,
        workspace=naming.by_name(known.get("workspace", "")),
        status=known.get("status", ""),
        since=known.get("from"),
        until=known.get("to"),
        search=known.get("search", ""),
    )


class CallsView(ListEndpoint):
    """Calls to Email Bison."""

    serializer_class = BisonCallSerializer
    queryset = ApiCall.objects.none()
    pagination_class = LogPages
    filter_backends: Any = ()

    def get_queryset(self) -> QuerySet[ApiCall]:
        wanted = wanted_by(self.request, "pageSize", "cursor")
        self.since = wanted.begins
        return found(wanted)

    @extend_schema(
        operation_id="listBisonCalls",
        tags=TAGS,
        parameters=ASKED,
        responses=BisonCallSerializer(many=True),
    )
    def get(self, request: Request, **path: Any) -> Response:
        """The newest first."""
        access.require(request.user, access.SEE_CALLS)
        return super().get(request, **path)


class CallsFileView(Endpoint):
    """Calls to Email Bison as a file."""

    throttle_classes = [limit("bison-calls-file", 30)]  # noqa: RUF012

    @extend_schema(
        operation_id="exportBisonCalls",
        tags=TAGS,
        parameters=ASKED,
        responses={
            (200, "text/csv"): OpenApiResponse(
                {"type": "string"}, description="CSV, a line for each call."
            )
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """CSV, the newest first, however many. Written down in the audit log before
        its first line leaves.
        """
        access.require(request.user, access.SEE_CALLS)
        access.require(request.user, access.EXPORT_CALLS)
        rows = exporting.rows(wanted_by(request))
        recorded(request._request, "export.made", "api-calls")
        return stream(f"api-calls-{timezone.now():%Y%m%d-%H%M}.csv", list(exporting.COLUMNS), rows)
