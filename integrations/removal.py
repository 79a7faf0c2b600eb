"""What goes with an integration that is deleted otherwise than by its service,
or with its organization.
"""

from typing import Any, Final
from uuid import UUID

import structlog
from django.utils.translation import gettext_lazy as _

from core.models import VendorAccount
from core.words.sayings import Saying
from integrations import registry
from integrations.models import Integration
from integrations.services import removing

LEFT_THERE: Final = _(
    "The service of “%(name)s” (%(service)s) could not be asked to take back what it granted: "
    "remove Koppel in its settings."
)
logger = structlog.get_logger(__name__)


def remove_account(instance: Integration, **_signal: Any) -> None:
    """Delete the account of an integration that is gone, whichever way that happened."""
    VendorAccount.objects.filter(pk=instance.account_id).delete()


def leave_services(organization_id: UUID, **_signal: Any) -> list[str]:
    """Have the services of an organization that is to be deleted take back what they granted.

    Return a sentence about each that did not. One that fails in an odd way costs no other.
    """
    rows = Integration.objects.filter(organization_id=organization_id).select_related(
        "account", "organization"
    )
    return [_sentence(integration) for integration in rows if not _is_left(integration)]


def _is_left(integration: Integration) -> bool:
    try:
        return removing.leave(integration)
    except Exception:  # whatever it is: the organization is deleted, and somebody is told
        logger.exception("integration_not_left", integration=str(integration.pk))
        return False


def _sentence(integration: Integration) -> str:
    provider = registry.find(integration.provider)
    service = integration.provider if provider is None else provider.name
    return str(Saying(LEFT_THERE, {"name": integration.name, "service": service}))
