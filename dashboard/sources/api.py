"""`/api/sources`: every source that concerns a person, and what its last check proved."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import Moment
from core.api.views import Endpoint, person
from crm import access
from crm.views.which import WHICH, organization_asked
from dashboard.sources import pages, rows
from dashboard.sources.rows import SourceRow

# ruff: noqa: N815

KINDS = [rows.FATHOM, rows.BISON, rows.INTEGRATION]
STATES = ["whole", "gap", "partial", "failing", "old", "unchecked", "error", "not_configured"]


class SourceProofSerializer(serializers.Serializer[Any]):
    """What the last check saw: atVendor = here + leftOut + missing. `checkedAt` null:
    it was never checked.
    """

    atVendor = serializers.IntegerField(source="at_vendor", read_only=True)
    here = serializers.IntegerField(source="present", read_only=True)
    leftOut = serializers.IntegerField(source="left_out", read_only=True)
    missing = serializers.IntegerField(read_only=True)
    checkedAt = Moment(source="checked_at", read_only=True, allow_null=True)
    failingSince = Moment(source="failing_since", read_only=True, allow_null=True)


class SourceSerializer(serializers.Serializer[SourceRow]):
    """One source. `state` is `whole` where all that was listed is here or has a reason,
    and all was looked at lately.

    `waiting`: how many calls, workspaces or contacts somebody has to look at;
    `slug`: the end of its page's address.
    """

    slug = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    kind = serializers.ChoiceField(choices=KINDS, read_only=True)
    state = serializers.ChoiceField(choices=STATES, read_only=True)
    proof = SourceProofSerializer(read_only=True)
    lastSuccessAt = Moment(source="last_success_at", read_only=True, allow_null=True)
    waiting = serializers.IntegerField(read_only=True)


class SourcesView(Endpoint):
    """What comes in from elsewhere, and whether all of it is here."""

    names_others = True

    @extend_schema(
        operation_id="listSources",
        tags=["Sources"],
        parameters=[WHICH],
        responses=SourceSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Those of the organization; for staff who name none, all that they may see."""
        found = pages.summary(person(request), _scope(request)).rows
        return Response([SourceSerializer(row).data for row in found])


def _scope(request: Request) -> UUID | None:
    if "organization" not in request.query_params and access.sees_everything(request.user):
        return None
    return organization_asked(request).pk
