"""Who may see and do what: one rule for the API, the pages and every link between them.

SIGHT is the table of roles: for each kind of row, what each role sees of its organization, as a
condition. What a person does not see does not exist for them (404). ACTS says which role may do
what with the rows that it sees.

Staff of the agency see and change what their permissions let them, in every organization;
they take no part in calls. An ADMIN is internal: a member somewhere, who sees every organization.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet

from core.models import Incident, Run, User
from crm.models import Appointment, Contact, Lead, Member, Organization, SalesRep, Team, TeamManager

Viewer = User | AnonymousUser
Row = TypeVar("Row", bound=Model)
Condition = Callable[[Member], Q]

# The roles that run an organization: they see its syncs, its incidents and its settings.
RUNS_THE_ORGANIZATION = (Member.Role.CEO, Member.Role.MANAGER, Member.Role.ADMIN)


def _everything(member: Member) -> Q:
    return Q()


def _of_the_organization(member: Member) -> Q:
    return Q(organization_id=member.organization_id)


def _managed(member: Member) -> Any:
    return TeamManager.objects.filter(member_id=member.pk).values("team_id")


def _lead_is_theirs(member: Member) -> Q:
    return Q(lead_id__in=Lead.objects.filter(SIGHT[Lead][member.role](member)).values("pk"))


def _their_own_team(member: Member) -> Q:
    return Q(pk__in=SalesRep.objects.filter(member_id=member.pk).values("team_id"))


SIGHT: Final[dict[type[Model], dict[str, Condition]]] = {
    Appointment: {
        "CEO": _of_the_organization,
        "MANAGER": lambda member: Q(team_id__in=_managed(member)),
        "CLOSER": lambda member: Q(closer_id=member.pk),
        "SETTER": lambda member: Q(lead__qualified_by_id=member.pk),
        "ADMIN": _everything,
    },
    Lead: {
        "CEO": _of_the_organization,
        "MANAGER": lambda member: (
            Q(team_id__in=_managed(member))
            | Q(pk__in=Appointment.objects.filter(team_id__in=_managed(member)).values("lead_id"))
        ),
        "CLOSER": lambda member: Q(
            pk__in=Appointment.objects.filter(closer_id=member.pk).values("lead_id")
        ),
        "SETTER": lambda member: Q(qualified_by_id=member.pk),
        "ADMIN": _everything,
    },
    Contact: {
        "CEO": _of_the_organization,
        "MANAGER": _lead_is_theirs,
        "CLOSER": _lead_is_theirs,
        "SETTER": _lead_is_theirs,
        "ADMIN": _everything,
    },
    SalesRep: {
        "CEO": _of_the_organization,
        "MANAGER": lambda member: Q(team_id__in=_managed(member)) | Q(member_id=member.pk),
        "CLOSER": lambda member: Q(member_id=member.pk),
        "SETTER": lambda member: Q(member_id=member.pk),
        "ADMIN": _everything,
    },
    Team: {
        "CEO": _of_the_organization,
        "MANAGER": lambda member: Q(pk__in=_managed(member)),
        "CLOSER": _their_own_team,
        "SETTER": _their_own_team,
        "ADMIN": _everything,
    },
    # It is no secret among colleagues who works with them: an appointment names its closer.
    Member: {
        "CEO": _of_the_organization,
        "MANAGER": _of_the_organization,
        "CLOSER": _of_the_organization,
        "SETTER": _of_the_organization,
        "ADMIN": _everything,
    },
    Organization: {
        "CEO": lambda member: Q(pk=member.organization_id),
        "MANAGER": lambda member: Q(pk=member.organization_id),
        "CLOSER": lambda member: Q(pk=member.organization_id),
        "SETTER": lambda member: Q(pk=member.organization_id),
        "ADMIN": _everything,
    },
}

# A role may do these with rows that it sees. "status" is the part of a change that says how far
# something is.
ALL = frozenset({"add", "change", "status", "delete"})
ACTS: Final[dict[type[Model], dict[str, frozenset[str]]]] = {
    Appointment: {
        "CEO": ALL,
        "MANAGER": ALL,
        "CLOSER": frozenset({"status"}),
        "SETTER": frozenset({"add", "status"}),
        "ADMIN": ALL,
    },
    Lead: {
        "CEO": ALL,
        "MANAGER": ALL,
        "CLOSER": frozenset({"status"}),
        "SETTER": frozenset({"add", "status"}),
        "ADMIN": ALL,
    },
    Contact: {
        "CEO": ALL,
        "MANAGER": ALL,
        "CLOSER": frozenset({"add", "change"}),
        "SETTER": frozenset({"add", "change"}),
        "ADMIN": ALL,
    },
    SalesRep: {"CEO": ALL, "ADMIN": ALL},
    Team: {"CEO": ALL, "ADMIN": ALL},
    Member: {"CEO": ALL, "ADMIN": ALL},
    Organization: {"CEO": frozenset({"change"}), "ADMIN": frozenset({"change"})},
}


def sees_everything(user: Viewer) -> bool:
    """Tell whether this is staff of the agency, whichever group they are in."""
    return bool(user.is_active and user.is_staff)


def memberships_of(user: Viewer) -> list[Member]:
    """Return where this person belongs, by the organization's name.

    A stranger or a closed account belongs nowhere.
    """
    if not (user.is_authenticated and user.is_active):
        return []
    known: list[Member] | None = getattr(user, "known_memberships", None)
    if known is not None:
        return known
    return list(Member.objects.filter(user_id=user.pk).select_related("organization"))


def remember_memberships(user: User) -> None:
    """Read once where this person belongs, for all that is asked with this very object: that of one
    request.
    """
    user.known_memberships = memberships_of(user)  # type: ignore[attr-defined]


def visible(model: type[Row], user: Viewer, organization_id: UUID | None = None) -> QuerySet[Row]:
    """Return the rows of this kind that this person may see: by role, or as staff by permission."""
    rows = model._default_manager.all()
    if not _as_staff(user, "view", model):
        rows = by_role(model, user)
    if organization_id is None:
        return rows
    column = "organization_id"
    if model is Organization:
        column = "pk"
    return rows.filter(**{column: organization_id})


def by_role(model: type[Row], user: Viewer) -> QuerySet[Row]:
    """Return the rows that this person sees through a role in an organization, whatever they may as
    staff.
    """
    rows = model._default_manager.all()
    members = memberships_of(user)
    if any(member.role == Member.Role.ADMIN for member in members):
        return rows
    if not members:
        return rows.none()
    wanted = Q(pk__in=())
    for member in members:
        wanted |= SIGHT[model][member.role](member)
    return rows.filter(wanted)


def appointments_for(user: Viewer, organization_id: UUID | None = None) -> QuerySet[Appointment]:
    """Return the appointments that this person may see: pages, API, join, recordings and search
    alike ask this.
    """
    return visible(Appointment, user, organization_id)


def leads_for(user: Viewer, organization_id: UUID | None = None) -> QuerySet[Lead]:
    return visible(Lead, user, organization_id)


def contacts_for(user: Viewer, organization_id: UUID | None = None) -> QuerySet[Contact]:
    return visible(Contact, user, organization_id)


def reps_for(user: Viewer, organization_id: UUID | None = None) -> QuerySet[SalesRep]:
    return visible(SalesRep, user, organization_id)


def teams_for(user: Viewer, organization_id: UUID | None = None) -> QuerySet[Team]:
    return visible(Team, user, organization_id)


def members_for(user: Viewer, organization_id: UUID | None = None) -> QuerySet[Member]:
    return visible(Member, user, organization_id)


def organizations_for(user: Viewer) -> QuerySet[Organization]:
    return visible(Organization, user)


def role_in(user: Viewer, organization_id: UUID) -> str:
    """Return the role that counts in that organization: ADMIN for whoever is ADMIN anywhere, '' for
    a stranger.
    """
    roles = {member.organization_id: member.role for member in memberships_of(user)}
    if Member.Role.ADMIN in roles.values():
        return Member.Role.ADMIN
    return roles.get(organization_id, "")


def may(user: Viewer, act: str, model: type[Model], organization_id: UUID) -> bool:
    """Tell whether this person may add, change or delete rows of this kind in it, or set their
    status.

    Which rows is what `visible` says: ask this only of a row that the person sees.
    """
    if act in ACTS[model].get(role_in(user, organization_id), frozenset()):
        return True
    if act == "status":
        act = "change"
    return _as_staff(user, act, model)


def owns(user: Viewer, organization_id: UUID) -> bool:
    """Tell whether this person says who is in that organization and what it has chosen.

    That are its CEO, an ADMIN and staff who may.
    """
    return may(user, "change", Organization, organization_id)


def is_internal(user: Viewer) -> bool:
    """Tell whether this person is of the house: staff that may change organizations, or an
    ADMIN.
    """
    if _as_staff(user, "change", Organization):
        return True
    return any(member.role == Member.Role.ADMIN for member in memberships_of(user))


def _as_staff(user: Viewer, act: str, model: type[Model]) -> bool:
    return sees_everything(user) and user.has_perm(f"crm.{act}_{model._meta.model_name}")


def runs_for(user: Viewer) -> QuerySet[Run]:
    """Return the runs that this person may see, those that they started included.

    Any other run does not exist for them.
    """
    if sees_everything(user):
        return Run.objects.all()
    return Run.objects.filter(_theirs(user) | Q(started_by_id=user.pk, started_by__isnull=False))


def run_to_follow(user: Viewer, run_id: UUID) -> Run | None:
    """Return a run that this person may read: theirs, or that of a rep whom they see, whoever
    started it.

    Who asks for what is under way already joins it, and must be able to see how it goes.
    Stopping it is another matter.
    """
    found = runs_for(user).filter(pk=run_id).first()
    if found is not None:
        return found
    run = Run.objects.filter(pk=run_id, organization_id__isnull=False).first()
    if run is not None and _is_of_a_rep_they_see(user, run):
        return run
    return None


def _is_of_a_rep_they_see(user: Viewer, run: Run) -> bool:
    try:
        rep = UUID(run.parameters.get("rep"))
    except (AttributeError, TypeError, ValueError):
        return False
    return reps_for(user, run.organization_id).filter(pk=rep).exists()


def may_cancel(user: Viewer, run: Run) -> bool:
    """Tell whether this person may stop a run that they see.

    Staff may by permission, whoever started it; others may in what they run or started.
    """
    if not sees_everything(user):
        return True
    return user.has_perm("core.change_run")


def incidents_for(user: Viewer, members: list[Member] | None = None) -> QuerySet[Incident]:
    """Return the incidents that this person may see.

    Those are the incidents of the organizations that they run, and those that hit every
    organization. The others of the installation are for staff. `members` where the caller has read
    the person's memberships already.
    """
    if sees_everything(user):
        return Incident.objects.all()
    if members is None:
        members = memberships_of(user)
    wanted = _of_theirs(members)
    if any(member.role in RUNS_THE_ORGANIZATION for member in members):
        wanted |= Q(organization_id=None) & ~Q(for_everybody="")
    return Incident.objects.filter(wanted)


def _theirs(user: Viewer) -> Q:
    return _of_theirs(memberships_of(user))


def _of_theirs(members: list[Member]) -> Q:
    # A null organization means the installation's own work. It is nobody's, so it stays with staff.
    if any(member.role == Member.Role.ADMIN for member in members):
        return Q(organization_id__isnull=False)
    return Q(
        organization_id__in=[
            member.organization_id for member in members if member.role in RUNS_THE_ORGANIZATION
        ]
    )


def may_see_account(user: Viewer, organization_id: UUID | None) -> bool:
    """Tell whether this person sees an account at a vendor, masked; None is the installation's."""
    if sees_everything(user) and user.has_perm("core.view_vendoraccount"):
        return True
    return may_change_account(user, organization_id)


def may_change_account(user: Viewer, organization_id: UUID | None) -> bool:
    """Tell whether this person says what is set in an account at a vendor;
    None is the installation's.
    """
    if sees_everything(user):
        return user.has_perm("core.change_vendoraccount")
    return organization_id is not None and owns(user, organization_id)
