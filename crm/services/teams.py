"""Teams and who manages them."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from core import audit
from crm.models import Member, Organization, Team, TeamManager
from crm.refusals import TAKEN_TEAM, writing
from crm.services.writing import apply, same_organization


def create_team(
    *,
    organization: Organization,
    name: str,
    managers: Iterable[Member] = (),
    actor: Any = None,
    request: Any = None,
) -> Team:
    """Create a team. Managing it lets a MANAGER see its appointments, so who manages is audited."""
    team = Team(organization=organization)
    with writing():
        _refuse_taken(team, name)
        apply(team, {"name": name})
        team.save(force_insert=True)
        _record(team, None, name, actor, request)
        _keep_managers(team, list(managers), actor, request)
    return team


def update_team(
    *,
    team: Team,
    name: str | None = None,
    managers: Iterable[Member] | None = None,
    actor: Any = None,
    request: Any = None,
) -> Team:
    """Change what is given; `managers`, where given, are all of them."""
    with writing():
        team = (
            Team.objects.select_for_update(of=("self",))
            .select_related("organization")
            .get(pk=team.pk)
        )
        if name is not None:
            _refuse_taken(team, name)
            before = team.name
            if apply(team, {"name": name}):
                team.save(update_fields=["name"])
                _record(team, before, name, actor, request)
        if managers is not None:
            _keep_managers(team, list(managers), actor, request)
    return team


def delete_team(*, team: Team, actor: Any = None, request: Any = None) -> None:
    """Delete the team; its reps, leads and appointments stay, without a team."""
    with writing():
        _keep_managers(team, [], actor, request)
        # Its own delete() would take the id from the object that the record names.
        if Team.objects.filter(pk=team.pk).delete()[0]:
            _record(team, team.name, None, actor, request)


def _record(team: Team, before: str | None, after: str | None, actor: Any, request: Any) -> None:
    audit.record(
        "team.changed",
        actor=actor,
        target=team,
        request=request,
        organization_id=team.organization_id,
        field="name",
        before=before,
        after=after,
    )


def _refuse_taken(team: Team, name: str) -> None:
    others = Team.objects.filter(organization_id=team.organization_id, name__iexact=name).exclude(
        pk=team.pk
    )
    if others.exists():
        raise ValidationError({"name": ValidationError(TAKEN_TEAM, code="unique")})


def _keep_managers(team: Team, managers: list[Member], actor: Any, request: Any) -> None:
    for member in managers:
        same_organization(team.organization, managers=member)
    wanted = {member.pk for member in managers}
    existing = set(TeamManager.objects.filter(team=team).values_list("member_id", flat=True))
    if wanted == existing:
        return
    TeamManager.objects.filter(team=team).exclude(member_id__in=wanted).delete()
    TeamManager.objects.bulk_create(
        TeamManager(organization_id=team.organization_id, team=team, member_id=pk)
        for pk in wanted - existing
    )
    names = dict(
        Member.objects.filter(pk__in=wanted | existing).values_list("pk", "user__username")
    )
    audit.record(
        "role.changed",
        actor=actor,
        target=team,
        request=request,
        organization_id=team.organization_id,
        field="managers",
        before=sorted(names[pk] for pk in existing),
        after=sorted(names[pk] for pk in wanted),
    )
