"""`/api/dashboard/integrations/chatwoot/…`: who answers at Chatwoot, and in which inboxes."""

from typing import Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import Id
from core.api.filters import refuse_unknown
from core.api.throttles import limit
from core.api.views import Endpoint, person
from crm.views.which import WHICH
from integrations.helpdesk import agents, desks, inboxes
from integrations.helpdesk.desks import Desk
from integrations.serializers.helpdesk import (
    AT,
    AgentAssignedSerializer,
    AssignmentSerializer,
    CreatedHelpdeskAgentSerializer,
    HelpdeskAgentsSerializer,
    HelpdeskInboxesSerializer,
    NewHelpdeskAgentSerializer,
)
from integrations.views.refusing import TAGS, Refusing, organization_of

ASKED: Final = ("organization", "integration")
AGENT_LIMIT = limit("helpdesk-agent", 20)
ASSIGN_LIMIT = limit("helpdesk-assign", 120)


def desk_of(request: Request) -> Desk:
    """Return the Chatwoot that a request is about: `?integration=`, or the one that
    serves the person.
    """
    refuse_unknown(request, list(ASKED))
    named = None
    if "integration" in request.query_params:
        named = Id().run_validation(request.query_params["integration"])
    return desks.serving(person(request), organization_of(request), named)


class AtDesk(Refusing, Endpoint):
    """What is asked of a Chatwoot."""

    names_others = True
    calls_vendor = True
    may_conflict = True
    may_be_unavailable = True


class AgentsView(AtDesk):
    """Agents of the account."""

    @extend_schema(
        operation_id="listHelpdeskAgents",
        tags=TAGS,
        parameters=[WHICH, AT],
        responses=HelpdeskAgentsSerializer,
    )
    def get(self, request: Request) -> Response:
        """List who answers at Chatwoot, and how many agents the tier still lets be made."""
        found = agents.listed(desk_of(request), person(request))
        return Response({"agents": found.agents, "limit": found.limit, "used": found.used})


class InboxesView(AtDesk):
    """Inboxes of the account."""

    @extend_schema(
        operation_id="listHelpdeskInboxes",
        tags=TAGS,
        parameters=[WHICH, AT],
        responses=HelpdeskInboxesSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the inboxes, and who answers in each."""
        return Response({"inboxes": inboxes.listed(desk_of(request), person(request))})


class CreateAgentView(AtDesk):
    """A new agent."""

    throttle_classes = [AGENT_LIMIT]  # noqa: RUF012

    @extend_schema(
        operation_id="createHelpdeskAgent",
        tags=TAGS,
        parameters=[WHICH, AT],
        request=NewHelpdeskAgentSerializer,
        responses={201: CreatedHelpdeskAgentSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make an agent whose address is the person's own, with the agent's name after a plus."""
        desk = desk_of(request)
        form = NewHelpdeskAgentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = agents.create(desk, person(request), request=request, **form.validated_data)
        return Response(_created(made), status=201)


class AssignAgentView(AtDesk):
    """Who answers in an inbox."""

    throttle_classes = [ASSIGN_LIMIT]  # noqa: RUF012

    @extend_schema(
        operation_id="assignHelpdeskAgent",
        tags=TAGS,
        parameters=[WHICH, AT],
        request=AssignmentSerializer,
        responses=AgentAssignedSerializer,
    )
    def post(self, request: Request) -> Response:
        """Put an agent into an inbox, or take them out; twice is the same as once."""
        desk = desk_of(request)
        form = AssignmentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wish = form.validated_data
        inboxes.assign(
            desk,
            person(request),
            agent_id=wish["agentId"],
            inbox_id=wish["inboxId"],
            action=wish["action"],
            request=request,
        )
        message = _("The agent answers in this inbox now.")
        if wish["action"] == inboxes.REMOVE:
            message = _("The agent no longer answers in this inbox.")
        return Response({"success": True, "message": message})


def _created(made: agents.Made) -> dict[str, Any]:
    message = _("The agent can sign in at Chatwoot with this password.")
    if made.is_invited:
        message = _(
            "Chatwoot has mailed an invitation to %(email)s; the agent chooses a password there."
        )
        message %= {"email": made.agent["email"]}
    return {
        "success": True,
        "message": message,
        "agent": made.agent,
        "isInvited": made.is_invited,
        "limit": made.limit,
        "used": made.used,
    }
