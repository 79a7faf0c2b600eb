"""A call goes along with its meeting: told after that was changed, and found by the minute's look
where nobody told.
"""

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Coalesce

from calls.models import Call
from calls.services.entering import as_it_stands, call_of
from core.errors import NotFound
from crm.models import SalesRep

logger = logging.getLogger(__name__)

AT_ONCE: Final = 200
# A call that is over is still compared for so long after its planned end. Whoever joins it brings
# it in line at any time.
COMPARED: Final = timedelta(days=7)


def follow_appointment(appointment_id: UUID) -> None:
    """Let the call of a meeting that was moved, or whose people changed, follow it as it is by
    now.
    """
    with transaction.atomic():
        try:
            appointment = as_it_stands(appointment_id)
        except NotFound:
            return
        if Call.objects.filter(appointment=appointment).exists():
            call_of(appointment)


def follow_all(now: datetime) -> int:
    """Bring calls in line with meetings that changed without their calls; return how many were not
    in line.
    """
    behind = list(_behind(now).values_list("appointment_id", flat=True)[:AT_ONCE])
    for appointment_id in behind:
        try:
            follow_appointment(appointment_id)
        except DatabaseError:  # one call that fails keeps no other from following its meeting
            logger.exception("The call of the meeting %s does not follow it", appointment_id)
    return len(behind)


def _behind(now: datetime) -> QuerySet[Call]:
    """Find calls, of those that an index finds, that are planned otherwise than their meetings."""
    over = Q(status=Call.Status.COMPLETED, scheduled_end__gte=now - COMPARED)
    compared = Call.objects.filter(
        ~Q(status=Call.Status.COMPLETED) | over, source=Call.Source.NATIVE
    )
    nobody = Value(UUID(int=0), output_field=UUIDField())
    rep = SalesRep.objects.filter(member_id=OuterRef("appointment__closer_id")).values("pk")[:1]
    with_reps = compared.exclude(appointment=None).annotate(
        rep_then=Coalesce(F("rep_id"), nobody), rep_now=Coalesce(Subquery(rep), nobody)
    )
    same_time = Q(
        scheduled_start=F("appointment__starts_at"), scheduled_end=F("appointment__ends_at")
    )
    same_people = Q(lead_id=F("appointment__lead_id")) & (
        Q(match_locked=True) | Q(rep_then=F("rep_now"))
    )
    return with_reps.exclude(same_time & same_people).order_by("pk")
