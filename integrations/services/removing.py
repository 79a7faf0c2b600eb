"""Deleting an integration: its values and everything that hangs on it; what it brought into the CRM stays."""

from typing import Any

from django.db import transaction

from core import incidents, vendors
from integrations import naming
from integrations.models import Integration
from integrations.oauth import leaving
from integrations.services.writing import record


def remove(integration: Integration, *, actor: Any, request: Any = None) -> None:
    """Delete an integration with its account; the vendor is asked first to take back what it granted.

    That the vendor cannot do so keeps nothing from being deleted.
    """
    leaving.revoke_at_vendor(integration)
    account = integration.account
    with transaction.atomic():
        record("integration.deleted", integration, actor, request, name=integration.name)
        vendors.remove(account, actor=actor, request=request)
    incidents.close(naming.cause_of(integration))
