"""LiveKit asked for the truth, every minute: which rooms are open, who is in them.
Webhooks are only hints.

A call whose room is not there any more is over, at the last moment that is proven: when LiveKit
said so, or when its people were last seen. Each look writes what it saw as facts (`calls.rooms`);
how far the call is follows from those.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls import life, livekit, recordings, rooms, services, turns
from calls.livekit import Participant, Room, Server
from calls.livekit.shapes import ACTIVE
from calls.models import Call, CallParticipant, RoomSession
from calls.models.recordings import UNDER_WAY
from core import audit, incidents
from core.errors import VendorError
from core.http import CallContext
from core.models import Incident
from crm import joining

logger = logging.getLogger(__name__)

BATCH: Final = 100
# A sweep looks at so many calls at most. The calls that are left wait longest, and come first in
# the next minute.
MOST: Final = 2_000
# Two sweeps at once do not ask for the same call.
AGAIN_AFTER: Final = timedelta(seconds=30)
# What became known only just before LiveKit was asked may be missing in its answer.
SLACK: Final = timedelta(seconds=5)
FAILURES: Final = 3


def sweep(now: datetime | None = None) -> int:
    """Bring every call that may be under way, and its recordings, to what its meeting and LiveKit
    say.

    Return how many calls LiveKit was asked about.
    """
    services.follow_all(now or timezone.now())
    if not livekit.configured():
        return 0
    looked = 0
    while looked < MOST and (calls := _claim(now or timezone.now())):
        looked += len(calls)
        if not _look(calls, now):
            break
    recordings.sweep(now)
    return looked


def check_call(call: Call, actor: Any = None, request: Any = None) -> str:
    """Ask LiveKit about this call now and bring it right; return what was found, for whoever
    asked.
    """
    if not livekit.configured():
        return _("Video calls are not set up here, so there is nobody to ask.")
    if not call.room_name:
        return _("This call was not held in a room of ours.")
    asked = timezone.now()
    try:
        server = livekit.server(_on_behalf("check_call", call))
        room, people = _ask(server, call.room_name)
    except VendorError as error:
        return error.message
    with transaction.atomic():
        found = _bring(call, room, people, asked)
        Call.objects.filter(pk=call.pk).update(checked_at=asked)
        if actor is not None:
            facts: dict[str, Any] = {
                "room": room.sid if room else "",
                "people": _count(people),
                "status": found.status,
            }
            audit.record(
                "call.checked",
                actor=actor,
                target=call,
                request=request,
                organization_id=call.organization_id,
                **facts,
            )
    for recording in call.recordings.filter(state__in=UNDER_WAY):
        recordings.check(recording)
    return _sentence(room, people)


def candidates(now: datetime) -> QuerySet[Call]:
    """Return the calls that may be under way.

    They are not over, for somebody asked to come in; or they are over, and their door is still
    open.
    """
    not_over = ~Q(status=Call.Status.COMPLETED)
    # It does not matter when the call began: a meeting is moved after an attempt that failed, and
    # takes place on another day.
    door = Q(scheduled_end__gte=now - joining.CLOSES_AFTER - timedelta(minutes=10))
    may_go_on = Q(status=Call.Status.COMPLETED) & door
    return Call.objects.filter(not_over | may_go_on, source=Call.Source.NATIVE).exclude(
        room_name=""
    )


def goes_on(call_id: UUID) -> bool:
    """Tell whether this call, into which somebody was let, goes on.

    Where it was over, LiveKit is asked whether they are in: only then it goes on. False means not
    yet, or that LiveKit cannot say; ask again soon.
    """
    call = Call.objects.select_related("appointment").filter(pk=call_id).first()
    if call is None or call.status != Call.Status.COMPLETED:
        return True
    if rooms.is_shut(call, timezone.now()) or not livekit.configured():
        return True
    asked = timezone.now()
    try:
        room, people = _ask(livekit.server(_on_behalf("goes_on", call)), call.room_name)
    except VendorError:
        return False
    return _bring(call, room, people, asked).status != life.COMPLETED


@transaction.atomic
def _claim(now: datetime) -> list[Call]:
    """Take the next calls that nobody else looks at; those that waited longest for a look come
    first.
    """
    due = candidates(now).filter(turns.due(now, AGAIN_AFTER))
    longest_ago = due.order_by(F("checked_at").asc(nulls_first=True), "pk")
    calls = list(longest_ago.select_for_update(skip_locked=True, no_key=True, of=("self",))[:BATCH])
    Call.objects.filter(pk__in=[call.pk for call in calls]).update(checked_at=now)
    return calls


def _look(calls: list[Call], now: datetime | None) -> bool:
    """Ask about these calls; tell whether it is worth going on."""
    server = livekit.server(_on_behalf("sweep"))
    asked = now or timezone.now()
    try:
        open_rooms = {
            room.name: room for room in server.list_rooms([call.room_name for call in calls])
        }
    except VendorError as error:
        _observe(error)
        return False
    failures = 0
    for call in calls:
        if failures >= FAILURES:
            return False
        failures += not _look_at(server, call, open_rooms.get(call.room_name), asked)
    if not failures:
        _observe(None)
    return True


def _look_at(server: Server, call: Call, room: Room | None, asked: datetime) -> bool:
    """Look at one call; what goes wrong with it does not keep others from their turn."""
    try:
        if room is None:
            _bring(call, None, [], asked)
            return True
        people = server.list_participants(room.name)
        found = _bring(call, room, people, asked)
        if found.status != life.COMPLETED or _count(people):
            return True
        if rooms.is_shut(call, asked):
            server.delete_room(room.name)
    except VendorError as error:
        _observe(error)
        return False
    return True


def _ask(server: Server, name: str) -> tuple[Room | None, list[Participant]]:
    room = next(iter(server.list_rooms([name])), None)
    if room is None:
        return None, []
    return room, server.list_participants(name)


@transaction.atomic
def _bring(
    call: Call, room: Room | None, people: Iterable[Participant], asked: datetime
) -> life.Life:
    """Write down what LiveKit said, when it was asked at `asked`, and what follows."""
    locked = rooms.locked(Call.objects.filter(pk=call.pk))
    if locked is None:
        return life.Life(call.status)
    present = [who for who in people if who.state in (ACTIVE, "")]
    if room:
        rooms.room_seen(locked, room, asked, listed=True)
        for who in present:
            rooms.person_in(locked, room.sid, who, asked, listed=True)
    _miss(locked, room, {who.sid for who in present}, asked)
    return rooms.settle(locked, asked)


def _miss(call: Call, room: Room | None, present: set[str], asked: datetime) -> None:
    """Write down what was known to be in the room earlier, and is not in the answer."""
    current = ""
    if room is not None:
        current = room.sid
    before = asked - SLACK
    for session in call.sessions.filter(closed_at=None).exclude(sid=current):
        if _was_not_seen_since(before, session):
            rooms.room_missed(session, asked)
    stays = CallParticipant.objects.filter(
        call=call, session_sid=current, joined_at__isnull=False, left_at=None
    )
    for stay in stays.exclude(session_sid="").exclude(sid__in=present):
        if _was_not_seen_since(before, stay):
            rooms.person_missed(stay, asked)


def _was_not_seen_since(moment: datetime, row: RoomSession | CallParticipant) -> bool:
    return row.seen_at is None or row.seen_at <= moment


def _count(people: Iterable[Participant]) -> int:
    return sum(who.is_person for who in people)


def _sentence(room: Room | None, people: Iterable[Participant]) -> str:
    if room is None:
        return _("LiveKit has no open room for this call. Its state is what was proven up to now.")
    return _("LiveKit has the room open, with %(count)s people in it.") % {"count": _count(people)}


def _on_behalf(function: str, call: Call | None = None) -> CallContext:
    function_name = f"calls.reconcile.{function}"
    if call is None:
        return CallContext(function_name=function_name, triggered_by="beat")
    return CallContext(
        organization_id=call.organization_id, function_name=function_name, triggered_by="person"
    )


def _observe(error: VendorError | None) -> None:
    """Report calls whose state nobody can say; one missed minute is not worth a word."""
    facts: dict[str, Any] = {}
    if error is not None:
        logger.warning("LiveKit could not be asked: %s", type(error).__name__)
        facts = {"says": error.message}
    incidents.observe(
        "calls.livekit",
        ok=error is None,
        title=gettext_lazy("LiveKit does not answer"),
        what_to_do=gettext_lazy(
            "Check the video server and the settings that name it. Calls and recordings are "
            "brought up to date as soon as it answers."
        ),
        severity=Incident.Severity.WARNING,
        facts=facts,
        open_after=2,
    )
