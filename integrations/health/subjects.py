"""Integrations as subjects of maintenance and uptime, for whoever sees them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.incidents.subjects import Kind, Subject
from core.outgoing import days
from integrations import access, naming
from integrations.contacts.gone import CAUSE as CONTACTS_GONE
from integrations.events.noting import cause as events_cause
from integrations.health.outages import PREFIX
from integrations.models import Integration
from integrations.registry import find


def integrations(user: Any) -> list[Subject]:
    """Return the integrations; each is down with the vendor that all share."""
    rows = (
        access.integrations_for(user)
        .filter(is_active=True)
        .select_related("account", "organization")
    )
    return [_subject(row) for row in rows.order_by("name", "id")]


def _subject(row: Integration) -> Subject:
    down = (naming.cause_of(row), f"integration:{row.account_id}")
    provider = find(row.provider)
    shared = f"{PREFIX}{provider.name if provider else row.provider}"
    return Subject(
        "integration",
        str(row.pk),
        row.name,
        (*down, events_cause(row.pk), f"{CONTACTS_GONE}:{row.pk}"),
        organization_id=row.organization_id,
        down=(*down, events_cause(row.pk), shared),
    )


def checked(subjects: Sequence[Subject], since: datetime) -> dict[str, set[date]]:
    """Return the days on which each was called; what an integration pulls in or sends out
    is a look at it too.
    """
    found = days.by_integration(
        [UUID(subject.key) for subject in subjects], since.date(), timezone.now().date()
    )
    return {str(key): set(by_day) for key, by_day in found.items()}


INTEGRATIONS = Kind("integration", _("Integration"), integrations, checked)
