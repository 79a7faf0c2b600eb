"""`/api/bison/suppressions`: whom nobody may write to, in effect everywhere or not yet."""

from typing import Any, ClassVar, Final
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access, suppression
from bison.models import Suppression, SuppressionState
from bison.serializers.started import RunStartedSerializer, answer_of
from bison.serializers.suppressions import (
    SuppressedSerializer,
    SuppressionSerializer,
    SuppressSerializer,
)
from bison.views.permitted import Permitted
from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person

TAGS = ["Email Bison"]
RESUBSCRIBE: Final = OpenApiParameter(
    "resubscribe",
    OpenApiTypes.BOOL,
    description="Write to its leads again. Else they stay unsubscribed.",
)


class SuppressionsView(Permitted, ListEndpoint):
    """Suppressions."""

    needs: ClassVar = {"GET": access.SEE, "POST": access.SUPPRESS}
    throttle_classes = [limit("bison-suppress", 120)]  # noqa: RUF012
    serializer_class = SuppressionSerializer
    queryset = Suppression.objects.none()
    ordering_by: ClassVar = {"created_at": "created_at", "value": "value"}
    search_in: ClassVar = ["value", "reason"]
    filter_by: ClassVar = {
        "kind": ("kind", Suppression.Kind.values),
        "scope": ("scope", Suppression.Scope.values),
        "source": ("source", Suppression.Source.values),
    }

    def get_queryset(self) -> QuerySet[Suppression]:
        return _with_states(suppression.in_force()).order_by("-created_at", "-pk")

    @extend_schema(
        operation_id="listSuppressions", tags=TAGS, responses=SuppressionSerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """The newest first, with what each workspace does."""
        return super().get(request, **path)

    @extend_schema(
        operation_id="suppress",
        tags=TAGS,
        request=SuppressSerializer,
        responses={202: SuppressedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Block and unsubscribe an address or a domain in all workspaces, or in those named.
        409 says what has to be insisted on or confirmed."""
        form = SuppressSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wish = form.validated_data
        asked = suppression.ask(
            _values(wish),
            scope=wish["scope"],
            workspaces=wish.get("workspaces") or [],
            insist=wish["insist"],
            confirmed=wish["confirm"],
        )
        answer = (
            _tried(asked, wish, request) if wish["dry_run"] else _suppressed(asked, wish, request)
        )
        return Response(answer, status=202)


class SuppressionView(Permitted, Endpoint):
    """One suppression."""

    needs: ClassVar = {"GET": access.SEE, "DELETE": access.SUPPRESS}

    @extend_schema(operation_id="readSuppression", tags=TAGS, responses=SuppressionSerializer)
    def get(self, request: Request, suppression_id: UUID) -> Response:
        return Response(SuppressionSerializer(_found(suppression_id)).data)

    @extend_schema(
        operation_id="liftSuppression",
        tags=TAGS,
        parameters=[RESUBSCRIBE],
        request=None,
        responses={202: RunStartedSerializer},
    )
    def delete(self, request: Request, suppression_id: UUID) -> Response:
        """Every workspace takes it off its list of blocked ones."""
        asked = request.query_params.get("resubscribe", "false")
        if asked not in {"true", "false"}:
            raise serializers.ValidationError(
                {"resubscribe": [_("One of: %(names)s.") % {"names": "true, false"}]}
            )
        resubscribe = asked == "true"
        started = suppression.lift(
            _found(suppression_id),
            resubscribe=resubscribe,
            actor=person(request),
            request=request,
            trigger="api",
        )
        message = _("It is being lifted. Its leads stay unsubscribed.")
        if resubscribe:
            message = _("It is being lifted, and its leads are subscribed again.")
        return Response(RunStartedSerializer(answer_of(started, message)).data, status=202)


class CheckSuppressionsView(Permitted, Endpoint):
    """The check of all suppressions."""

    needs: ClassVar = {"POST": access.SUPPRESS}

    @extend_schema(
        operation_id="checkSuppressions",
        tags=TAGS,
        request=Nothing,
        responses={202: RunStartedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Read everything back, and repair what was undone at the vendor."""
        started = suppression.start_check(started_by=person(request), trigger="api")
        return Response(RunStartedSerializer(answer_of(started)).data, status=202)


def _with_states(rows: QuerySet[Suppression]) -> QuerySet[Suppression]:
    states = SuppressionState.objects.select_related("workspace").order_by(
        "workspace__workspace_name"
    )
    return rows.prefetch_related(Prefetch("states", queryset=states))


def _found(suppression_id: UUID) -> Suppression:
    row: Suppression = get_object_or_404(_with_states(suppression.in_force()), pk=suppression_id)
    return row


def _values(wish: dict[str, Any]) -> list[str]:
    """Return what was entered under either name; ValidationError where it is under both or none."""
    given = [name for name in ("value", "values") if name in wish]
    if len(given) != 1:
        raise serializers.ValidationError({"value": [_("Give either value or values.")]})
    entered = wish[given[0]]
    return [entered] if isinstance(entered, str) else entered


def _suppressed(asked: suppression.Asked, wish: dict[str, Any], request: Request) -> dict[str, Any]:
    added = suppression.suppress_many(
        asked,
        reason=wish["reason"],
        confirmed=wish["confirm"],
        actor=person(request),
        request=request,
        trigger="api",
    )
    facts: dict[str, Any] = {"id": None, "value": None, "state": {}}
    if len(added.rows) == 1:
        shown = SuppressionSerializer(_found(added.rows[0].pk)).data
        facts = {name: shown[name] for name in facts}
    count = len(added.rows)
    message = ngettext(
        "%(count)d value is suppressed now.", "%(count)d values are suppressed now.", count
    )
    answer = answer_of(added.started, f"{message % {'count': count}} {added.started.message}")
    return {
        **facts,
        **SuppressedSerializer({**answer, **facts, "suppressed": count, "dry_run": False}).data,
    }


def _tried(asked: suppression.Asked, wish: dict[str, Any], request: Request) -> dict[str, Any]:
    chosen = [workspace.pk for workspace in asked.workspaces] if asked.workspaces else None
    started = suppression.start_trial(
        asked.values, chosen, confirmed=wish["confirm"], started_by=person(request), trigger="api"
    )
    facts: dict[str, Any] = {
        "id": None,
        "value": None,
        "state": {},
        "suppressed": 0,
        "dry_run": True,
    }
    return dict(SuppressedSerializer({**answer_of(started), **facts}).data)
