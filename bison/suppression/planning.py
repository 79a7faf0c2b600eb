"""What is to be done in one workspace, decided before anything is:
a trial run and the real one decide alike.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from bison.models import Suppression
from bison.suppression.looking import Lead, Seen, values_of
from bison.suppression.values import Value
from core.words.sayings import Saying

UNCONFIRMED: Final = _(
    "%(count)d of the %(total)d leads would be unsubscribed. That is a large share: "
    "confirm it first."
)
# So few leads are nobody's large share.
FEW: Final = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value that is to be blocked, or let go of."""

    value: Value
    is_lifted: bool = False
    is_confirmed: bool = False
    resubscribes: bool = False

    @classmethod
    def of(cls, row: Suppression) -> "Wanted":
        is_lifted = row.removed_at is not None
        return cls(Value(row.value, row.kind), is_lifted, row.is_confirmed, row.resubscribes)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done. `refused`: values that nothing is done about,
    as they stop too many leads unconfirmed.
    """

    block: Sequence[Value]
    unsubscribe: Sequence[Lead]
    unblock: Mapping[Value, list[int]]
    resubscribe: Sequence[Lead]
    counts: Mapping[str, int]
    refused: Mapping[Value, Saying]

    @property
    def is_empty(self) -> bool:
        return not (self.block or self.unsubscribe or self.unblock or self.resubscribe)


def plan(
    wanted: Collection[Wanted], seen: Seen, *, share: int, keep: Collection[Value] = ()
) -> Plan:
    """Decide by what was seen. Leads of what is in `keep` are not written to again,
    whatever is lifted.
    """
    refused = _refused(wanted, seen, share)
    all_blocking = sorted(each.value for each in wanted if not each.is_lifted)
    blocking = [value for value in all_blocking if value not in refused]
    # What is known by its hash alone can be watched, and blocked by nobody.
    block = [value for value in blocking if value not in seen.blocked and not value.is_erased]
    found = _leads_of(blocking, seen)
    unsubscribe = [lead for lead in found.values() if not lead.is_unsubscribed]
    lifted = [each for each in wanted if each.is_lifted]
    unblock = {
        each.value: seen.blocked[each.value] for each in lifted if each.value in seen.blocked
    }
    kept = {*all_blocking, *keep}
    freed = _leads_of([each.value for each in lifted if each.resubscribes], seen)
    resubscribe = [
        lead for lead in freed.values() if lead.is_unsubscribed and not values_of(lead) & kept
    ]
    counts = {
        "blocked": len(block),
        "blocked_before": sum(value in seen.blocked for value in blocking),
        "unsubscribed": len(unsubscribe),
        "unsubscribed_before": len(found) - len(unsubscribe),
        "without_leads": sum(value not in seen.leads for value in blocking),
        "unconfirmed": len(refused),
        "unblocked": len(unblock),
        "resubscribed": len(resubscribe),
    }
    return Plan(block, unsubscribe, unblock, resubscribe, counts, refused)


def _refused(wanted: Collection[Wanted], seen: Seen, share: int) -> dict[Value, Saying]:
    """Return what nobody confirmed, where together it stops more of the leads
    than may be without.
    """
    asked = [each.value for each in wanted if not each.is_lifted and not each.is_confirmed]
    stopped = sum(not lead.is_unsubscribed for lead in _leads_of(asked, seen).values())
    if stopped <= FEW or stopped * 100 <= seen.all_leads * share:
        return {}
    why = Saying(UNCONFIRMED, {"count": stopped, "total": seen.all_leads})
    stopping = [
        value
        for value in asked
        if not all(lead.is_unsubscribed for lead in seen.leads.get(value, ()))
    ]
    return dict.fromkeys(stopping, why)


def _leads_of(values: Collection[Value], seen: Seen) -> dict[int, Lead]:
    """Return each lead once, however many values it falls under."""
    return {lead.id: lead for value in values for lead in seen.leads.get(value, ())}
