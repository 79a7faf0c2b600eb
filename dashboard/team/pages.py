"""What the pages of a team show: read here, in a fixed number of queries."""

from typing import Any, Final

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import access, colleagues, services
from crm.models import Member, Organization, SalesRep, Team
from dashboard import paging, signs
from dashboard.tables import Empty, ordering_of
from dashboard.team import tables
from dashboard.team.entering import Visit
from dashboard.team.forms import (
    LeavingForm,
    MemberFilter,
    OrganizationChoice,
    RoleForm,
    TeamForm,
    TeamRepForm,
)
from integrations.models import Integration

SORTED_BY: Final = {"name": "user__first_name", "role": "role", "seen": "user__last_login"}
MOST_TEAMS: Final = 200
MOST_INVITATIONS: Final = 200
MOST_REPS: Final = 500


def team(visit: Visit, query: QueryDict) -> dict[str, Any]:
    """Return the people of an organization, who is invited, and its teams."""
    shown: dict[str, Any] = {
        "visit": visit,
        "choice": OrganizationChoice(visit) if visit.is_staff else None,
    }
    if visit.organization is None:
        return shown
    shown |= _members(visit, visit.organization, query)
    if visit.owns:
        rows = services.open_invitations().filter(organization=visit.organization)
        invited = list(
            rows.select_related("invited_by").order_by("-created_at", "-pk")[:MOST_INVITATIONS]
        )
        shown["invitations"] = tables.invitations(invited) if invited else None
    shown["teams"] = tables.teams(_teams(visit, visit.organization), empty=_no_teams(visit))
    is_alone = shown["total"] == 1 and not shown.get("invitations")
    shown["is_alone"] = visit.owns and is_alone
    return shown


def _members(visit: Visit, organization: Organization, query: QueryDict) -> dict[str, Any]:
    form = MemberFilter(query)
    form.is_valid()
    everybody = access.members_for(visit.user, organization.pk)
    found = _cut(everybody, form.cleaned_data, by_address=visit.owns)
    ordering = ordering_of(query.get("ordering", ""), SORTED_BY, "name")
    if not visit.owns:
        ordering = ordering_of(ordering, ("name", "role"), "name")
    total = found.count()
    rows = colleagues.shown(found) if visit.owns else found.select_related("user")
    page = paging.by_number(
        rows.order_by(*_order(ordering)),
        before=query.get("before", ""),
        after=query.get("after", ""),
    )
    table = tables.members(
        page.items, visit, total=total, ordering=ordering, page=page, pages=tables.PAGES
    )
    return {"filters": form, "members": table, "total": total}


def _cut(rows: QuerySet[Member], wanted: dict[str, Any], *, by_address: bool) -> QuerySet[Member]:
    if wanted.get("role"):
        rows = rows.filter(role=wanted["role"])
    for word in wanted.get("search", "").split():
        condition = Q(user__username__icontains=word) | Q(user__first_name__icontains=word)
        condition |= Q(user__last_name__icontains=word)
        if by_address:
            condition |= Q(user__email__icontains=word)
        rows = rows.filter(condition)
    return rows


def _order(ordering: str) -> list[Any]:
    by = F(SORTED_BY[ordering.removeprefix("-")]).asc(nulls_last=True)
    if ordering.startswith("-"):
        by = F(SORTED_BY[ordering.removeprefix("-")]).desc(nulls_last=True)
    return [by, "user__last_name", "user__username", "pk"]


def _teams(visit: Visit, organization: Organization) -> list[Team]:
    managers = Prefetch(
        "managers",
        Member.objects.select_related("user").order_by("user__first_name", "user__username"),
    )
    working = Count("reps", filter=Q(reps__archived_at=None))
    rows = (
        access.teams_for(visit.user, organization.pk)
        .annotate(rep_count=working)
        .prefetch_related(managers)
    )
    return list(rows.order_by("name", "pk")[:MOST_TEAMS])


def _no_teams(visit: Visit) -> Empty:
    if not visit.may("add", Team):
        return Empty(
            _("No team of yours"), _("Whoever manages a team, or sells in one, sees it."), "users"
        )
    text = _(
        "A manager sees the meetings and calls of their teams. Without teams they see "
        "only their own."
    )
    return Empty(
        _("No teams yet"), text, "users", _("Add a team"), visit.address("team_new"), "plus"
    )


