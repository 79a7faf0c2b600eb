"""Deleting an integration: its values and everything that hangs on it;
what it brought into the CRM stays.
"""

from typing import Any

from django.db import transaction
from django.utils.module_loading import import_string

from core import incidents, vendors
from integrations import naming, registry
from integrations.models import Integration
from integrations.oauth import leaving
from integrations.services.writing import lock, record


def remove(integration: Integration, *, actor: Any, request: Any = None) -> None:
    """Delete an integration with its account; the vendor is asked first to take back
    what it granted.

    That the vendor cannot do so keeps nothing from being deleted.
    """
    leave(integration)
    account = integration.account
    with transaction.atomic():
        lock(integration)
        record("integration.deleted", integration, actor, request, name=integration.name)
        vendors.remove(account, actor=actor, request=request)
    incidents.close(naming.cause_of(integration))


def leave(integration: Integration) -> bool:
    """Have the vendor take back what it granted, and what was put there for this integration;
    tell whether it did.
    """
    is_clean = True
    provider = registry.find(integration.provider)
    if provider is not None and provider.leave:
        take_away = import_string(provider.leave)
        is_clean = take_away(integration)
    return not leaving.revoke_at_vendor(integration).is_left_there and is_clean
