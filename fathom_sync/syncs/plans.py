"""What one sync sets out to walk: made once, and kept in its run's checkpoint,
so that all attempts walk the same.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from crm.models import RepAlias
from fathom_sync.models import FathomAccount
from fathom_sync.syncs.walking import Place, Window

OVERLAP: Final = timedelta(hours=24)
WHOLE_OVERLAP_EVERY: Final = timedelta(hours=6)
MOST_HOURS: Final = 8760
# A walk whose end is known says how far it is in these.
HUNDREDTHS: Final = 100
# As many addresses as an address line can bear.
MOST_ADDRESSES: Final = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """What one sync walks, and when it began. `until`: behind this moment a page that says nothing
    new is the last.

    `lists`: the addresses of the lists that are walked one after the other;
    none = everybody's in one. `place` is in the one of that number.
    """

    place: Place
    began: datetime
    until: datetime | None = None
    moves_watermark: bool = False
    lists: tuple[tuple[str, ...], ...] | None = None
    number: int = 0

    def as_json(self) -> dict[str, Any]:
        place = self.place
        return {
            "before": _text(place.window.before),
            "after": _text(place.window.after),
            "lists": self.lists,
            "number": self.number,
            "cursor": place.cursor,
            "oldest": _text(place.oldest),
            "done": place.done,
            "until": _text(self.until),
            "watermark": self.moves_watermark,
            "began": _text(self.began),
        }


def make(account: FathomAccount, parameters: dict[str, Any], now: datetime) -> Plan:
    """Return what a run with these parameters walks, if it begins now."""
    lists = _addresses(account, parameters)
    after = _beginning(account, parameters, now)
    first_list: tuple[str, ...] = ()
    if lists:
        first_list = lists[0]
    # Nobody's addresses: there is nothing to ask for.
    is_empty = lists == ()
    place = Place(Window(now, after, first_list), done=is_empty)
    until = None
    if _may_end_early(account, parameters, now):
        until = account.watermark
    moves_watermark = _is_for_all(parameters) and _joins_the_watermark(account, after)
    return Plan(place, now, until, moves_watermark, lists)


def _beginning(
    account: FathomAccount, parameters: dict[str, Any], now: datetime
) -> datetime | None:
    """Return the moment back to which is walked; None for everything."""
    hours = parameters.get("hours")
    if hours is not None:
        return now - timedelta(hours=min(int(hours), MOST_HOURS))
    if parameters.get("reset") or account.watermark is None:
        return None
    return account.watermark - OVERLAP


def _is_for_all(parameters: dict[str, Any]) -> bool:
    return not parameters.get("rep") and not parameters.get("organization")


def _joins_the_watermark(account: FathomAccount, after: datetime | None) -> bool:
    """Tell whether the span reaches back to the watermark: else it leaves a gap before it."""
    if after is None:
        return True
    return account.watermark is not None and after <= account.watermark


def _may_end_early(account: FathomAccount, parameters: dict[str, Any], now: datetime) -> bool:
    """Tell whether the walk may end behind the watermark: the whole overlap was looked
    through not long ago.
    """
    if not _is_for_all(parameters):
        # Of one list alone: where it stops says nothing of how far the others came.
        return False
    if parameters.get("hours") is not None or parameters.get("reset"):
        return False
    checked_at = account.overlap_checked_at
    return checked_at is not None and now - checked_at < WHOLE_OVERLAP_EVERY


def following(plan: Plan) -> Plan | None:
    """Return the same over the next list of addresses; None after the last."""
    number = plan.number + 1
    if plan.lists is None or number >= len(plan.lists):
        return None
    return replace(
        plan, place=Place(replace(plan.place.window, emails=plan.lists[number])), number=number
    )


def read(written: dict[str, Any]) -> Plan:
    """Return the plan that a checkpoint holds."""
    lists = None
    if written["lists"] is not None:
        lists = tuple(tuple(addresses) for addresses in written["lists"])
    number = int(written["number"])
    before, after = datetime.fromisoformat(written["before"]), _moment(written["after"])
    window = Window(before, after, lists[number] if lists else ())
    place = Place(window, written["cursor"], _moment(written["oldest"]), written["done"])
    began = datetime.fromisoformat(written["began"])
    return Plan(place, began, _moment(written["until"]), written["watermark"], lists, number)


def _addresses(
    account: FathomAccount, parameters: dict[str, Any]
) -> tuple[tuple[str, ...], ...] | None:
    """Return the addresses whose meetings are asked for, as many in a list as one request can name;
    None = everybody's.

    Of an account that serves all, addresses that wait for staff are not asked for:
    not even how many there are.
    """
    aliases = RepAlias.objects.filter(rep__archived_at=None)
    if account.organization_id is None:
        aliases = aliases.filter(is_waiting=False)
    if parameters.get("rep"):
        aliases = aliases.filter(rep_id=UUID(parameters["rep"]))
    elif parameters.get("organization"):
        aliases = aliases.filter(organization_id=UUID(parameters["organization"]))
    else:
        return None
    found = tuple(aliases.order_by("normalized").values_list("address", flat=True))
    return tuple(
        found[start : start + MOST_ADDRESSES] for start in range(0, len(found), MOST_ADDRESSES)
    )


def progress(plan: Plan, place: Place, processed: int) -> dict[str, Any]:
    """Return hundredths of the span that is walked, newest first;
    without a known end how many meetings so far.

    And the date reached, where it is one list that is walked.
    """
    after, before = plan.place.window.after, plan.began
    lists = 1
    if plan.lists:
        lists = len(plan.lists)
    reached = None
    if lists == 1:
        reached = place.oldest
    if after is None:
        return {"done": processed, "reached": reached}
    if place.oldest is None:
        return {"total": HUNDREDTHS}
    share = 1.0
    if not place.done:
        share = (before - place.oldest) / (before - after)
    done = int(HUNDREDTHS * (plan.number + share) / lists)
    return {"done": min(HUNDREDTHS - 1, max(0, done)), "total": HUNDREDTHS, "reached": reached}


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    return datetime.fromisoformat(text)


def _text(when: datetime | None) -> str | None:
    if not when:
        return None
    return when.isoformat()