def member(visit: Visit, found: Member, form: RoleForm | None = None) -> dict[str, Any]:
    """Return what is known of one member, and what may be changed."""
    row = colleagues.shown(Member.objects.filter(pk=found.pk)).get()
    is_own = row.user_id == visit.user.pk
    is_within_reach = visit.is_internal or row.role != Member.Role.ADMIN
    may_change = visit.owns and is_within_reach
    if may_change and form is None:
        form = RoleForm(visit, initial={"role": row.role})
    return {
        "visit": visit,
        "member": row,
        "name": colleagues.name_of(row),
        "facts": _facts(row),
        "form": form if may_change else None,
        "is_own": is_own,
        "may_remove": may_change or is_own,
    }


def _facts(row: Member) -> list[tuple[str, Any]]:
    teams = ", ".join(team.name for team in row.managed_teams.all())
    rep = next(iter(row.reps.all()), None)
    is_on: bool = row.has_second_factor  # type: ignore[attr-defined]
    factor = signs.status("enabled" if is_on else "disabled", quiet=True)
    return [
        (_("E-mail"), row.user.email or "–"),
        (_("Role"), row.get_role_display()),
        (_("Manages"), teams or "–"),
        (_("Rep"), signs.person(rep.name, reverse("dashboard:rep", args=[rep.pk])) if rep else "–"),
        (_("Last sign-in"), signs.ago(row.user.last_login, none=_("never"))),
        (_("Second factor"), factor),
        (_("Here since"), signs.ago(row.created_at)),
    ]


def leaving(visit: Visit, found: Member, form: LeavingForm | None = None) -> dict[str, Any]:
    """Return what somebody would leave behind, and who could take it over."""
    left = services.belongings_of(found)
    ceos = Member.objects.filter(
        organization=found.organization, role=Member.Role.CEO, user__is_active=True
    )
    is_own = found.user_id == visit.user.pk
    page_title = _("Remove %(name)s?") % {"name": colleagues.name_of(found)}
    if is_own:
        page_title = _("Leave %(name)s?") % {"name": found.organization.name}
    owned = Integration.objects.filter(organization=found.organization, owner=found.user).count()
    return {
        "visit": visit,
        "member": found,
        "name": colleagues.name_of(found),
        "page_title": page_title,
        "is_own": is_own,
        "left": left,
        "integrations": owned,
        "is_last_ceo": found.role == Member.Role.CEO and not ceos.exclude(pk=found.pk).exists(),
        "form": form or LeavingForm(found, to_archive(visit, left.rep)),
    }


def to_archive(visit: Visit, rep: SalesRep | None) -> SalesRep | None:
    """Return the rep of who leaves, where the reader may archive reps."""
    if visit.may("change", SalesRep):
        return rep
    return None


def team_of_reps(visit: Visit, found: Team, form: TeamForm | None = None) -> dict[str, Any]:
    """Return one team: its name, its managers, its reps."""
    may_change = visit.may("change", Team)
    reps = list(
        access.reps_for(visit.user, found.organization_id)
        .filter(team=found)
        .order_by("name", "pk")[:MOST_REPS]
    )
    reps.sort(key=lambda rep: rep.archived_at is not None)
    return {
        "visit": visit,
        "team": found,
        "managers": [colleagues.name_of(each) for each in found.managers.select_related("user")],
        "form": (form or TeamForm(found.organization, found)) if may_change else None,
        "reps": tables.reps_of_team(reps, may_change=visit.may("change", SalesRep)),
        "rep_form": TeamRepForm(visit, addable(visit, found))
        if visit.may("change", SalesRep)
        else None,
        "may_delete": visit.may("delete", Team),
    }


def addable(visit: Visit, found: Team) -> QuerySet[SalesRep]:
    """Return the reps at work who are not in this team."""
    working = access.reps_for(visit.user, found.organization_id).filter(archived_at=None)
    return working.exclude(team=found).order_by("name", "pk")


def of_team(found: Team) -> dict[str, int]:
    """Return how much has this team, and would have none."""
    return {
        "reps": SalesRep.objects.filter(team=found).count(),
        "leads": found.leads.count(),
        "meetings": found.appointments.count(),
    }
