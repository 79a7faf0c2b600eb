"""What all acts have in common: how they are kept in the audit log."""

from typing import Any

from core import audit
from integrations.models import Integration


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
