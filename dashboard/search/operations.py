"""What keeps the rest going: workspaces, integrations, incidents, runs."""

from contextlib import suppress
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bison import access as bison
from bison.models import Workspace
from core.runs import kinds
from core.words.states import look
from crm import access
from crm.services import incidents as services
from dashboard.queries import within
from dashboard.search.asking import SHOWN, Asked, Group, Hit, group
from integrations import access as integrations


def workspaces(asked: Asked) -> Group:
    """Return the workspaces of this name, for staff who see them."""
    hits: list[Hit] = []
    if bison.may(asked.user, bison.SEE):
        rows = Workspace.objects.filter(asked.in_any("workspace_name")).select_related("instance")
        hits = [
            Hit(
                row.workspace_name,
                row.instance.name,
                reverse("dashboard:workspace", args=[row.pk]),
                "inbox",
            )
            for row in rows.order_by("workspace_name")[: SHOWN + 1]
        ]
    return group("workspace", _("Workspaces"), hits, asked.list_of("dashboard:workspaces"))


def connections(asked: Asked) -> Group:
    """Return the integrations of this name, or with this service."""
    rows = integrations.integrations_for(asked.user, asked.scope).filter(
        asked.in_any("name", "provider")
    )
    hits = [
        Hit(row.name, row.provider.title(), reverse("dashboard:integration", args=[row.pk]), "link")
        for row in rows.order_by("name", "pk")[: SHOWN + 1]
    ]
    return group("integration", _("Integrations"), hits)


def incidents(asked: Asked) -> Group:
    """Return the incidents that say so, open ones first."""
    rows = services.within(access.incidents_for(asked.user), asked.scope).filter(
        asked.in_any("title")
    )
    found = rows.order_by("-closed_at", "-opened_at")[: SHOWN + 1]
    hits = [
        Hit(
            row.headline,
            _state(row.closed_at is None),
            reverse("dashboard:incident", args=[row.pk]),
            "triangle-alert",
        )
        for row in found
    ]
    return group("incident", _("Incidents"), hits)


def runs(asked: Asked) -> Group:
    """Return the run of this id, or the last ones of kinds that are called so."""
    wanted = Q(kind__in=[key for key, name in kinds.names() if asked.is_in(name)])
    with suppress(ValueError):
        wanted |= Q(pk=UUID(asked.text))
    hits = []
    if asked.shell.sees_runs:
        found = within(access.runs_for(asked.user).filter(wanted), asked.scope).order_by("-pk")[
            : SHOWN + 1
        ]
        hits = [
            Hit(
                kinds.name_of(row.kind),
                f"{look(row.state).word} · "
                f"{date_format(timezone.localtime(row.created_at), 'SHORT_DATETIME_FORMAT')}",
                reverse("dashboard:run", args=[row.pk]),
                "activity",
            )
            for row in found
        ]
    return group("run", _("Activity"), hits)


def _state(is_open: bool) -> str:
    if is_open:
        return str(look("open").word)
    return str(look("closed").word)
