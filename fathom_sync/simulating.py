"""What would change if reps had other aliases: over all meetings that Fathom ever listed, before anything is saved."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, QuerySet

from crm.models import RepAlias, SalesRep
from fathom_sync import matching, storing
from fathom_sync.matching import Match, People, Rep, Scope
from fathom_sync.models import FathomAccount, FathomMeeting

EXAMPLES: Final = 10
_ALIKE: Final = ("recorder", "team", "accounts", "call__rep_id")
Proposed = Mapping[SalesRep, Iterable[str]]


@dataclass(slots=True)
class Simulation:
    """How many meetings would get a rep, lose theirs, or change it; and some of each, newest first."""

    gained: int = 0
    lost: int = 0
    changed: int = 0
    unchanged: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


def simulate(proposed: Proposed, meetings: QuerySet[FathomMeeting]) -> Simulation:
    """`proposed`: reps, and all the aliases (in one spelling) that each would have; their own e-mail stays.

    Nothing is written. Calls whose rep was chosen by hand stay as they are.
    """
    before, after = _people(proposed)
    touched = [address for address in before | after if before.get(address) != after.get(address)]
    tellers = _Tellers()
    counts: Counter[str] = Counter()
    said: list[tuple[str, Any, Match]] = []
    groups = meetings.filter(recorder__in=touched).exclude(call__match_locked=True)
    for group in groups.values(*_ALIKE).annotate(n=Count("pk")).order_by("recorder"):
        scope = tellers.nearest(group["accounts"])
        was = matching.match(group["recorder"], group["team"], scope, before)
        will = matching.match(group["recorder"], group["team"], scope, after)
        change = _change(group["call__rep_id"] or _here(was), _here(will))
        counts[change] += group["n"]
        if change != "unchanged":
            said.append((change, group, will))
    untouched = meetings.count() - sum(counts.values())
    counts["gained"] += _gained_from_nobody({rep.pk for rep in proposed}, meetings, touched, after, tellers)
    return Simulation(
        counts["gained"], counts["lost"], counts["changed"], counts["unchanged"] + untouched, _examples(groups, said)
    )


class _Tellers:
    """What the accounts speak for by which a meeting is matched again: the nearest of each."""

    def __init__(self) -> None:
        scopes = storing.Scopes()
        self._known = {account.pk: scopes.of(account) for account in FathomAccount.objects.all()}

    def nearest(self, accounts: Iterable[UUID]) -> Scope:
        found = [self._known[one] for one in accounts if one in self._known]
        return min(found, key=lambda scope: scope.organization_id is None, default=Scope())


def _gained_from_nobody(
    reps: set[UUID], seen: QuerySet[FathomMeeting], touched: list[str], after: People, tellers: _Tellers
) -> int:
    """Meetings of nobody's organization that these reps would get. Who asks may not see them before they have them."""
    nobodys = FathomMeeting.objects.filter(organization=None, recorder__in=touched).exclude(pk__in=seen.values("pk"))
    groups = nobodys.order_by().values("recorder", "team", "accounts").annotate(n=Count("pk"))
    return sum(
        group["n"]
        for group in groups
        if _here(matching.match(group["recorder"], group["team"], tellers.nearest(group["accounts"]), after)) in reps
    )


def _people(proposed: Proposed) -> tuple[dict[str, set[Rep]], dict[str, set[Rep]]]:
    """Whom each address that plays a part means now, and whom it would."""
    theirs = {rep.pk: Rep(rep.pk, rep.organization_id, rep.archived_at is not None) for rep in proposed}
    rows = RepAlias.objects.filter(rep_id__in=theirs).values_list("normalized", "rep_id", "is_main")
    mine = list(rows)
    wanted = {address for aliases in proposed.values() for address in aliases}
    known = matching.people({*wanted, *(normalized for normalized, _rep, _main in mine)})
    before = {address: set(reps) for address, reps in known.items()}
    after = {address: {rep for rep in reps if rep.id not in theirs} for address, reps in before.items()}
    for normalized, rep_id, is_main in mine:
        if is_main:
            after.setdefault(normalized, set()).add(theirs[rep_id])
    for rep, aliases in proposed.items():
        for address in aliases:
            # In one organization an address is one rep's: the new one's.
            others = {one for one in after.get(address, set()) if one.organization_id != rep.organization_id}
            after[address] = others | {theirs[rep.pk]}
    return before, after


def _here(match: Match) -> UUID | None:
    return match.rep_id if not match.reason else None


def _change(was: UUID | None, will: UUID | None) -> str:
    if was == will:
        return "unchanged"
    if was is None:
        return "gained"
    return "lost" if will is None else "changed"


def _examples(groups: QuerySet[FathomMeeting], said: list[tuple[str, Any, Match]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for change, group, will in said[:EXAMPLES]:
        alike = groups.filter(
            recorder=group["recorder"],
            team=group["team"],
            accounts=group["accounts"],
            call__rep_id=group["call__rep_id"],
        )
        found += [
            {
                "id": meeting.pk,
                "title": meeting.title,
                "recorder": meeting.recorder,
                "createdAt": meeting.created_at,
                "change": change,
                "fromRepId": group["call__rep_id"],
                "toRepId": _here(will),
                "reason": will.reason,
            }
            for meeting in alike.order_by("-day", "-pk")[:3]
        ]
    return found[:EXAMPLES]
