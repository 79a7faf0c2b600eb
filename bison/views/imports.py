"""`/api/bison/api-keys/import` and `/api/bison/coverage`."""

from typing import Any, ClassVar

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access
from bison.keys import importing, planning, reading
from bison.keys.coverage import coverage
from bison.serializers.imports import CoveredSerializer, FileSerializer, ImportedSerializer
from bison.views.permitted import Permitted
from bison.views.workspaces import TAGS
from core.api.errors import TooLarge
from core.api.throttles import limit
from core.api.views import Endpoint, person


class ImportView(Permitted, Endpoint):
    """Keys from a file."""

    needs: ClassVar = {"POST": access.IMPORT}
    parser_classes = [MultiPartParser]  # noqa: RUF012
    throttle_classes = [limit("bison-import", 30)]  # noqa: RUF012

    @extend_schema(
        operation_id="importBisonKeys",
        tags=TAGS,
        request={"multipart/form-data": FileSerializer},
        responses={200: ImportedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Look at each row of a CSV file. Nothing is written unless `dry_run=false`, and then only
        if every row is good or `only_good=true` says that the good ones are enough."""
        form = FileSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        entered = form.validated_data
        if entered["file"].size > reading.MOST_BYTES:
            raise TooLarge
        done = importing.import_keys(
            entered["file"].read(),
            actor=person(request),
            request=request,
            dry_run=entered["dry_run"],
            only_good=entered["only_good"],
        )
        return Response(ImportedSerializer(_answer(done, dry_run=entered["dry_run"])).data)


def _answer(done: importing.Imported, *, dry_run: bool) -> dict[str, Any]:
    run_id = done.run.run.pk if done.run else None
    return {
        "rows": done.rows,
        "valid": done.valid,
        "invalid": done.invalid,
        "applied": done.applied,
        "dry_run": dry_run,
        "errors": planning.names_of(done.problems),
        "runId": run_id,
        "statusUrl": reverse("api_run", kwargs={"run_id": run_id}) if run_id else None,
    }


class CoverageView(Permitted, Endpoint):
    """How many workspaces have a key of their own."""

    needs: ClassVar = {"GET": access.SEE}
    is_list = False

    @extend_schema(
        operation_id="readBisonCoverage", tags=TAGS, responses=CoveredSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """A row for each instance, and one named TOTAL. Workspaces that are gone at the vendor
        are not counted.
        """
        return Response(CoveredSerializer(coverage(), many=True).data)
