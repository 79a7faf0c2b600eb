"""Failover: while an integration does not work, the one that its owner named does
what it was to do.
"""

from core import vendors
from core.connections import Connection
from integrations.models import Integration


def worker_for(integration: Integration) -> Integration:
    """Return the integration that works: itself, or its stand-in while it has failed and the
    stand-in has not.

    What was never tried has not failed. A stand-in of a stand-in is not looked at:
    whoever named one named that one.
    """
    fallback = integration.fallback
    if fallback is None or not integration.is_active or not _is(integration, Connection.ERROR):
        return integration
    is_theirs = fallback.is_shared or fallback.owner_id == integration.owner_id
    if is_theirs and fallback.is_active and _is(fallback, Connection.CONNECTED):
        return fallback
    return integration


def _is(integration: Integration, state: Connection) -> bool:
    return vendors.state_of(integration.account).state is state
