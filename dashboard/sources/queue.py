"""Meetings that are not in the library, by why and by whose address,
and whose they are said to be.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import User
from crm import access
from dashboard.navigation import Shell
from dashboard.queries import within
from dashboard.sources import days, evidence
from fathom_sync import access as fathom
from fathom_sync.models import Assignment, FathomMeeting

MOST_GROUPS: Final = 200
LATELY_SHOWN: Final = 3
CLAIMED_BY_TWO: Final = _(
    "Another organization has this address too. Take it off your rep if it is not theirs, or ask "
    "the administrators whose it is."
)
Outcome = FathomMeeting.Outcome
# These become calls once somebody says whose they are.
ASSIGNABLE: Final = ("no_rep", "rep_archived", "ambiguous", "other_team", "no_recorder")
WHAT_TO_DO: Final = {
    "no_rep": _(
        "Say whose they are, or add the address to a rep: then they come in by themselves."
    ),
    "rep_archived": _("Bring the rep back, or give the calls to somebody else."),
    "ambiguous": _(
        "Nothing is guessed: say whose they are, or take the address away from one of the two."
    ),
    "other_team": _(
        "Only calls of the chosen teams come in by themselves. Single ones can be given to a rep."
    ),
    "no_recorder": _("Say whose they are."),
    "not_fetched": _("They come with the next sync; there is nothing to do."),
    "unreadable": _("They are looked at again with every sync."),
    "no_id": _("They cannot be told apart from each other, so they are not imported."),
    "refused": _("They are looked at again with every sync."),
    "deleted": _("They were removed from the library here, and stay out of it."),
}


@dataclass(frozen=True)
class Group:
    """The meetings of one address that wait for one reason."""

    reason: str
    recorder: str
    name: str
    count: int
    newest: Any

    @property
    def key(self) -> str:
        return f"{self.reason}|{self.recorder}"

    @property
    def url(self) -> str:
        """Return where its meetings are, and where they are assigned."""
        return f"{reverse('dashboard:source_fathom_assign')}?{urlencode({'group': self.key})}"


@dataclass(frozen=True)
class Cause:
    """One reason and all addresses that it holds back."""

    reason: str
    groups: list[Group]
    # Whether the reader is of the house, which alone decides between two organizations.
    is_internal: bool = True

    @property
    def title(self) -> str:
        return days.reason(self.reason)

    @property
    def todo(self) -> Any:
        if self._is_claimed:
            return CLAIMED_BY_TWO
        return WHAT_TO_DO.get(self.reason, "")

    @property
    def can_be_assigned(self) -> bool:
        return self.reason in ASSIGNABLE and not self._is_claimed

    @property
    def _is_claimed(self) -> bool:
        return self.reason == "ambiguous" and not self.is_internal

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)


def page(user: User, shell: Shell) -> dict[str, Any]:
    """Return the causes, the most meetings first, and what was assigned lately."""
    groups = _groups(user, shell.scope)
    is_internal = access.is_internal(user)
    causes = [
        Cause(reason, [group for group in groups if group.reason == reason], is_internal)
        for reason in _reasons(groups)
    ]
    return {
        "causes": causes,
        "is_whole": not groups and evidence.is_whole(shell.scope),
        "more": len(groups) == MOST_GROUPS,
        "may_assign": may_assign(user, shell) and any(cause.can_be_assigned for cause in causes),
        "lately": lately(user, shell.scope),
    }


def may_assign(user: User, shell: Shell) -> bool:
    """Tell whether this person gives meetings to any rep: whoever runs the organization,
    and staff who may.
    """
    if shell.is_staff:
        return user.has_perm("crm.change_salesrep")
    return shell.sees_runs


def lately(user: User, scope: UUID | None) -> list[Assignment]:
    """Return what this person assigned last and can take back."""
    own = within(fathom.assignments_for(user), scope).filter(made_by=user).select_related("rep")
    return list(own.order_by("-pk")[:LATELY_SHOWN])


def chosen(user: User, scope: UUID | None, keys: Iterable[str]) -> QuerySet[FathomMeeting]:
    """Return the meetings of these groups that wait."""
    wanted = Q(pk__in=())
    for key in list(keys)[:MOST_GROUPS]:
        reason, _bar, recorder = key.partition("|")
        if reason in FathomMeeting.REASONS and "\0" not in recorder:
            wanted |= Q(reason=reason, recorder=recorder)
    return _waiting(user, scope).filter(wanted)


def _waiting(user: User, scope: UUID | None) -> QuerySet[FathomMeeting]:
    return within(fathom.meetings_for(user), scope).exclude(outcome=Outcome.IMPORTED)


def _groups(user: User, scope: UUID | None) -> list[Group]:
    rows = (
        _waiting(user, scope)
        .order_by()
        .values("reason", "recorder")
        .annotate(
            count=Count("recording_id", distinct=True),
            name=Max("recorder_name"),
            newest=Max("created_at"),
        )
    )
    return [Group(**row) for row in rows.order_by("-count", "recorder")[:MOST_GROUPS]]


def _reasons(groups: list[Group]) -> list[str]:
    return list(dict.fromkeys(group.reason for group in groups))
