"""What becomes known of a call's room, written down: sessions, stays,
and with them how far the call is.

Each function writes one fact and may be told it as often as anybody likes.
Whoever calls them holds the call's lock (`locked`) and ends with `settle`.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from calls import library, life, recordings
from calls.livekit import Participant, Room
from calls.models import Call, CallParticipant, RoomSession
from core import happenings
from core.queue import jobs
from crm import joining

# The length of names that LiveKit gives and our tables keep. What is longer is none of ours.
LONGEST_SID: Final = 100
LONGEST_IDENTITY: Final = 200
SKEW: Final = timedelta(seconds=60)
PEOPLE: Final = (CallParticipant.Kind.PERSON, CallParticipant.Kind.GUEST)
# A stay takes these from the seat of its device.
_OF_THE_SEAT: Final = (
    "user_id", "kind", "member_role", "display_name", "email", "is_host", "is_guest", "is_external",
    "consent_at", "consent_ip",
)  # fmt: skip


def locked(calls: QuerySet[Call]) -> Call | None:
    """Lock and return the call that this finds, for whoever is about to write facts of it; None
    when there is none.
    """
    return calls.select_for_update(of=("self",), no_key=True).first()


def named(room_name: str) -> QuerySet[Call]:
    """Find the call of the room with this name."""
    return Call.objects.filter(room_name=room_name).exclude(room_name="")


def room_seen(call: Call, room: Room, at: datetime, *, listed: bool = False) -> None:
    """Write down that this session of the room was open at that moment.

    `listed`: LiveKit was asked then, and named it.
    """
    if not _is_sid(room.sid):
        return
    session = _session(call, room.sid)
    if room.created_at:
        session.opened_at = min(session.opened_at or room.created_at, room.created_at)
    session.seen_at = max(session.seen_at or at, at)
    # A webhook of a session that was missed is late. Only a look that finds the session open after
    # all opens it again.
    if listed and not session.close_told:
        session.closed_at = session.missing_at = None
    session.save()


def room_closed(call: Call, sid: str, at: datetime) -> None:
    """Write down that LiveKit said that this session is over. Where it says so twice, the first
    time holds.
    """
    if not _is_sid(sid):
        return
    session = _session(call, sid)
    if session.close_told and session.closed_at:
        at = min(at, session.closed_at)
    session.closed_at, session.close_told = at, True
    session.save()


def room_missed(session: RoomSession, at: datetime) -> None:
    """Write down that this session was not open any more when LiveKit was asked, at `at`."""
    if session.closed_at is None:
        session.closed_at = session.seen_at or session.opened_at or at
        session.missing_at = at
        session.save(update_fields=["closed_at", "missing_at"])


def person_in(
    call: Call, session_sid: str, who: Participant, at: datetime, *, listed: bool = False
) -> None:
    """Write down that they were in at that moment. `listed`: LiveKit was asked then, and named
    them.
    """
    stay = _stay(call, session_sid, who, at)
    if stay is None:
        return
    stay.seen_at = max(stay.seen_at or at, at)
    if listed and stay.left_by == life.MISSED:
        stay.left_at, stay.left_by, stay.missing_at = None, "", None
    stay.save()


def person_out(call: Call, session_sid: str, who: Participant, at: datetime) -> None:
    """Write down that LiveKit said that they left. Where it says so twice, the first time holds."""
    stay = _stay(call, session_sid, who, at)
    if stay is None:
        return
    if stay.left_by == life.TOLD and stay.left_at:
        at = min(at, stay.left_at)
    stay.left_at, stay.left_by = at, life.TOLD
    stay.save()


def person_missed(stay: CallParticipant, at: datetime) -> None:
    """Write down that they were not in the room any more when LiveKit was asked, at `at`.

    What is proven is when they were last seen.
    """
    stay.left_at, stay.left_by, stay.missing_at = stay.seen_at or stay.joined_at, life.MISSED, at
    stay.save(update_fields=["left_at", "left_by", "missing_at"])


def settle(call: Call, now: datetime) -> life.Life:
    """Bring the call and its stays to what the facts say; write nothing where nothing changed."""
    stays = list(CallParticipant.objects.filter(call=call, joined_at__isnull=False).exclude(sid=""))
    recorded = _recorded_until(call, stays, now)
    sessions = {
        row.sid: life.Session(
            row.sid, row.closed_at, row.close_told, row.missing_at, recorded.get(row.sid)
        )
        for row in call.sessions.all()
    }
    known = [
        (
            row,
            life.Stay(
                row.session_sid,
                row.joined_at,
                row.seen_at,
                row.left_at,
                row.left_by,
                row.missing_at,
            ),
        )
        for row in stays
        if row.joined_at
    ]
    for row, stay in known:
        _write_leaving(row, life.leaving(stay, sessions.get(stay.session_sid)))
    people = [stay for row, stay in known if row.kind in PEOPLE]
    found = life.live(people, sessions, door_shut=is_shut(call, now))
    _write(call, found)
    return found


def settle_again(call_id: UUID) -> None:
    """Bring a call to what the end of a recording, which became known, says; without asking
    anybody.
    """
    with transaction.atomic():
        call = locked(Call.objects.filter(pk=call_id))
        if call is not None:
            settle(call, timezone.now())


def _recorded_until(call: Call, stays: list[CallParticipant], now: datetime) -> dict[str, datetime]:
    """Return until when each session was being recorded: by LiveKit's word, or by its recorder's
    leaving.

    A recording that never began had no recorder in the room, and says nothing.
    """
    began = call.recordings.exclude(started_at=None).exclude(ended_at=None)
    ends = list(began.values_list("room_sid", "ended_at"))
    ends += [
        (stay.session_sid, stay.left_at)
        for stay in stays
        if stay.kind == CallParticipant.Kind.RECORDER and stay.left_by == life.TOLD
    ]
    until: dict[str, datetime] = {}
    for sid, ended_at in ends:
        if ended_at:
            # A clock that runs ahead is not believed.
            until[sid] = max(until.get(sid, ended_at), min(ended_at, now))
    return until


def _session(call: Call, sid: str) -> RoomSession:
    return RoomSession.objects.get_or_create(call=call, sid=sid)[0]


def _stay(call: Call, session_sid: str, who: Participant, at: datetime) -> CallParticipant | None:
    """Return the row of this stay.

    None stands for what is neither a person nor a recorder, and for a name that nobody has in our
    rooms.
    """
    if not (who.is_person or who.is_recorder):
        return None
    if not (_is_sid(who.sid) and _is_sid(session_sid)):
        return None
    if not 0 < len(who.identity) <= LONGEST_IDENTITY:
        return None
    row = CallParticipant.objects.filter(call=call, sid=who.sid).first() or _seated(call, who)
    row.sid, row.session_sid = who.sid, row.session_sid or session_sid
    # A clock that runs ahead is not believed: nobody joined after they were seen.
    joined = at
    if who.joined_at and who.joined_at <= at + SKEW:
        joined = who.joined_at
    row.joined_at = min(row.joined_at or joined, joined)
    return row


def _seated(call: Call, who: Participant) -> CallParticipant:
    """Return the seat that was kept for this device, a row as its other stays have it, or a row for
    a stranger.
    """
    theirs = CallParticipant.objects.filter(call=call, identity=who.identity)
    known = theirs.filter(sid="").first()
    if known is not None:
        return known
    row = CallParticipant(call=call, identity=who.identity, display_name=who.name[:200])
    if who.is_recorder:
        row.kind = CallParticipant.Kind.RECORDER
    elif (other := theirs.order_by("joined_at", "pk").first()) is not None:
        for name in _OF_THE_SEAT:
            setattr(row, name, getattr(other, name))
    return row


def _is_sid(sid: str) -> bool:
    return 0 < len(sid) <= LONGEST_SID


def _write_leaving(row: CallParticipant, left: life.Leaving) -> None:
    took = None
    if left.at and row.joined_at:
        took = life.seconds(row.joined_at, left.at)
    if (row.left_at, row.left_by, row.total_seconds) != (left.at, left.by, took):
        row.left_at, row.left_by, row.total_seconds = left.at, left.by, took
        row.save(update_fields=["left_at", "left_by", "total_seconds"])


def _write(call: Call, found: life.Life) -> None:
    newest = call.sessions.order_by("-opened_at", "-pk").values_list("sid", flat=True).first() or ""
    values: dict[str, Any] = {
        "status": found.status,
        "started_at": found.started_at,
        "ended_at": found.ended_at,
        "duration_seconds": found.duration_seconds,
        "room_sid": newest,
    }
    changed = [name for name, value in values.items() if getattr(call, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(call, name, values[name])
    call.save(update_fields=[*changed, "updated_at"])
    if "started_at" in changed and call.rep_id:
        library.refresh_rep(call.rep_id)
    if "status" not in changed:
        return
    _tell(call)
    if found.status == life.ONGOING:
        jobs.after_commit("calls.start_recording", str(call.pk))
    if found.status == life.COMPLETED:
        recordings.end(call)


def _tell(call: Call) -> None:
    """Tell that it began, that it is over, or that nobody came to it."""
    if call.status == life.ONGOING:
        happenings.tell("call.started", [call])
    elif call.status == life.COMPLETED and call.started_at is None:
        happenings.tell("call.not_held", [call])
    elif call.status == life.COMPLETED:
        happenings.tell("call.completed", [call])


def is_shut(call: Call, now: datetime) -> bool:
    """Tell whether nobody can come any more: the meeting's door is shut for good."""
    appointment = call.appointment
    if appointment is None:
        return False
    return joining.is_over(appointment, now)
