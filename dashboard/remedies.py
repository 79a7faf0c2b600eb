"""Where what is wrong is put right: the button beside an incident, for whoever may press it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bison import access as bison
from core.alerts.outbox import CHANNEL_CAUSE
from core.models import Incident
from crm.services import claims
from dashboard.navigation import Shell
from integrations import access as integrations
from integrations import naming


@dataclass(frozen=True)
class Remedy:
    """A page that helps. `of_one`: its address names what the cause ends with.
    `permission`: what it asks of staff.
    """

    word: str | Promise
    page: str
    permission: str = ""
    of_one: bool = False
    fact: str = ""
    """The fact of the incident that its address names."""


# By what a cause begins with: for staff, and for whoever owns the organization that it hits.
FOR_STAFF: Final = {
    "fathom_account:": Remedy(_("Test the connection"), "dashboard:fathom_link"),
    f"{claims.SHARED}:": Remedy(
        _("Assign the calls"), "dashboard:source_fathom_queue", "fathom_sync.view_fathommeeting"
    ),
    f"{claims.WAITING}:": Remedy(
        _("Grant the address"),
        "admin:crm_organization_change",
        "crm.change_organization",
        of_one=True,
    ),
    "bison_instance:": Remedy(
        _("Look at the instance"), "dashboard:instance", bison.SEE_INSTANCES, of_one=True
    ),
    "bison_workspace:": Remedy(
        _("Look at the workspace"), "dashboard:workspace", bison.SEE, of_one=True
    ),
    "bison_key_expiry:": Remedy(
        _("Look at the workspace"), "dashboard:workspace", bison.SEE, of_one=True
    ),
    "bison_key_expiries:": Remedy(_("Look at the workspaces"), "dashboard:workspaces", bison.SEE),
    "bison_runway:": Remedy(
        _("Look at the workspace"), "dashboard:workspace", bison.SEE, of_one=True
    ),
    "bison_runways:": Remedy(_("Look at the runway"), "dashboard:runway", bison.SEE),
    "bison_webhooks:": Remedy(_("Look at the webhooks"), "dashboard:workspace_webhooks", bison.SEE),
    "bison_replies:": Remedy(_("Look at the webhooks"), "dashboard:workspace_webhooks", bison.SEE),
    "bison_suppressions_": Remedy(
        _("Look at the suppressions"), "dashboard:suppressions", bison.SEE
    ),
    "bison_counts:": Remedy(_("Look at the workspaces"), "dashboard:workspaces", bison.SEE),
    "bison_rotation:": Remedy(
        _("Look at the instances"), "dashboard:workspaces", bison.SEE_INSTANCES
    ),
    naming.ALONE: Remedy(
        _("Look at the integration"), "dashboard:integration", integrations.SEE, of_one=True
    ),
    "integration:": Remedy(
        _("Look at the integrations"), "dashboard:integrations", integrations.SEE
    ),
    "integrations_host:": Remedy(
        _("Look at the integrations"), "dashboard:integrations", integrations.SEE
    ),
    "integrations.contacts_gone:": Remedy(
        _("Decide about the contacts"),
        "dashboard:integration_contacts",
        integrations.SEE,
        of_one=True,
    ),
    "events_out:": Remedy(
        _("Look at the deliveries"),
        "dashboard:integration_deliveries",
        integrations.SEE,
        of_one=True,
    ),
    "calls.recording_failed:": Remedy(
        _("Look at the call"), "dashboard:call", "calls.view_call", fact="last_call"
    ),
    "calls.transcription_failed:": Remedy(
        _("Look at the call"), "dashboard:call", fact="last_call"
    ),
    "crm.invitation_mail": Remedy(
        _("Look at the invitations"), "admin:crm_invitation_changelist", "crm.view_invitation"
    ),
    "webhooks:": Remedy(
        _("Look at the deliveries"), "admin:core_inboundevent_changelist", "core.view_inboundevent"
    ),
    CHANNEL_CAUSE: Remedy(
        _("Check the channel"),
        "admin:core_alertchannel_change",
        "core.change_alertchannel",
        of_one=True,
    ),
}
FOR_OWNERS: Final = {
    "fathom_account:": Remedy(_("Test the connection"), "dashboard:fathom_link"),
    f"{claims.SHARED}:": Remedy(_("Look at the addresses"), "dashboard:reps"),
    "integration": Remedy(_("Look at the integrations"), "dashboard:integrations"),
    "events_out:": Remedy(_("Look at the integrations"), "dashboard:integrations"),
    "calls.recording_failed:": Remedy(_("Look at the call"), "dashboard:call", fact="last_call"),
    "calls.transcription_failed:": Remedy(
        _("Look at the call"), "dashboard:call", fact="last_call"
    ),
}


@dataclass(frozen=True)
class Advice:
    """An incident as this person reads it, with the way to what helps where there
    is one for them.
    """

    incident: Incident
    text: str
    remedy: str | Promise = ""
    href: str = ""


def advice(incidents: Iterable[Incident], shell: Shell) -> list[Advice]:
    """Put beside each incident what the person can do about it."""
    return [_advice(incident, shell) for incident in incidents]


def _advice(incident: Incident, shell: Shell) -> Advice:
    notice = ""
    if not shell.is_staff:
        notice = incident.notice
    text = notice or incident.advice
    # What hits everybody is put right by the agency.
    found = None
    if not notice:
        found = _remedy(incident, shell)
    if found is None:
        return Advice(incident, text)
    prefix, remedy = found
    arguments = []
    if remedy.of_one:
        arguments = [incident.cause.removeprefix(prefix)]
    elif remedy.fact:
        arguments = [str(incident.facts.get(remedy.fact, ""))]
    try:
        address = reverse(remedy.page, args=arguments)
    except NoReverseMatch:
        # Kept by a release that noted something else.
        return Advice(incident, text)
    return Advice(incident, text, remedy.word, address)


def _remedy(incident: Incident, shell: Shell) -> tuple[str, Remedy] | None:
    if not shell.is_staff and not shell.owns:
        return None
    table = FOR_OWNERS
    if shell.is_staff:
        table = FOR_STAFF
    for prefix, remedy in table.items():
        if incident.cause.startswith(prefix):
            if not _may(remedy, shell):
                return None
            return (prefix, remedy)
    return None


def _may(remedy: Remedy, shell: Shell) -> bool:
    if not remedy.permission:
        return True
    return bool(shell.user and shell.user.has_perm(remedy.permission))
