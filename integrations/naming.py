"""What incidents and the admin call an integration's account,
and the cause of an integration's own incident.
"""

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from core.models import VendorAccount
from integrations.models import Integration

ALONE: Final = "integration_alone:"


def name_of(account: VendorAccount) -> str:
    """Return the integration's name; for an account that no integration has,
    that it is the installation's.
    """
    if not account.label:
        return str(_("Installation"))
    names = Integration.objects.filter(pk=UUID(account.label)).values_list("name", flat=True)
    return names.first() or account.label


def cause_of(integration: Integration) -> str:
    """Return the cause of the incident of an integration that gets no answer while others do."""
    return f"{ALONE}{integration.pk}"
