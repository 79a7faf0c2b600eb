"""What all acts have in common: how they are kept in the audit log."""

from typing import Any

from core import audit
from core.models import VendorAccount
from integrations.models import Integration


def lock(integration: Integration) -> None:
    """Keep others from changing it until the transaction ends; ObjectDoesNotExist where it is gone.

    Its account first, as all do; and both before anything is recorded:
    the log's head is the last of all locks.
    """
    VendorAccount.objects.select_for_update().get(pk=integration.account_id)
    Integration.objects.select_for_update(of=("self",)).get(pk=integration.pk)


def record(action: str, integration: Integration, actor: Any, request: Any, **facts: Any) -> None:
    """Write down who did what with an integration."""
    audit.record(
        action,
        actor=actor,
        target=integration,
        request=request,
        organization_id=integration.organization_id,
        provider=integration.provider,
        **facts,
    )
