"""`/api/bison/ledger`: what the vendor has, what came in, and what is in Koppel, day by day."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access
from bison.models import LedgerDay
from bison.serializers.ledger import ReplyLedgerDaySerializer
from bison.views.permitted import Permitted
from core.api.fields import Day
from core.api.views import ListEndpoint


class LedgerView(Permitted, ListEndpoint):
    """The reply ledger."""

    needs: ClassVar = {"GET": access.SEE}
    serializer_class = ReplyLedgerDaySerializer
    queryset = LedgerDay.objects.none()
    filter_by: ClassVar = {
        "workspace": ("workspace__workspace_name", None),
        "from": ("day__gte", Day()),
        "to": ("day__lte", Day()),
    }

    def get_queryset(self) -> QuerySet[LedgerDay]:
        found = LedgerDay.objects.select_related("workspace__instance", "workspace__ledger_check")
        return found.order_by("-day", "id")

    @extend_schema(
        operation_id="readBisonLedger",
        tags=["Email Bison"],
        responses=ReplyLedgerDaySerializer(many=True),
    )
    def get(self, request: Request, **path: Any) -> Response:
        """Per workspace and day (UTC), the newest day first.
        `from` and `to` are days, both included.
        """
        return super().get(request, **path)
