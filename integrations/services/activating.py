"""Switching an integration off and on: off, nothing is fetched, sent or tried."""

from typing import Any

from django.db import transaction

from core import incidents, vendors
from integrations import naming, registry, tiers
from integrations.models import Integration
from integrations.services import waiting
from integrations.services.writing import record


def activate(integration: Integration, *, actor: Any, request: Any = None) -> None:
    """Switch it on, and have it tried; TierLimit where the organization's tier does not
    go so far any more.
    """
    tiers.require(
        integration.organization,
        tiers.required_for(integration.type, registry.provider_of(integration)),
    )
    if _set(
        integration, is_active=True, action="integration.activated", actor=actor, request=request
    ):
        waiting.have_checked(integration)


def deactivate(integration: Integration, *, actor: Any, request: Any = None) -> None:
    """Switch it off. What was wrong with it is no incident any more."""
    changed = _set(
        integration, is_active=False, action="integration.deactivated", actor=actor, request=request
    )
    if changed:
        vendors.end_incident(integration.account)
        incidents.close(naming.cause_of(integration))


def _set(
    integration: Integration, *, is_active: bool, action: str, actor: Any, request: Any
) -> bool:
    with transaction.atomic():
        changed = Integration.objects.filter(pk=integration.pk, is_active=not is_active).update(
            is_active=is_active
        )
        if changed:
            record(action, integration, actor, request)
    integration.refresh_from_db()
    return bool(changed)
