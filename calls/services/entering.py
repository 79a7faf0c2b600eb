"""Coming into a call: the call is there, a seat in it is kept,
and a token for that one room is made.

However many come at once, there is one call and one room: the database holds one call
of an appointment, one seat of a device. The token is made last, from what is stored.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls import library, livekit
from calls.livekit import Grants
from calls.livekit.tokens import CAMERA, MICROPHONE
from calls.models import Call, CallParticipant, Recording
from calls.models.recordings import UNDER_WAY
from core.errors import NotFound
from core.models import User
from core.queue import jobs
from crm import access, joining, services
from crm.models import Appointment, Member, SalesRep

HOST, COLLEAGUE, GUEST = "host", "colleague", "guest"
HOSTS: Final = frozenset({Member.Role.CEO, Member.Role.MANAGER, Member.Role.CLOSER})
# Each may do only what they need: a guest shows a face and speaks; data goes out from hosts alone.
GRANTS: Final[dict[str, Grants]] = {
    HOST: Grants(),
    COLLEAGUE: Grants(data=False),
    GUEST: Grants(data=False, sources=(CAMERA, MICROPHONE)),
}


class NotAvailable(Exception):
    """There is nothing to hold calls on. Which setting is missing is nobody's business outside."""


class NotOpen(Exception):
    """The meeting's door is shut: not yet, not any more, or cancelled."""

    def __init__(self, appointment: Appointment, now: datetime) -> None:
        super().__init__()
        self.message = str(_why_shut(appointment, now))


class LooksOn(Exception):
    """They see the meeting, but take no part in it."""

    message = _("You can see this meeting, but you do not take part in it.")


@dataclass(frozen=True, slots=True)
class Joined:
    """What a browser needs to come in."""

    room_name: str
    token: str
    livekit_url: str
    call_id: UUID


@dataclass(frozen=True, slots=True)
class Seat:
    """Who comes in, on which device."""

    identity: str
    name: str
    kind: str
    metadata: dict[str, str]
    facts: dict[str, Any]


def join(appointment_id: UUID, user: User, *, device: str, request: Any = None) -> Joined:
    """Let this person in, on this device.

    Raise NotFound for whoever does not see the meeting; the other refusals say what they are for.
    """
    appointment = meeting_of(user, appointment_id)
    if not livekit.configured():
        raise NotAvailable
    role = access.role_in(user, appointment.organization_id)
    kind = HOST if role in HOSTS else COLLEAGUE
    return enter(appointment, _seat_of(user, role, kind, device))


def meeting_of(user: User, appointment_id: UUID) -> Appointment:
    """Return the meeting that this person takes part in.

    Raise NotFound for a stranger, LooksOn for staff that only see it.
    """
    found = (
        access.by_role(Appointment, user)
        .select_related("lead", "organization__settings")
        .filter(pk=appointment_id)
        .first()
    )
    if found is None:
        if access.appointments_for(user).filter(pk=appointment_id).exists():
            raise LooksOn
        raise NotFound
    return found


def enter(appointment: Appointment, seat: Seat) -> Joined:
    """Enter the call of this meeting, and make it if it is not there yet. Raise NotOpen while its
    door is shut.
    """
    with transaction.atomic():
        meeting = as_it_stands(appointment.pk)
        if seat.kind == GUEST:
            refuse_guests(meeting)
        else:
            refuse_late(meeting)
        call = call_of(meeting)
        _keep_seat(call, seat)
        if _lacks_a_recording(meeting, call):
            jobs.after_commit("calls.start_recording", str(call.pk))
    token = livekit.join_token(
        identity=seat.identity,
        name=seat.name,
        room=call.room_name,
        grants=GRANTS[seat.kind],
        metadata=json.dumps(seat.metadata, separators=(",", ":")),
    )
    return Joined(call.room_name, token, livekit.client_url(), call.pk)


def as_it_stands(appointment_id: UUID) -> Appointment:
    """Return the meeting as it is now; it stays so while this transaction lasts.

    Who moves it waits for us, and who has just moved it was first. Raise NotFound when it is gone.
    This lock is taken before any lock on its call.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM crm_appointment WHERE id = %s FOR SHARE", [appointment_id])
    found = (
        Appointment.objects.select_related("lead", "organization__settings")
        .filter(pk=appointment_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def refuse_late(appointment: Appointment) -> None:
    """Refuse those who work here once the door has shut; before that they come as early as they
    like.
    """
    now = timezone.now()
    if joining.is_over(appointment, now):
        raise NotOpen(appointment, now)


def refuse_guests(appointment: Appointment) -> None:
    """Refuse guests until shortly before the meeting; those who work here come as early as they
    like.
    """
    now = timezone.now()
    if not joining.is_open(appointment, now):
        raise NotOpen(appointment, now)


def call_of(appointment: Appointment) -> Call:
    """Return the one call of this meeting, planned as the meeting is; whoever asks first makes
    it.
    """
    rep = None
    if closer := appointment.closer_id:
        rep = SalesRep.objects.filter(member_id=closer).values_list("pk", flat=True).first()
    call, _outcome = library.store_call(
        organization_id=appointment.organization_id,
        source=Call.Source.NATIVE.value,
        appointment_id=appointment.pk,
        lead_id=appointment.lead_id,
        rep_id=rep,
        title=appointment.title or appointment.lead.name,
        scheduled_start=appointment.starts_at,
        scheduled_end=appointment.ends_at,
        room_name=room_name(appointment),
    )
    return call


def room_name(appointment: Appointment) -> str:
    return f"org_{appointment.organization_id}_apt_{appointment.pk}"


def identity(kind: str, who: UUID, device: str) -> str:
    """Name one person on one device: the same again tomorrow, another on the next device.

    The name says nothing to others in the room, who can read it.
    """
    return f"{kind}_{hashlib.blake2b(f'{who}/{device}'.encode(), digest_size=16).hexdigest()}"


def _seat_of(user: User, role: str, kind: str, device: str) -> Seat:
    # Guests see no address of a mailbox. An account that is named by its address shows what
    # stands before the @.
    name = user.get_full_name() or user.get_username().partition("@")[0]
    facts = {"user": user, "member_role": role, "display_name": name[:200], "is_host": kind == HOST}
    return Seat(
        identity("member", user.pk, device), name, kind, {"role": kind, "memberRole": role}, facts
    )


def _keep_seat(call: Call, seat: Seat) -> None:
    """Keep a row that waits for them, or name the rows that they have as they are now."""
    theirs = CallParticipant.objects.filter(call=call, identity=seat.identity)
    if not theirs.update(**seat.facts):
        row = CallParticipant(call=call, identity=seat.identity, **seat.facts)
        CallParticipant.objects.bulk_create([row], ignore_conflicts=True)


def _lacks_a_recording(meeting: Appointment, call: Call) -> bool:
    if not livekit.can_record():
        return False
    if not services.settings_of(meeting.organization).call_recording_enabled:
        return False
    return not Recording.objects.filter(call=call, state__in=UNDER_WAY).exists()


def _why_shut(appointment: Appointment, now: datetime) -> Any:
    if appointment.status == Appointment.Status.CANCELLED:
        return _("This meeting was cancelled.")
    if now < appointment.starts_at:
        return _("This meeting opens 15 minutes before it starts. Come back then.")
    return _("This meeting is over.")
