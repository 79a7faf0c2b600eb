"""Meetings in which somebody takes part who was erased: left out,
and nothing is kept of what they say.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from crm.privacy import returning
from fathom_sync.meetings import deciding
from fathom_sync.meetings.deciding import SKIPPED, Decision
from fathom_sync.meetings.parsing import Meeting

ERASED: Final = returning.ERASED


def leave_out(decisions: Sequence[Decision]) -> None:
    """Refuse the meetings that name somebody who was erased in their organization."""
    by_organization: dict[UUID | None, list[Decision]] = defaultdict(list)
    for decision in decisions:
        by_organization[decision.organization_id].append(decision)
    for organization_id, of_it in by_organization.items():
        for decision in of_it:
            if names_erased(organization_id, decision.meeting):
                deciding.refuse(decision, SKIPPED, ERASED)
                decision.is_ignored = False
                decision.meeting = replace(decision.meeting, title="")


def names_erased(organization_id: UUID | None, meeting: Meeting) -> bool:
    """Tell whether a meeting names somebody who was erased there."""
    return bool(returning.mentioned(organization_id, meeting.item.raw.decode("utf-8", "replace")))
