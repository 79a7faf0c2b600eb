"""Links that follow a person who is merged with another, or taken apart again:
what they remember stays theirs.
"""

from typing import Any
from uuid import UUID

from core import locks
from crm.services.moving import Moving
from integrations.models import ContactLink


def people_merging(*, organization_id: UUID, **_more: Any) -> None:
    """Let a sync's batch come to its end first, and the next one wait."""
    locks.hold("integrations.contacts", organization_id)


def people_merged(*, moving: Moving, **_more: Any) -> None:
    """Let links follow."""
    moving.follow(ContactLink)
