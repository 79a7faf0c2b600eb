"""With an integration goes the account that holds its secrets, whichever way it is deleted."""

from typing import Any

from core.models import VendorAccount
from integrations.models import Integration


def remove_account(instance: Integration, **_signal: Any) -> None:
    """Delete the account of an integration that is gone."""
    VendorAccount.objects.filter(pk=instance.account_id).delete()
