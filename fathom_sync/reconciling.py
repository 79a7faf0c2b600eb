"""The nightly proof: Fathom's list read again, lightly, and held against what is here.

What Fathom lists and we do not know becomes a row that says so (missing), and is then fetched with the meetings around
it; what is still missing stays visible, and the run says that it is incomplete. What we know and two listings in a row
were without is gone from Fathom. The last three days are fetched in full, as Fathom tells of no later change.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import jobs, runs
from core.models import Run
from core.run_work import Work
from fathom_sync import accounts, joined, ledger, meeting_rows, parsing, storing, sync, unmatched, walking, words
from fathom_sync.client import FathomClient
from fathom_sync.models import FathomAccount, FathomMeeting
from fathom_sync.walking import Place, Step, Window

KIND: Final = words.RECONCILE
TASK: Final = "fathom_sync.reconcile"
RECENT: Final = timedelta(days=3)
DAYS: Final = 30
MOST_DAYS: Final = 3650
WHOLE_EVERY: Final = timedelta(days=28)
# Meetings that are compared at once.
SEGMENT: Final = 2000
MOST_GAPS: Final = 500
# Missing meetings that are nearer to each other are fetched as one span.
NEAR: Final = timedelta(hours=2)

_UNLISTED: Final = """
UPDATE fathom_sync_fathommeeting m
SET unlisted = CASE WHEN m.recording_id = ANY(%(seen)s) THEN 0 ELSE least(m.unlisted + 1, 2) END
WHERE m.accounts @> ARRAY[%(account)s]::uuid[] AND m.created_at < %(upper)s AND m.created_at > %(lower)s
AND m.day BETWEEN %(first)s AND %(last)s AND (m.unlisted > 0 OR NOT m.recording_id = ANY(%(seen)s))
AND (m.unlisted < 2 OR m.recording_id = ANY(%(seen)s)) AND (%(since)s IS NULL OR m.as_of >= %(since)s)
"""
_BEGINNING: Final = datetime(1900, 1, 1, tzinfo=UTC)


def start_reconcile(
    account: FathomAccount, *, days: int | None = None, trigger: str, started_by: Any = None
) -> tuple[Run, bool]:
    """So many days back; None: the last thirty, and now and then all there is. Joined or queued as a sync is."""
    return joined.start(
        KIND,
        TASK,
        {"account": str(account.pk), "days": days},
        _does,
        organization_id=account.organization_id,
        started_by=started_by,
        trigger=trigger,
    )


def _does(under_way: joined.Wish, wish: joined.Wish) -> bool:
    """Whether a check of these parameters compares all that is wished for; without days all compare thirty at least."""
    days = wish["days"]
    if days is None:
        return under_way.get("days") is None
    return (under_way.get("days") or DAYS) >= days


def work(run_id: str) -> None:
    """The task's body."""
    with runs.work(run_id) as run:
        if run is None:
            return
        account = FathomAccount.objects.select_related("organization", "rep").get(pk=run.parameters["account"])
        with sync.watched_client(account, run) as client:
            _Reconciliation(account, run, client).work()


