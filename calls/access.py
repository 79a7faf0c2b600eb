"""Which calls a person may see: one rule for the API, the pages, recordings,
transcripts and search.

A native call is seen by whoever sees its appointment (`crm.access`), and what was said and recorded
in it follows the call. A Fathom call belongs to its rep: CEO sees all of the organization, MANAGER
those of reps in their teams, CLOSER and SETTER those of the rep that they are. What a person does
not see does not exist for them (404).
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from calls.models import Call
from crm import access
from crm.access import Viewer
from crm.models import Appointment, Member, SalesRep, TeamManager

Condition = Callable[[Member], Q]


def _of_the_organization(member: Member) -> Q:
    return Q(organization_id=member.organization_id)


def _managed_reps(member: Member) -> Any:
    teams = TeamManager.objects.filter(member_id=member.pk).values("team_id")
    return SalesRep.objects.filter(team_id__in=teams).values("pk")


def _own_rep(member: Member) -> Any:
    return SalesRep.objects.filter(member_id=member.pk).values("pk")


def _native(member: Member) -> Q:
    appointments = Appointment.objects.filter(access.SIGHT[Appointment][member.role](member))
    return Q(source=Call.Source.NATIVE, appointment_id__in=appointments.values("pk"))


def _theirs(reps: Callable[[Member], Any]) -> Condition:
    # The organization follows from the rest. Naming it keeps the database from looking at the
    # calls of others.
    return lambda member: (
        _of_the_organization(member)
        & (_native(member) | Q(source=Call.Source.FATHOM, rep_id__in=reps(member)))
    )


SIGHT: Final[dict[str, Condition]] = {
    "CEO": _of_the_organization,
    "MANAGER": _theirs(_managed_reps),
    "CLOSER": _theirs(_own_rep),
    "SETTER": _theirs(_own_rep),
    "ADMIN": lambda _member: Q(),
}


def of_team(team_id: UUID | None) -> Q:
    """Find the calls of a team, or of none: those of its meetings,
    and what was recorded of its reps.
    """
    if team_id is None:
        meetings, reps = Q(appointment__team_id=None), Q(rep__team_id=None)
    else:
        meetings = Q(appointment_id__in=Appointment.objects.filter(team_id=team_id).values("pk"))
        reps = Q(rep_id__in=SalesRep.objects.filter(team_id=team_id).values("pk"))
    return Q(meetings, source=Call.Source.NATIVE) | Q(reps, source=Call.Source.FATHOM)


def calls_for(user: Viewer, organization_id: UUID | None = None) -> QuerySet[Call]:
    """Return the calls that this person may see: by role, or as staff by permission."""
    calls = Call.objects.all()
    if not (access.sees_everything(user) and user.has_perm("calls.view_call")):
        calls = _by_role(user)
    if organization_id is None:
        return calls
    return calls.filter(organization_id=organization_id)


def _by_role(user: Viewer) -> QuerySet[Call]:
    members = access.memberships_of(user)
    if any(member.role == Member.Role.ADMIN for member in members):
        return Call.objects.all()
    if not members:
        return Call.objects.none()
    wanted = Q(pk__in=())
    for member in members:
        wanted |= SIGHT[member.role](member)
    return Call.objects.filter(wanted)


def may_work(user: Viewer, call: Call) -> bool:
    """Tell whether this person says what came of a call that they see,
    ticks its items and writes beside it.

    Whoever sees it by their role does; staff do by permission.
    """
    if access.role_in(user, call.organization_id):
        return True
    return access.sees_everything(user) and user.has_perm("calls.change_call")


def colleagues_of(call: Call) -> QuerySet[Member]:
    """Return the members of its organization who see this call:
    SIGHT, looked at from the other side.
    """
    seen = Q(role__in=[Member.Role.CEO, Member.Role.ADMIN])
    if call.source == Call.Source.NATIVE:
        seen |= _of_the_meeting(call)
    elif call.rep_id:
        seen |= Q(role__in=[Member.Role.CLOSER, Member.Role.SETTER], reps=call.rep_id)
        seen |= Q(
            role=Member.Role.MANAGER, pk__in=_managers(SalesRep.objects.filter(pk=call.rep_id))
        )
    return Member.objects.filter(seen, organization_id=call.organization_id).distinct()


def _of_the_meeting(call: Call) -> Q:
    meeting = Appointment.objects.filter(call=call)
    return (
        Q(role=Member.Role.CLOSER, pk__in=meeting.values("closer_id"))
        | Q(role=Member.Role.SETTER, pk__in=meeting.values("lead__qualified_by_id"))
        | Q(role=Member.Role.MANAGER, pk__in=_managers(meeting))
    )


def _managers(rows: QuerySet[Any]) -> Any:
    return TeamManager.objects.filter(team_id__in=rows.values("team_id")).values("member_id")
