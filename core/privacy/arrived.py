"""Deliveries that wait to be worked when somebody is erased whom they name.

Once they have lost the person nobody could see that they are about them, and what the person did
or spoke would be stored. So they are not worked, and nothing of them is kept; what else they told
comes with the next sync.
"""

from typing import Any, Final

from django.db.models import QuerySet

from core.models import InboundEvent

Status = InboundEvent.Status
# What stands in place of a delivery that named somebody.
EMPTIED: Final = {"erased": True}


def settle(deliveries: QuerySet[Any]) -> None:
    """Work none of these that waits."""
    deliveries.filter(processing_status=Status.PENDING).update(
        processing_status=Status.IGNORED, event_data=EMPTIED
    )
