"""`/api/cron/sync-fathom`: for a clock outside that knows `CRON_SECRET`, and for staff.

A browser sends its cookies with a GET that any page makes it send.
So a cookie counts with POST alone, where its CSRF token is looked at.
"""

import time
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.authentication import CookieAuthentication, bearer_of
from core.api.filters import refuse_unknown
from core.api.permissions import SignedIn
from core.api.throttles import limit
from core.api.views import Endpoint
from core.health.readiness import same
from fathom_sync import access
from fathom_sync.serializers.meetings import MOST_HOURS, CronRunSerializer, CronStartedSerializer
from fathom_sync.syncs import cron

ENGLISH = "en"
LONGEST_WAIT = 60
WAIT = 25
ASKED = [
    OpenApiParameter(
        "hours",
        {"type": "integer", "minimum": 1, "maximum": MOST_HOURS},
        description="So far back.",
    ),
    OpenApiParameter(
        "wait",
        {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT},
        description="Seconds to wait for its end.",
    ),
]


def is_the_clock(request: Any) -> bool:
    """Tell whether the Bearer token is `CRON_SECRET`; where none is set, nothing is."""
    token = ""
    if request is not None:
        token = bearer_of(request)
    if not settings.CRON_SECRET or not token:
        return False
    return same(token, settings.CRON_SECRET)


class ClockOrStaff(SignedIn):
    """The clock, or staff who may sync the installation."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if is_the_clock(request):
            return True
        return super().has_permission(request, view) and access.may_sync_installation(request.user)


class Wish(serializers.Serializer[Any]):
    hours = serializers.RegexField(r"^[0-9]{1,4}$", required=False)
    wait = serializers.RegexField(r"^[0-9]{1,2}$", required=False)

    def validate_hours(self, value: str) -> int:
        return _within(int(value), 1, MOST_HOURS)

    def validate_wait(self, value: str) -> int:
        return _within(int(value), 0, LONGEST_WAIT)


class CronSyncView(Endpoint):
    """Sync every configured account."""

    permission_classes: list[type[BasePermission]] = [ClockOrStaff]  # noqa: RUF012
    throttle_classes = [limit("fathom-cron", 30, by_address=True)]  # noqa: RUF012
    answers = {200: CronRunSerializer, 202: CronStartedSerializer}  # noqa: RUF012

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Look for no token among people's, as the clock is nobody; cookies are for POST."""
        if is_the_clock(self.request):
            return []
        ways = super().get_authenticators()
        # The schema is made without a request, and names both ways.
        is_posted = self.request is None or self.request.method == "POST"
        return [way for way in ways if is_posted or not isinstance(way, CookieAuthentication)]

    @extend_schema(
        operation_id="cronSyncFathom",
        tags=["Fathom"],
        parameters=ASKED,
        request=None,
        responses=answers,
    )
    def get(self, request: Request) -> Response:
        """Wait for its end and say what came of it; 202 with the run when it takes longer."""
        return _answer(request)

    @extend_schema(
        operation_id="cronSyncFathomByPost",
        tags=["Fathom"],
        parameters=ASKED,
        request=None,
        responses=answers,
    )
    def post(self, request: Request) -> Response:
        """The same."""
        return _answer(request)


def _answer(request: Request) -> Response:
    # A clock has no language: its logs are read in English, whatever the installation speaks.
    language = ENGLISH
    if not is_the_clock(request):
        language = get_language()
    with translation.override(language):
        return _synced(request)


def _synced(request: Request) -> Response:
    refuse_unknown(request, [*Wish().fields])
    form = Wish(data=request.query_params.dict())
    form.is_valid(raise_exception=True)
    begun = time.monotonic()
    found = cron.run_all(
        form.validated_data.get("hours"), form.validated_data.get("wait", WAIT), "cron"
    )
    if not found.are_over:
        return Response(CronStartedSerializer(_going_on(found)).data, status=202)
    return Response(CronRunSerializer(_summed(found, begun)).data)


def _going_on(found: cron.Round) -> dict[str, Any]:
    run = found.runs[0]
    return {
        "success": True,
        "runId": run.pk,
        "statusUrl": reverse("api_run", kwargs={"run_id": run.pk}),
        "message": _and_joined(found, _("The sync goes on; ask the status address how far it is.")),
        "joined": found.has_joined,
    }


def _and_joined(found: cron.Round, message: str) -> str:
    """Return the same, and what became of a sync that was under way already."""
    if found.has_queued:
        return (
            f"{message} {_('Another sync was under way already; the wanted one starts after it.')}"
        )
    if found.has_joined:
        return f"{message} {_('A sync was under way already; this one joined it.')}"
    return message


def _summed(found: cron.Round, begun: float) -> dict[str, Any]:
    runs = found.runs
    done = cron.add_up(runs)
    result = done.error or _("The sync could not be completed.")
    if done.success:
        result = _("Sync completed successfully")
    message = _("Fathom API Key not configured. Enter one in the settings.")
    if runs:
        message = _and_joined(found, result)
    return {
        "success": done.success and bool(runs),
        "processed": done.processed,
        "imported": done.imported,
        "updated": done.updated,
        "skipped": done.skipped,
        "errors": done.errors,
        "lastSyncTime": done.last_sync_time,
        "duration_ms": round((time.monotonic() - begun) * 1000),
        "message": message,
        "outcomes": done.outcomes,
        "runId": done.run_id,
        "joined": found.has_joined,
    }


def _within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise serializers.ValidationError(
            _("From %(least)d to %(most)d.") % {"least": least, "most": most}
        )
    return value
