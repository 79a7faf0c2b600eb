"""Agents: those of an account, and a new one for whom a place of the tier is kept before
Chatwoot is asked.

The place is a row, counted and written under one lock: of two that want the last place one gets it.
Where it is not known whether Chatwoot made the agent, it is looked for; the row is given up only
once it is known to be nobody's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit, locks
from core.errors import Conflicting, Temporary, VendorError
from core.models import User
from crm.models import Organization
from integrations.helpdesk import addresses, limits, making_agents, names, passwords
from integrations.helpdesk.desks import Desk, Open
from integrations.models import HelpdeskAgent
from integrations.providers.chatwoot.answers import Invalid
from integrations.providers.chatwoot.client import number_of, path_of, rows_of, text_of

State = HelpdeskAgent.State
# Longer than any request may take: what was begun before that is nobody's work any more.
GIVEN_UP: Final = timedelta(minutes=5)
NO_NAME: Final = _("Give the agent a name.")
TAKEN: Final = _("There is an agent of this name already. Choose another name.")
UNDER_WAY: Final = _("An agent of this name is just being made. Look again in a moment.")


class Taken(Conflicting):
    """There is one already."""

    conflict = "already_there"


@dataclass(frozen=True, slots=True)
class Listed:
    """The agents of an account, and how many places of the tier are taken."""

    agents: Sequence[Mapping[str, Any]]
    limit: int
    used: int


@dataclass(frozen=True, slots=True)
class Made:
    """A new agent; `is_invited`: Chatwoot has mailed an invitation, and the agent chooses
    a password there.
    """

    agent: Mapping[str, Any]
    is_invited: bool
    limit: int
    used: int


def listed(desk: Desk, user: User) -> Listed:
    """Return the agents of the desk; at the installation's those of the organization alone."""
    with desk.open("agents", by=user.get_username()) as at:
        found = fetched(at)
    rows = {row.email: row for row in _rows(desk)}
    gone = {
        row.pk for row in rows.values() if row.state == State.CREATED and not _is_in(row, found)
    }
    if desk.is_shared_by_all:
        found = [row for row in found if text_of(row, "email").lower() in rows]
    shown = [_shown(row, is_ours=text_of(row, "email").lower() in rows) for row in found]
    return Listed(shown, limits.of(desk.organization), used(desk.organization) - len(gone))


def create(desk: Desk, user: User, *, name: str, password: str, request: Any = None) -> Made:
    """Make an agent whose mail comes to the person.

    ValidationError by field, TierLimit where no place is left,
    Taken where there is one of this name.
    """
    name, email = checked(desk, user, name, password)
    with desk.open("create-agent", by=user.get_username()) as at:
        present = fetched(at)
        row = _reserve(desk, user, name, email, present)
        try:
            made = making_agents.make(desk, at, name=name, email=email, password=password)
        except making_agents.KnownElsewhere:
            row.delete()
            raise
        except VendorError as error:
            made = _sought(at, row, error)
    with transaction.atomic():
        vendor_id = number_of(made.agent)
        HelpdeskAgent.objects.filter(pk=row.pk).update(vendor_id=vendor_id, state=State.CREATED)
        audit.record(
            "helpdesk.agent_created",
            actor=user,
            target=row,
            request=request,
            organization_id=desk.organization.pk,
            invited=made.is_invited,
        )
    agent = _shown(made.agent, is_ours=True)
    return Made(agent, made.is_invited, limits.of(desk.organization), used(desk.organization))


def checked(desk: Desk, user: User, name: str, password: str) -> tuple[str, str]:
    """Return the name and the address of a new agent; ValidationError with all that is wrong."""
    errors: dict[str, ValidationError] = {}
    email = ""
    try:
        name = names.checked(name, NO_NAME)
        email = addresses.address_of(user.email, name)
    except ValidationError as error:
        errors["name"] = error
    try:
        passwords.check(password, is_used=making_agents.sets_passwords(desk))
    except ValidationError as error:
        errors["password"] = error
    if errors:
        raise ValidationError(errors)
    return name, email


def fetched(at: Open) -> list[Mapping[str, Any]]:
    """Return the agents that Chatwoot lists."""
    return rows_of(at.client.get(path_of(at.values, "/agents")))


def used(organization: Organization) -> int:
    """Return how many places of the organization's tier are taken."""
    return HelpdeskAgent.objects.filter(organization=organization).count()


def _rows(desk: Desk) -> Sequence[HelpdeskAgent]:
    return list(
        HelpdeskAgent.objects.filter(organization=desk.organization, integration=desk.integration)
    )


def _is_in(row: HelpdeskAgent, present: Sequence[Mapping[str, Any]]) -> bool:
    return any(text_of(agent, "email").lower() == row.email for agent in present)


@transaction.atomic
def _reserve(
    desk: Desk, user: User, name: str, email: str, present: Sequence[Mapping[str, Any]]
) -> HelpdeskAgent:
    """Keep a place for a new agent, once the places of those that are gone are free again."""
    locks.hold("helpdesk.agents", desk.organization.pk)
    now = timezone.now()
    for row in _rows(desk):
        is_old = row.reserved_at < now - GIVEN_UP
        if is_old and not _is_in(row, present):
            row.delete()
        elif row.email == email and row.state == State.RESERVED and not is_old:
            raise Taken({"name": ValidationError(UNDER_WAY, code="under_way")})
    if any(text_of(agent, "email").lower() == email for agent in present):
        raise Taken({"name": ValidationError(TAKEN, code="taken")})
    # One that was made a moment ago, and is gone already.
    HelpdeskAgent.objects.filter(
        organization=desk.organization, integration=desk.integration, email=email
    ).delete()
    limits.require_room(desk.organization, used(desk.organization))
    return HelpdeskAgent.objects.create(
        organization=desk.organization,
        integration=desk.integration,
        created_by=user,
        name=name,
        email=email,
        reserved_at=now,
    )


def _sought(at: Open, row: HelpdeskAgent, error: VendorError) -> making_agents.New:
    """Return the agent where it was made all the same; else give its place up and raise
    what went wrong.
    """
    if isinstance(error, Temporary):
        # If this fails too the place stays kept: nobody knows whether somebody sits there.
        for agent in fetched(at):
            if text_of(agent, "email").lower() == row.email:
                return making_agents.New(agent, is_invited=agent.get("confirmed") is not True)
    row.delete()
    if isinstance(error, Invalid) and error.is_taken:
        # Another made one of this address meanwhile.
        raise Taken({"name": ValidationError(TAKEN, code="taken")}) from error
    raise error


def _shown(agent: Mapping[str, Any], *, is_ours: bool) -> dict[str, Any]:
    """Return an agent as the API answers it: nothing of it is secret."""
    return {
        "id": number_of(agent),
        "name": text_of(agent, "name", 200),
        "email": text_of(agent, "email", 320),
        "role": text_of(agent, "role", 40),
        "availability": text_of(agent, "availability_status", 40),
        "isConfirmed": agent.get("confirmed") is True,
        "isOurs": is_ours,
    }