class _Reconciliation:
    """One attempt: the stages in order, each from where the last attempt left it."""

    def __init__(self, account: FathomAccount, run: Work, client: FathomClient) -> None:
        self.account, self.run, self.client = account, run, client
        self.scopes = storing.Scopes()
        said = run.start_from
        self.began = datetime.fromisoformat(said["began"]) if said else timezone.now()
        self.whole = bool(said["whole"]) if said else self._is_whole()
        self.after = None if self.whole else self.began - timedelta(days=run.parameters.get("days") or DAYS)
        self.listed_to = datetime.fromisoformat(said["listed"]) if said.get("listed") else self.began
        self.is_listed = bool(said.get("is_listed"))

    def work(self) -> None:
        self.run.must_add_up("processed")
        accounts.lists_with(self.account, self.client.key)
        self._checkpoint()
        if not self.is_listed:
            self._compare()
        recent = Window(self.began, max(self.began - RECENT, self.after or _BEGINNING))
        for span in (*self._gaps(), recent):
            if self.run.cancelled:
                return
            self._fetch(span)
        unmatched.sweep()
        self._close()

    def _is_whole(self) -> bool:
        checked = self.account.history_checked_at
        return self.run.parameters.get("days") is None and (checked is None or timezone.now() - checked > WHOLE_EVERY)

    def _checkpoint(self) -> None:
        self.run.checkpoint(
            {
                "began": self.began.isoformat(),
                "whole": self.whole,
                "listed": self.listed_to.isoformat(),
                "is_listed": self.is_listed,
            }
        )

    def _fetch(self, window: Window) -> None:
        """A span in full, as a sync does."""
        with walking.Ahead(self.client, Place(window), storing.BATCH_ITEMS, storing.BATCH_BYTES) as steps:
            for step in steps:
                with transaction.atomic():
                    stored = storing.store(self.account, step.items, step.asked_at, scopes=self.scopes)
                    self.run.add(counts={"processed": len(step.items)}, outcomes=stored.outcomes)

    def _compare(self) -> None:
        """Walk the light list, and hold each stretch of it against the rows of the same time."""
        place = Place(Window(self.listed_to, self.after, heavy=False))
        carried: set[str] = set()
        with walking.Ahead(self.client, place, SEGMENT, storing.BATCH_BYTES) as steps:
            for step in steps:
                seen = carried | {item.name for item in step.items}
                with transaction.atomic():
                    self._hold_against(step, seen)
                    self._say_how_far(step)
                # Those of the same second may go on, on the next page.
                edge = {item.name for item in step.items if parsing.moment(item.made) == step.place.oldest}
                carried = edge
                if self.run.cancelled:
                    return

    def _hold_against(self, step: Step, seen: set[str]) -> None:
        upper = self.listed_to
        lower = (self.after or _BEGINNING) if step.place.done else (step.place.oldest or upper)
        known = meeting_rows.listed(self.account, list(seen))
        missing = [item for item in step.items if item.name not in known]
        storing.note_missing(self.account, missing, step.asked_at)
        if lower < upper:
            self._mark_unlisted(seen, lower, upper)
            # What lies on the edge belongs to the next stretch.
            self.listed_to = lower if step.place.done else lower + timedelta(seconds=1)
        self.is_listed = step.place.done
        self.run.add(counts={"listed": len(step.items), "found_missing": len(missing)})
        self._checkpoint()

    def _say_how_far(self, step: Step) -> None:
        """Pages and the date reached; hundredths of the span where its end is known."""
        self.run.add(counts={"pages": step.pages})
        self.run.progress(reached=step.place.oldest)
        if self.after is not None:
            share = (self.began - self.listed_to) / (self.began - self.after)
            self.run.progress(done=min(99, int(100 * share)), total=100)

    def _mark_unlisted(self, seen: Iterable[str], lower: datetime, upper: datetime) -> None:
        days = timedelta(days=1)
        with connection.cursor() as cursor:
            cursor.execute(
                _UNLISTED,
                {
                    "account": self.account.pk,
                    "since": self.account.listing_since,
                    "seen": list(seen),
                    "lower": lower,
                    "upper": upper,
                    "first": lower.date(),
                    "last": (upper + days).date(),
                },
            )

    def _gaps(self) -> list[Window]:
        """Spans in which something is missing, newest first."""
        made = (
            FathomMeeting.objects.filter(outcome="missing", accounts__contains=[self.account.pk], unlisted__lt=2)
            .exclude(created_at=None)
            .order_by("-created_at")
            .values_list("created_at", flat=True)
        )
        spans: list[Window] = []
        second = timedelta(seconds=1)
        for when in (one for one in made.iterator() if one is not None):
            if spans and spans[-1].after is not None and spans[-1].after - when < NEAR:
                spans[-1] = Window(spans[-1].before, when - second)
            elif len(spans) == MOST_GAPS:
                break
            else:
                spans.append(Window(when + second, when - second))
        return spans

    def _close(self) -> None:
        counted = ledger.count(self.account, self.after, self.began)
        self.run.evidence(ledger=counted, whole=self.whole, checked=self.began.isoformat())
        if self.after is not None:
            self.run.progress(done=100, total=100)
        if self.whole:
            FathomAccount.objects.filter(pk=self.account.pk).update(history_checked_at=self.began)
        if counted["missing"]:
            self.run.incomplete(
                _("%(count)d meetings that Fathom lists could not be fetched yet. The next check tries again."),
                count=counted["missing"],
            )
        jobs.after_commit("calls.index_waiting")
