"""What would become of the meetings if reps had other aliases:
tried by saving them, and rolling that back.

It runs what saving runs: the reps' own services, which refuse what they refuse, and the second
look at the meetings that follows a change of addresses. So it predicts what saving does, whatever
the rules are. Nothing leaves the transaction: what it would queue is queued after a commit, and
there is none.

Its locks are held until it is rolled back. So it gives way to whoever has a meeting that it needs,
waits for no batch of a sync, and has a few seconds in all.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected, LockNotAvailable

from crm import addresses, services
from crm.models import RepAlias, SalesRep
from fathom_sync.meetings import unmatched
from fathom_sync.models import FathomMeeting

EXAMPLES: Final = 10
LONGEST_SECONDS: Final = 15.0
# Shorter than the second after which PostgreSQL breaks up a deadlock:
# it is the simulation that gives way.
LOCK_TIMEOUT: Final = "500ms"
Proposed = Mapping[SalesRep, Iterable[str]]
# A meeting, and the rep whose call it is (None: it waits).
Holders = dict[UUID, UUID | None]


class Busy(Exception):
    """It cannot be tried out now; the text says what to do."""


@dataclass(slots=True)
class Simulation:
    """How many meetings would get a rep, lose theirs, or change it;
    and some of each, newest first.
    """

    gained: int = 0
    lost: int = 0
    changed: int = 0
    unchanged: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


def simulate(proposed: Proposed, seen: QuerySet[FathomMeeting]) -> Simulation:
    """Try what saving aliases would do.

    `proposed`: reps, and all the aliases that each would have, saved in this order;
    `seen`: the meetings that the person who asks may see.

    ValidationError where saving refuses; Busy where a sync is at the same meetings,
    or there are too many of them.
    """
    try:
        with transaction.atomic():
            found = _try_out(proposed, seen)
            transaction.set_rollback(True)
    except OperationalError as error:
        if not isinstance(error.__cause__, DeadlockDetected | LockNotAvailable):
            raise
        raise Busy(
            _("These meetings are being changed right now. Try again in a minute.")
        ) from error
    return found


def _try_out(proposed: Proposed, seen: QuerySet[FathomMeeting]) -> Simulation:
    deadline = time.monotonic() + LONGEST_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    total = seen.count()
    touched = _touched(proposed)
    visible = _holders(seen.filter(touched))
    before = _holders(FathomMeeting.objects.filter(touched))
    for rep, aliases in proposed.items():
        services.update_rep(rep=rep, aliases=aliases)
        for _step in unmatched.move(rep.pk):
            if time.monotonic() > deadline:
                raise Busy(
                    _("There are too many meetings to try this out. Try fewer addresses at once.")
                )
    after = _holders(FathomMeeting.objects.filter(touched))
    return _compare(before, after, visible, total)


def _touched(proposed: Proposed) -> Q:
    """Return the meetings that saving may move: of these reps, and of any address that they
    have or would have.
    """
    reps = [rep.pk for rep in proposed]
    known = RepAlias.objects.filter(rep_id__in=reps).values_list("normalized", flat=True)
    wanted = [
        address for aliases in proposed.values() for address in map(addresses.normalize, aliases)
    ]
    return Q(recorder__in={*known, *wanted}) | Q(rep_id__in=reps)


def _holders(meetings: QuerySet[FathomMeeting]) -> Holders:
    return dict(meetings.order_by().values_list("pk", "call__rep_id"))


def _compare(before: Holders, after: Holders, visible: Holders, total: int) -> Simulation:
    """Compare them. What is nobody's is counted where it is gained, and not shown before
    who asks has it.
    """
    found = Simulation()
    changes: dict[UUID, str] = {}
    for meeting_id, rep_id in after.items():
        change = _change(before.get(meeting_id), rep_id)
        is_shown = meeting_id in visible or change == "gained"
        if change and is_shown:
            changes[meeting_id] = change
    for meeting_id in before.keys() - after.keys():
        if before[meeting_id] is not None and meeting_id in visible:
            changes[meeting_id] = "lost"
    found.gained, found.lost, found.changed = (
        sum(change == name for change in changes.values()) for name in ("gained", "lost", "changed")
    )
    found.unchanged = total - len(changes.keys() & visible.keys())
    shown = [meeting_id for meeting_id in changes if meeting_id in visible]
    newest = FathomMeeting.objects.filter(pk__in=shown).order_by("-day", "-pk")[:EXAMPLES]
    found.examples = [_example(meeting, changes[meeting.pk], before, after) for meeting in newest]
    return found


def _change(was: UUID | None, will: UUID | None) -> str:
    """Name the change; '' where nothing changes."""
    if was == will:
        return ""
    if was is None:
        return "gained"
    if will is None:
        return "lost"
    return "changed"


def _example(
    meeting: FathomMeeting, change: str, before: Holders, after: Holders
) -> dict[str, Any]:
    return {
        "id": meeting.pk,
        "title": meeting.title,
        "recorder": meeting.recorder,
        "createdAt": meeting.created_at,
        "change": change,
        "fromRepId": before.get(meeting.pk),
        "toRepId": after.get(meeting.pk),
        "reason": meeting.reason,
    }
