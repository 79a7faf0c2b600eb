"""Who may see what: one rule for the API, the pages and every link between them.

Staff see the whole house. A member sees the organizations that they belong to, and what happens behind the scenes
there (runs, incidents) only with a role that runs the organization.
"""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from core.models import Incident, Run, User
from crm.models import Member

Viewer = User | AnonymousUser

# The roles that run an organization: they see its syncs, its incidents and its settings.
RUNS_THE_ORGANIZATION = (Member.Role.CEO, Member.Role.MANAGER, Member.Role.ADMIN)


def sees_everything(user: Viewer) -> bool:
    """Staff of the agency, whichever group they are in."""
    return bool(user.is_active and user.is_staff)


def organizations_run_by(user: Viewer) -> list[UUID]:
    """The organizations whose runs and incidents this person may see."""
    if not user.is_authenticated:
        return []
    return list(
        Member.objects.filter(user=user, role__in=RUNS_THE_ORGANIZATION).values_list("organization_id", flat=True)
    )


def runs_for(user: Viewer) -> QuerySet[Run]:
    """The runs that this person may see, those that they started included; anything else does not exist for them."""
    if sees_everything(user):
        return Run.objects.all()
    return Run.objects.filter(_theirs(user) | Q(started_by_id=user.pk, started_by__isnull=False))


def may_cancel(user: Viewer, run: Run) -> bool:
    """Whether this person may stop a run that they see: staff by permission, others in what they run or started."""
    return not sees_everything(user) or run.started_by_id == user.pk or user.has_perm("core.change_run")


def incidents_for(user: Viewer) -> QuerySet[Incident]:
    """The incidents that this person may see; those of the whole installation are for staff."""
    return Incident.objects.all() if sees_everything(user) else Incident.objects.filter(_theirs(user))


def _theirs(user: Viewer) -> Q:
    # A null organization (the installation's own work) is in no list, so it stays with staff.
    return Q(organization_id__in=organizations_run_by(user))
