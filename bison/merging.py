"""Replies that follow a lead who is merged with another, or taken apart again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bison.models import Reply
from core import locks
from crm.models import Lead
from crm.services.moving import Moving


def people_merging(*, organization_id: UUID, people: Sequence[UUID], **_more: Any) -> None:
    """Let whoever gives replies their leads come to an end first:
    they lock replies, then this name.
    """
    list(
        Reply.objects.select_for_update()
        .filter(lead_id__in=people)
        .order_by("pk")
        .values_list("pk")
    )
    locks.hold("bison.leads", organization_id)


def people_merged(*, moving: Moving, **_more: Any) -> None:
    """Let replies follow."""
    if moving.kind is Lead:
        moving.follow(Reply)
