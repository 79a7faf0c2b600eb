"""A workspace's days: what is missing is noted, fetched, and counted as healed once
it is in Koppel.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.ledger import comparing
from bison.ledger.comparing import Walk
from bison.models import Instance, LedgerCheck, LedgerDay, Reply, Workspace
from bison.syncs import replies
from core import ledger
from core.ledger import Seen
from core.models import SourceDay
from core.words.sayings import Saying

# Of one instance; more names than that are no instance's.
MOST_NAMES: Final = 5
LONGEST_NAME: Final = 300
_COLUMNS: Final = (
    "events_at_vendor",
    "deliveries_seen",
    "interested_at_vendor",
    "interested_in_koppel",
    "missing",
    "healed",
    "undelivered",
    "checked_at",
)


def stored(workspace_id: UUID, first: date, last: date) -> Iterable[tuple[date, str]]:
    """Give day and number of each interested reply of a workspace that is in Koppel."""
    start = datetime.combine(first, time.min, UTC)
    end = datetime.combine(last + timedelta(days=1), time.min, UTC)
    found = Reply.objects.filter(
        workspace_id=workspace_id, is_interested=True, received_at__gte=start, received_at__lt=end
    )
    for name, moment in found.values_list("vendor_id", "received_at"):
        yield moment.astimezone(UTC).date(), name


SOURCE: Final = ledger.Source("bison.replies", _("Interested replies of Email Bison"), stored)


@dataclass(frozen=True, slots=True)
class Kept:
    """A workspace's walked days together. `healed`, `newly_undelivered`: of this walk alone."""

    events_at_vendor: int
    deliveries_seen: int
    interested_at_vendor: int
    interested_in_koppel: int
    missing: int
    healed: int
    fetched: int
    newly_undelivered: int

    def facts(self) -> dict[str, Any]:
        """Return it as a run keeps it."""
        return {
            "at_vendor": self.interested_at_vendor,
            "here": self.interested_in_koppel,
            "missing": self.missing,
            "healed": self.healed,
            "events_at_vendor": self.events_at_vendor,
            "deliveries_seen": self.deliveries_seen,
            "never_delivered": self.newly_undelivered,
        }


def keep(workspace: Workspace, walk: Walk) -> Kept:
    """Store the walked days, with all that was missing fetched.
    Done again, it stores and says the same.
    """
    before = _record(workspace, walk)
    if walk.missing:
        incoming = list(walk.missing.values())
        replies.store(workspace, incoming, source=Reply.Source.HEALED, as_of=walk.began_at)
    came_in = comparing.came_in(workspace, walk)
    never_came = comparing.undelivered(workspace, walk)
    with transaction.atomic():
        after = _record(workspace, walk)
        earlier = {row.day: row for row in _days(workspace, walk).select_for_update()}
        rows = _rows(workspace, walk, after, came_in, never_came)
        LedgerDay.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["workspace", "day"], update_fields=_COLUMNS
        )
        _proved(workspace)
    _learn_names(workspace.instance, walk.calls_itself)
    return Kept(
        events_at_vendor=sum(row.events_at_vendor for row in rows),
        deliveries_seen=sum(row.deliveries_seen for row in rows),
        interested_at_vendor=sum(row.interested_at_vendor for row in rows),
        interested_in_koppel=sum(row.interested_in_koppel for row in rows),
        missing=sum(row.missing for row in rows),
        healed=max(0, sum(row.healed for row in after) - sum(row.healed for row in before)),
        fetched=len(walk.missing),
        newly_undelivered=sum(_more(row, earlier.get(row.day)) for row in rows),
    )


def failed(workspace: Workspace, why: Saying) -> None:
    """Note that a check could not be made: said beside the last proof, which stays."""
    now = timezone.now()
    LedgerCheck.objects.get_or_create(workspace=workspace)
    LedgerCheck.objects.filter(workspace=workspace).update(
        failing_since=Coalesce("failing_since", Value(now)),
        reason=why.plain,
        reason_said=why.kept(),
    )


def _proved(workspace: Workspace) -> None:
    columns: dict[str, Any] = {
        "checked_at": timezone.now(),
        "failing_since": None,
        "reason": "",
        "reason_said": {},
    }
    LedgerCheck.objects.update_or_create(workspace=workspace, defaults=columns)


def _record(workspace: Workspace, walk: Walk) -> list[SourceDay]:
    seen = [Seen(name, _day(moment)) for name, moment in walk.interested.items()]
    return ledger.record(
        SOURCE, workspace.pk, workspace.organization_id, seen, first=walk.first, last=walk.last
    )


def _days(workspace: Workspace, walk: Walk) -> Any:
    return LedgerDay.objects.filter(
        workspace=workspace, day__range=(walk.first, walk.last)
    ).order_by("day")


def _rows(
    workspace: Workspace,
    walk: Walk,
    days: Iterable[SourceDay],
    came_in: set[str],
    never_came: set[str],
) -> list[LedgerDay]:
    """Return each walked day, those of which nothing is to be said too."""
    proved = {row.day: row for row in days}
    at_vendor = Counter(walk.events.values())
    seen = Counter(walk.events[identity] for identity in came_in)
    lost = Counter(_day(walk.interested[name]) for name in never_came)
    now = timezone.now()
    count = (walk.last - walk.first).days + 1
    return [
        _row(
            workspace,
            day,
            proved.get(day),
            {"at_vendor": at_vendor, "seen": seen, "lost": lost},
            now,
        )
        for day in (walk.first + timedelta(days=place) for place in range(count))
    ]


def _row(
    workspace: Workspace,
    day: date,
    proved: SourceDay | None,
    counted: Mapping[str, Counter[date]],
    now: datetime,
) -> LedgerDay:
    row = LedgerDay(
        workspace=workspace,
        day=day,
        events_at_vendor=counted["at_vendor"][day],
        deliveries_seen=counted["seen"][day],
        undelivered=counted["lost"][day],
        checked_at=now,
    )
    if proved is not None:
        row.interested_at_vendor = proved.at_vendor
        row.interested_in_koppel = proved.in_koppel
        row.missing = proved.missing
        row.healed = proved.healed
    return row


def _more(row: LedgerDay, earlier: LedgerDay | None) -> int:
    """Return how many more no webhook brought than was known."""
    return max(0, row.undelivered - (earlier.undelivered if earlier else 0))


def _learn_names(instance: Instance, places: set[str]) -> None:
    """Remember what the instance calls itself in its own log: its deliveries will, too."""
    with transaction.atomic():
        locked = Instance.objects.select_for_update().get(pk=instance.pk)
        named = {place for place in places if 0 < len(place) <= LONGEST_NAME}
        new = sorted(named - set(locked.known_as))
        if new:
            locked.known_as = [*locked.known_as, *new][:MOST_NAMES]
            locked.save(update_fields=["known_as", "updated_at"])


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
