"""Meetings with leads: booked, moved, cancelled, and kept at their wall time when
a zone's rules change.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import happenings
from core.errors import Conflicting
from crm import events, wall_time
from crm.models import Appointment, Lead, Member, Organization, SalesRep, Team
from crm.models.meetings import LONGEST
from crm.refusals import ENDS_FIRST, HAS_A_CALL, TOO_LONG, StillUsed, writing
from crm.services import availability, changes
from crm.services.changes import By
from crm.services.writing import apply, same_organization
from crm.wall_time import Wall

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
OUT_OF_RANGE = _("A year from 2000 to 2100.")
ARCHIVED = _("This rep is archived, and gets no meetings.")
CHANGED_MEANWHILE = _(
    "Somebody changed this meeting in the meantime. Look at it again, then decide."
)
# What a calendar outside shows of a meeting.
SHOWN_OUTSIDE: Final = frozenset({"title", "status", "closer", "lead"})


class ChangedMeanwhile(Conflicting):
    """It is no longer what the person looked at."""

    conflict = "changed_meanwhile"


class People(TypedDict, total=False):
    lead: Lead
    closer: Member | None
    setter: Member | None
    team: Team | None
    title: str
    status: str
    cancel_reason: str


class Changes(People, total=False):
    starts: datetime
    ends: datetime
    time_zone: str


def book_appointment(
    *,
    organization: Organization,
    starts: datetime,
    ends: datetime,
    time_zone: str,
    pk: UUID | None = None,
    refuse_clash: bool = False,
    by: By | None = None,
    **people: Unpack[People],
) -> Appointment:
    """Book a meeting. `starts` and `ends` are instants, or what the clock shows in `time_zone`.

    Who found the lead is its setter, and the closer's team its team, where the caller does not say.
    With `refuse_clash` a Clash is raised where the closer meets somebody else then: of two at once
    one is the first.
    """
    appointment = Appointment(organization=organization)
    if pk is not None:
        appointment.pk = pk
    with writing():
        _check_people(organization, people)
        people.setdefault("setter", people["lead"].qualified_by)
        if "team" not in people:
            people["team"] = _team_of(people)
        _set_times(appointment, starts, ends, time_zone)
        apply(appointment, people)
        _note_cancelling(appointment)
        availability.take(appointment, refuse_clash=refuse_clash)
        appointment.save(force_insert=True)
        happenings.tell("appointment.booked", [appointment])
        _tell(appointment)
        changes.record_booked(appointment, by)
    return appointment


def update_appointment(
    *,
    appointment: Appointment,
    expected: str = "",
    refuse_clash: bool = False,
    by: By | None = None,
    **values: Unpack[Changes],
) -> Appointment:
    """Change what is given. Another zone alone changes what the clock shows, not the moment.

    With `expected`, ChangedMeanwhile is raised where its status is another by now.
    """
    given: dict[str, Any] = dict(values)
    with writing():
        appointment = _locked(appointment)
        if expected and appointment.status != expected:
            raise ChangedMeanwhile(CHANGED_MEANWHILE, code="conflict")
        before = changes.Before.of(appointment)
        changed = _changed(appointment, given)
        if changed:
            if {"closer", "starts_at", "ends_at", "status"} & set(changed):
                availability.take(appointment, refuse_clash=refuse_clash)
            if SHOWN_OUTSIDE & set(changed) or before.times != _times(appointment):
                appointment.revision += 1
            appointment.save(
                update_fields=[*changed, "cancelled_at", "cancel_reason", "revision", "updated_at"]
            )
            _tell_what(appointment, changed, before)
            _tell(appointment)
            changes.record_changed(appointment, changed, before, by)
    return appointment


def _changed(appointment: Appointment, given: dict[str, Any]) -> list[str]:
    """Set what is given on the row; return the names of the columns that are new."""
    starts, ends = given.pop("starts", None), given.pop("ends", None)
    zone = given.pop("time_zone", None)
    _check_people(appointment.organization, given)
    changed = apply(appointment, given)
    _note_cancelling(appointment)
    if starts or ends or zone:
        _set_times(
            appointment,
            starts or appointment.starts_at,
            ends or appointment.ends_at,
            zone or appointment.time_zone,
        )
        changed += TIMES
    return changed


def _note_cancelling(appointment: Appointment) -> None:
    """Note when it was cancelled; the reason goes where it stands again."""
    if appointment.status != Appointment.Status.CANCELLED:
        appointment.cancelled_at, appointment.cancel_reason = None, ""
    elif appointment.cancelled_at is None:
        appointment.cancelled_at = timezone.now()


def move_appointment(
    *,
    appointment: Appointment,
    starts: datetime,
    ends: datetime | None = None,
    time_zone: str | None = None,
    refuse_clash: bool = False,
    by: By | None = None,
) -> Appointment:
    """Move it to another time; as long as before, by the clock, where no end is given."""
    if ends is None:
        ends = starts + _length(appointment)
    moved: Changes = {"starts": starts, "ends": ends}
    if time_zone is not None:
        moved["time_zone"] = time_zone
    return update_appointment(appointment=appointment, refuse_clash=refuse_clash, by=by, **moved)


def _length(appointment: Appointment) -> timedelta:
    """Return how long it is by the clock; in truth where that shows nothing,
    in the hour that it shows twice.
    """
    by_the_clock = appointment.ends_wall - appointment.starts_wall
    if by_the_clock > timedelta():
        return by_the_clock
    return appointment.ends_at - appointment.starts_at


def cancel_appointment(
    *, appointment: Appointment, reason: str = "", expected: str = "", by: By | None = None
) -> Appointment:
    """Cancel it: nobody comes in any more, and its links open nothing."""
    cancelled: Changes = {"status": Appointment.Status.CANCELLED}
    if reason.strip():
        cancelled["cancel_reason"] = reason.strip()
    return update_appointment(appointment=appointment, expected=expected, by=by, **cancelled)


def settle_appointment(
    *, appointment: Appointment, status: str, by: By | None = None
) -> Appointment:
    """Say of a meeting that still stands that it was held, or that nobody came."""
    return update_appointment(
        appointment=appointment, expected=Appointment.Status.SCHEDULED, by=by, status=status
    )


def reopen_appointment(
    *,
    appointment: Appointment,
    expected: str = "",
    refuse_clash: bool = False,
    by: By | None = None,
) -> Appointment:
    """Take back what was decided of it: it stands again, with the links
    that its cancelling withdrew.

    With `refuse_clash` a Clash is raised where the closer has got another meeting then,
    and it is not over yet.
    """
    refuse_clash = refuse_clash and appointment.ends_at > timezone.now()
    standing: Changes = {"status": Appointment.Status.SCHEDULED}
    return update_appointment(
        appointment=appointment, expected=expected, refuse_clash=refuse_clash, by=by, **standing
    )


def delete_appointment(*, appointment: Appointment) -> None:
    """Delete a meeting; raise StillUsed once there is a call of it."""
    with writing():
        _tell(appointment)
        happenings.tell("appointment.deleted", [appointment])
        try:
            appointment.delete()
        except (ProtectedError, RestrictedError) as error:
            raise StillUsed(HAS_A_CALL, code="conflict") from error


def keep_wall_times(now: datetime) -> int:
    """Compute the instants of what is still to come by today's rules; return how many moved.

    A meeting keeps what the clock shows; should new rules skip its end, it keeps its length.
    """
    coming = Appointment.objects.filter(ends_at__gt=now - timedelta(days=1))
    return sum(
        _realigned(appointment.pk) for appointment in coming.iterator() if _realign(appointment)
    )


def _realigned(pk: UUID) -> bool:
    with transaction.atomic():
        appointment = Appointment.objects.select_for_update().filter(pk=pk).first()
        if appointment is None:
            return False
        before = changes.Before.of(appointment)
        if not _realign(appointment):
            return False
        appointment.revision += 1
        appointment.save(update_fields=["starts_at", "ends_at", "revision", "updated_at"])
        _tell_what(appointment, TIMES, before)
        _tell(appointment)
    return True


TIMES: Final = [
    "time_zone",
    "starts_wall",
    "starts_fold",
    "ends_wall",
    "ends_fold",
    "starts_at",
    "ends_at",
]


def _realign(appointment: Appointment) -> bool:
    zone, length = appointment.time_zone, appointment.ends_at - appointment.starts_at
    starts = wall_time.instant_of(Wall(appointment.starts_wall, appointment.starts_fold), zone)
    ends = wall_time.instant_of(Wall(appointment.ends_wall, appointment.ends_fold), zone)
    if not starts < ends <= starts + LONGEST:
        ends = starts + length
    if (starts, ends) == (appointment.starts_at, appointment.ends_at):
        return False
    appointment.starts_at, appointment.ends_at = starts, ends
    return True


def _set_times(appointment: Appointment, starts: datetime, ends: datetime, zone: str) -> None:
    try:
        wall_time.check_zone(zone)
    except ValidationError as error:
        raise ValidationError({"time_zone": error}) from error
    first, last = _wall("starts_at", starts, zone), _wall("ends_at", ends, zone)
    appointment.time_zone = zone
    appointment.starts_wall, appointment.starts_fold = first.time, first.fold
    appointment.ends_wall, appointment.ends_fold = last.time, last.fold
    appointment.starts_at, appointment.ends_at = (
        wall_time.instant_of(first, zone),
        wall_time.instant_of(last, zone),
    )
    if appointment.ends_at <= appointment.starts_at:
        raise ValidationError({"ends_at": ValidationError(ENDS_FIRST, code="invalid")})
    if appointment.ends_at - appointment.starts_at > LONGEST:
        raise ValidationError({"ends_at": ValidationError(TOO_LONG, code="invalid")})


def _wall(field: str, given: datetime, zone: str) -> Wall:
    """Return what the clock shows; raise ValidationError for a time on the wall that is never
    shown.
    """
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise ValidationError({field: ValidationError(OUT_OF_RANGE, code="invalid")})
    if given.tzinfo is not None:
        return wall_time.wall_of(given.astimezone(UTC), zone)
    wall = Wall(given.replace(fold=0), given.fold)
    if not wall_time.exists(wall, zone):
        raise ValidationError({field: ValidationError(wall_time.NO_SUCH_TIME, code="invalid")})
    return wall_time.wall_of(wall_time.instant_of(wall, zone), zone)


def _check_people(organization: Organization, people: Any) -> None:
    rows = {name: people.get(name) for name in ("lead", "closer", "setter", "team")}
    same_organization(organization, **rows)
    closer = rows["closer"]
    if (
        closer is not None
        and SalesRep.objects.filter(member=closer, archived_at__isnull=False).exists()
    ):
        raise ValidationError({"closer": ValidationError(ARCHIVED, code="invalid")})


def _team_of(people: People) -> Team | None:
    rep = None
    if closer := people.get("closer"):
        rep = SalesRep.objects.filter(member=closer).select_related("team").first()
    if rep is None:
        return people["lead"].team
    return rep.team or people["lead"].team


def _locked(appointment: Appointment) -> Appointment:
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("organization")
    return rows.get(pk=appointment.pk)


def _times(appointment: Appointment) -> tuple[datetime, datetime, str]:
    """Return what moving changes."""
    return appointment.starts_at, appointment.ends_at, appointment.time_zone


def _tell_what(appointment: Appointment, changed: list[str], before: changes.Before) -> None:
    """Tell, within the transaction, what was done: moved, its status, or who meets about what."""
    if before.times != _times(appointment):
        happenings.tell(
            "appointment.moved", [appointment], starts_at=before.starts_at, ends_at=before.ends_at
        )
    if "status" in changed and appointment.status != Appointment.Status.SCHEDULED:
        happenings.tell(f"appointment.{appointment.status}", [appointment], before=before.status)
    elif set(changed) - set(TIMES):
        was = {
            "before": before.status,
            "cancelled_at": before.cancelled_at,
            "lead_before": before.lead_id,
        }
        happenings.tell("appointment.updated", [appointment], **was)


def _tell(appointment: Appointment) -> None:
    facts = {"appointment_id": appointment.pk, "organization_id": appointment.organization_id}
    transaction.on_commit(lambda: events.tell(events.appointment_changed, **facts))
