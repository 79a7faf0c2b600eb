"""An endpoint: where its events go, which it wants, what signs them,
and whether it may have them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from core import vendors
from core.http import addresses
from core.masking import Secret
from core.vendors import Values
from crm import access
from crm.models import Member
from integrations.events.catalogue import NAMES_OF_EVENTS
from integrations.models import EventEndpoint, Integration

PROVIDER: Final = "WEBHOOK"
URL, EVENTS, SECRET = "url", "events", "secret"
PREVIOUS, PREVIOUS_UNTIL = "previousSecret", "previousUntil"
ROTATES_FOR: Final = timedelta(hours=24)
# An event tells of the whole organization, so it goes to those who see all of it.
ROLES: Final = (Member.Role.CEO, Member.Role.ADMIN)


@dataclass(frozen=True)
class Target:
    """An endpoint as it is called: its address in two parts, and what signs, the newest first."""

    integration_id: UUID
    organization_id: UUID
    origin: str
    path: str
    keys: Sequence[Secret]


def of_organization(organization_id: UUID) -> QuerySet[Integration]:
    """Return an organization's endpoints, also those that are switched off."""
    return Integration.objects.filter(organization_id=organization_id, provider=PROVIDER)


def wants(integration: Integration, name: str) -> bool:
    """Tell whether an endpoint subscribes to this event; one that names none has them all."""
    return name in chosen(vendors.plain(integration.account, EVENTS))


def chosen(text: str) -> Sequence[str]:
    """Return the names that a value holds; all of them where it holds none."""
    return [name for name in text.split(",") if name] or NAMES_OF_EVENTS


def may_hear(integration: Integration) -> bool:
    """Tell whether its owner sees all of the organization, today."""
    owner = integration.owner
    return (
        owner is not None
        and owner.is_active
        and access.role_in(owner, integration.organization_id) in ROLES
    )


def target(integration: Integration) -> Target:
    """Return where and how to call it, from what is stored now;
    Refused for an address that may not be called.
    """
    values = vendors.current(integration.account)
    origin, path = addresses.parse(values.text(URL))
    return Target(
        integration.pk, integration.organization_id, str(origin), path, keys(values, timezone.now())
    )


def keys(values: Values, now: datetime) -> list[Secret]:
    """Return the secrets that sign: while one is being exchanged, the one before it too."""
    found = [values.secret(SECRET)]
    until = values.text(PREVIOUS_UNTIL)
    if PREVIOUS in values and until and datetime.fromisoformat(until) > now:
        found.append(values.secret(PREVIOUS))
    return found


def know(integration_ids: Sequence[UUID]) -> None:
    """See to it that there is a row for how each of them goes."""
    rows = [EventEndpoint(integration_id=pk) for pk in integration_ids]
    EventEndpoint.objects.bulk_create(rows, ignore_conflicts=True)
