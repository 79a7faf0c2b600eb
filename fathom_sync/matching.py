"""Whose a meeting is: one pure function of who recorded it, whose account told of it, and the reps there are.

    imported       the address means one rep who is here
    no_recorder    Fathom does not say who recorded it
    no_rep         the address means nobody (in the organization whose account it is)
    rep_archived   it means somebody who has left
    ambiguous      it means reps of two organizations
    other_team     the account takes meetings of certain Fathom teams only, and this is of another

An organization's account, and a rep's, speak for that organization alone: whoever has one says what is sent to it.
Addresses are compared in the spelling of `crm.addresses`, whatever their case or form.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from crm.models import RepAlias

NO_RECORDER: Final = "no_recorder"
NO_REP: Final = "no_rep"
REP_ARCHIVED: Final = "rep_archived"
AMBIGUOUS: Final = "ambiguous"
OTHER_TEAM: Final = "other_team"
REASONS: Final = (NO_RECORDER, NO_REP, REP_ARCHIVED, AMBIGUOUS, OTHER_TEAM)


@dataclass(frozen=True, slots=True)
class Rep:
    """What matching knows of a rep."""

    id: UUID
    organization_id: UUID
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What an account speaks for: one organization (None = the installation's, for all of them), and the Fathom teams
    that it takes meetings of (none = of all)."""

    organization_id: UUID | None = None
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """The rep, or the reason why there is none. A rep who has left, or whose team is not wanted, is named beside it."""

    rep: Rep | None
    reason: str = ""

    @property
    def rep_id(self) -> UUID | None:
        return self.rep.id if self.rep else None


People = Mapping[str, Collection[Rep]]


def match(recorder: str, team: str, scope: Scope, people: People) -> Match:
    """Whose this meeting is, as the account of that scope tells it."""
    if not recorder:
        return Match(None, NO_RECORDER)
    known = people.get(recorder, ())
    found = _one([rep for rep in known if scope.organization_id in (None, rep.organization_id)])
    if found.rep is not None and not found.reason and scope.teams and team.strip().casefold() not in scope.teams:
        return Match(found.rep, OTHER_TEAM)
    return found


def people(recorders: Iterable[str]) -> dict[str, list[Rep]]:
    """Whom these addresses mean now, in every organization."""
    found: dict[str, list[Rep]] = {}
    rows = RepAlias.objects.filter(normalized__in={one for one in recorders if one})
    for normalized, rep_id, organization_id, archived_at in rows.values_list(
        "normalized", "rep_id", "organization_id", "rep__archived_at"
    ):
        found.setdefault(normalized, []).append(Rep(rep_id, organization_id, archived_at is not None))
    return found


def _one(reps: Collection[Rep]) -> Match:
    here = [rep for rep in reps if not rep.archived]
    if len(here) == 1:
        return Match(here[0])
    if here:
        return Match(None, AMBIGUOUS)
    if reps:
        return Match(next(iter(reps)) if len(reps) == 1 else None, REP_ARCHIVED)
    return Match(None, NO_REP)
