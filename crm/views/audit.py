"""The audit log's chain: what the last check found, and another check."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import NotPermitted
from core.api.serializers import Nothing, RunSerializer
from core.api.views import Endpoint, person
from core.audit import verifying
from core.models import User
from crm import access
from crm.serializers.audit import VerificationSerializer

SEE = "core.view_auditevent"
NEVER = {"at": None, "rows": None, "problems": None, "is_intact": None, "run_id": None}


class VerificationView(Endpoint):
    """Whether the log is as it was written."""

    @extend_schema(
        operation_id="readAuditVerification", tags=["Audit"], responses=VerificationSerializer
    )
    def get(self, request: Request) -> Response:
        """Show what the last check of the audit log found."""
        _require(person(request))
        return Response(VerificationSerializer(verifying.last_check() or NEVER).data)

    @extend_schema(
        operation_id="verifyAudit", tags=["Audit"], request=Nothing, responses={202: RunSerializer}
    )
    def post(self, request: Request) -> Response:
        """Read the whole log in a run, or join the one that is under way."""
        asking = person(request)
        _require(asking)
        Nothing(data=request.data).is_valid(raise_exception=True)
        started = verifying.start(trigger="api", started_by=asking)
        return Response(RunSerializer(started.run).data, status=202)


def _require(user: User) -> None:
    if not (access.sees_everything(user) and user.has_perm(SEE)):
        raise NotPermitted
