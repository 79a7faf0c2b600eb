"""Whose a meeting is: one pure function of who recorded it, whose account told of it,
and the reps there are.

    imported      the address means one rep who is here
    no_recorder   Fathom does not say who recorded it
    no_rep        the address means nobody (in the organization whose account it is)
    rep_archived  it means somebody who has left
    ambiguous     it counts in two organizations, whether their reps are here or have left:
                  both are told
    other_team    the account takes meetings of certain Fathom teams only, and this is of another

An organization's account, and a rep's, speak for that organization alone: whoever has one says what
is sent to it. On the installation's an address counts only where staff granted it
(`crm.services.claims`). Addresses are compared in the spelling of `crm.addresses`, whatever their
case or form.
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
    # The address waits for staff: it means nobody on an account that serves every organization.
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What an account speaks for: one organization (None = the installation's, for all of them),
    and the Fathom teams that it takes meetings of (none = of all)."""

    organization_id: UUID | None = None
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """The rep, or the reason why there is none. A rep who has left, or whose team is not wanted,
    is named beside it.
    """

    rep: Rep | None
    reason: str = ""

    @property
    def rep_id(self) -> UUID | None:
        if not self.rep:
            return None
        return self.rep.id


People = Mapping[str, Collection[Rep]]


def match(recorder: str, team: str, scope: Scope, people: People) -> Match:
    """Say whose this meeting is, as the account of that scope tells it."""
    if not recorder:
        return Match(None, NO_RECORDER)
    found = _only(_counting(recorder, scope, people))
    if found.rep is None or found.reason:
        return found
    is_of_its_teams = not scope.teams or team.strip().casefold() in scope.teams
    if is_of_its_teams:
        return found
    return Match(found.rep, OTHER_TEAM)


def claims(recorder: str, scope: Scope, people: People) -> list[Match]:
    """Return, of an ambiguous meeting, what each of the organizations is told
    that have the address.
    """
    counting = _counting(recorder, scope, people)
    return [
        Match(rep, AMBIGUOUS) for rep in sorted(counting, key=lambda rep: str(rep.organization_id))
    ]


def people(recorders: Iterable[str]) -> dict[str, list[Rep]]:
    """Return whom these addresses mean now, in every organization."""
    found: dict[str, list[Rep]] = {}
    rows = RepAlias.objects.filter(normalized__in={recorder for recorder in recorders if recorder})
    for normalized, rep_id, organization_id, archived_at, waits in rows.values_list(
        "normalized", "rep_id", "organization_id", "rep__archived_at", "is_waiting"
    ):
        found.setdefault(normalized, []).append(
            Rep(rep_id, organization_id, archived_at is not None, waits)
        )
    return found


def _counting(recorder: str, scope: Scope, people: People) -> list[Rep]:
    """Return those whom the address means on an account of that scope:
    at most one of each organization.
    """
    known = people.get(recorder, ())
    if scope.organization_id is None:
        return [rep for rep in known if not rep.waits]
    return [rep for rep in known if rep.organization_id == scope.organization_id]


def _only(reps: Collection[Rep]) -> Match:
    if not reps:
        return Match(None, NO_REP)
    if len(reps) > 1:
        return Match(None, AMBIGUOUS)
    [rep] = reps
    if rep.archived:
        return Match(rep, REP_ARCHIVED)
    return Match(rep, "")
