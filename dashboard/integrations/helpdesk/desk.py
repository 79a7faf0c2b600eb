"""Which Chatwoot a page is about: the one that its address names,
else the one that serves the person.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core import vendors
from crm.models import Organization
from dashboard.integrations import entering
from dashboard.integrations.entering import Visit
from dashboard.navigation import Item
from integrations import access
from integrations.helpdesk import desks
from integrations.helpdesk.desks import Desk
from integrations.models import Integration
from integrations.providers.chatwoot import PROVIDER
from integrations.providers.chatwoot.provider import CHATWOOT


@dataclass(frozen=True)
class Place:
    """The organization, the desk that is meant, and where there are several the choice of them."""

    request: HttpRequest
    visit: Visit
    organization: Organization
    desk: Desk | None
    choices: list[Integration]
    problem: str = ""

    @property
    def tabs(self) -> list[Item]:
        entries = [(_("Agents and inboxes"), "helpdesk", "users"), (_("Demos"), "demos", "monitor")]
        found = []
        for label, name, icon in entries:
            path = reverse(f"dashboard:{name}")
            found.append(Item(label, f"{path}{self.query}", icon, self.request.path == path))
        return found

    @property
    def query(self) -> str:
        """What an address has behind it, to be about the same desk."""
        asked = {}
        if self.desk is not None and self.desk.integration is not None:
            asked["integration"] = str(self.desk.integration.pk)
        if self.visit.is_staff:
            asked["organization"] = str(self.organization.pk)
        return f"?{urlencode(asked)}" if asked else ""

    def context(self, **more: Any) -> dict[str, Any]:
        """Return what each of the pages shows."""
        list_url = reverse("dashboard:integrations")
        return {
            "place": self,
            "visit": self.visit,
            "list_url": list_url,
            "may_change": self.visit.may_add,
            **more,
        }


def found(request: HttpRequest, *, to_change: bool = False) -> Place:
    """Return what a page is about; 404 for a desk that they do not see,
    403 for who may not change it.
    """
    visit = entering.entered(request)
    organization = visit.organization
    if organization is None:
        raise Http404
    if to_change and not visit.may_add:
        raise PermissionDenied
    rows = access.integrations_for(visit.user, organization.pk).filter(
        provider=PROVIDER.key, is_active=True
    )
    choices = list(rows.order_by("name", "pk"))
    named = request.GET.get("integration", "")
    try:
        key = UUID(named) if named else None
        desk = desks.serving(visit.user, organization, key)
    except (ValueError, Integration.DoesNotExist) as error:
        raise Http404 from error
    except ValidationError as error:
        return Place(request, visit, organization, None, choices, " ".join(error.messages))
    return Place(request, visit, organization, desk, choices)


def is_there(visit: Visit, providers: set[str]) -> bool:
    """Tell whether there is a Chatwoot for this person: one that they see,
    or the installation's.
    """
    if visit.organization is None:
        return False
    if PROVIDER.key in providers:
        return True
    return vendors.current(vendors.account_of(CHATWOOT, None)).are_enough_for(CHATWOOT)
