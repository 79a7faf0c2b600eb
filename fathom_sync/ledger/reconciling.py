"""The nightly proof: Fathom's list read again, lightly, and held against what is here.

What Fathom lists and we do not know becomes a row that says so (missing), and is then fetched with
the meetings around it; what is still missing stays visible, and the run says that it is incomplete.
The last three days are fetched in full, as Fathom tells of no later change. What was seen is then
the list that days are counted by (fathom_sync.ledger).
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import runs
from core.queue import jobs
from core.runs.attempt import Work
from core.runs.kinds import Wish
from fathom_sync.client import FathomClient
from fathom_sync.ledger import days, listing
from fathom_sync.ledger.listing import Walked
from fathom_sync.meetings import statements, storing, unmatched
from fathom_sync.models import FathomAccount, FathomMeeting
from fathom_sync.syncs import sync, walking, words
from fathom_sync.syncs.walking import Place, Step, Window

RECENT: Final = timedelta(days=3)
DAYS: Final = 30
MOST_DAYS: Final = 3650
WHOLE_EVERY: Final = timedelta(days=28)
# Meetings that are compared at once.
SEGMENT: Final = 2000
MOST_GAPS: Final = 500
# Missing meetings that are nearer to each other are fetched as one span.
NEAR: Final = timedelta(hours=2)

_BEGINNING: Final = datetime(1900, 1, 1, tzinfo=UTC)


def start_reconcile(
    account: FathomAccount, *, days: int | None = None, trigger: str, started_by: Any = None
) -> runs.Started:
    """Start a check of so many days back; None: of the last thirty,
    and now and then of all there is.
    """
    return runs.start(
        KIND,
        account,
        {"days": days},
        organization_id=account.organization_id,
        started_by=started_by,
        trigger=trigger,
    )


def covers(under_way: Wish, wish: Wish) -> bool:
    """Tell whether a check compares all that is wished for;
    without days all compare thirty at least.
    """
    days = wish["days"]
    if days is None:
        return under_way.get("days") is None
    return (under_way.get("days") or DAYS) >= days


def work(run: Work) -> None:
    """Compare one account's list with what is in the library, and close the gaps."""
    account = FathomAccount.objects.select_related("organization", "rep").get(pk=run.subject_id)
    with sync.watched_client(account, run) as client:
        _Reconciliation(account, run, client).work()


KIND: Final = runs.Kind(
    "fathom.reconcile",
    _("Fathom check"),
    work="fathom_sync.ledger.reconciling.work",
    words=words.OF_CHECKS,
    so_far=("listed", "pages", "processed"),
    lock=sync.LOCK,
    covers=covers,
    vouches=True,
    started=sync.KIND.started,
    joined=sync.KIND.joined,
    waits=sync.KIND.waits,
)


class _Reconciliation:
    """One attempt: the stages in order, each from where the last attempt left it."""

    def __init__(self, account: FathomAccount, run: Work, client: FathomClient) -> None:
        self.account, self.run, self.client = account, run, client
        self.scopes = storing.Scopes()
        sync.begin_list(account, client)
        save_point = {}
        if run.start_from.get("key") == account.listing_key:
            save_point = run.start_from
        if not save_point:
            listing.start_over(run.run.pk)
        self.began = datetime.fromisoformat(save_point["began"]) if save_point else timezone.now()
        self.whole = bool(save_point["whole"]) if save_point else self._is_whole()
        self.after = (
            None if self.whole else self.began - timedelta(days=run.parameters.get("days") or DAYS)
        )
        self.listed_to = (
            datetime.fromisoformat(save_point["listed"]) if save_point.get("listed") else self.began
        )
        self.is_listed = bool(save_point.get("is_listed"))

    def work(self) -> None:
        self.run.must_add_up("processed")
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
        if self.run.parameters.get("days") is not None:
            return False
        checked_at = self.account.history_checked_at
        return checked_at is None or timezone.now() - checked_at > WHOLE_EVERY

    def _checkpoint(self) -> None:
        self.run.checkpoint(
            {
                "began": self.began.isoformat(),
                "whole": self.whole,
                "listed": self.listed_to.isoformat(),
                "is_listed": self.is_listed,
                "key": self.account.listing_key,
            }
        )

    def _fetch(self, window: Window) -> None:
        """Fetch a span in full, as a sync does."""
        with walking.ahead(
            self.client, Place(window), storing.BATCH_ITEMS, storing.BATCH_BYTES
        ) as steps:
            for step in steps:
                with transaction.atomic():
                    stored = storing.store(
                        self.account, step.items, step.asked_at, scopes=self.scopes
                    )
                    listing.note(self.account, self.run.run.pk, step.items)
                    self.run.add(counts={"processed": len(step.items)}, outcomes=stored.outcomes)

    def _compare(self) -> None:
        """Walk the light list, and hold each stretch of it against the rows of the same time."""
        place = Place(Window(self.listed_to, self.after, heavy=False))
        with walking.ahead(self.client, place, SEGMENT, storing.BATCH_BYTES) as steps:
            for step in steps:
                with transaction.atomic():
                    self._hold_against(step)
                    self._say_how_far(step)
                if self.run.cancelled:
                    return

    def _hold_against(self, step: Step) -> None:
        known = statements.listed(self.account, [item.name for item in step.items])
        missing = [item for item in step.items if item.name not in known]
        storing.note_missing(self.account, missing, step.asked_at)
        listing.note(self.account, self.run.run.pk, step.items)
        if step.place.oldest is not None:
            # Those of the same second may go on, on the next page.
            self.listed_to = min(self.listed_to, step.place.oldest + timedelta(seconds=1))
        self.is_listed = step.place.done
        self.run.add(counts={"listed": len(step.items), "found_missing": len(missing)})
        self._checkpoint()

    def _say_how_far(self, step: Step) -> None:
        """Say pages and the date reached; hundredths of the span where its end is known."""
        self.run.add(counts={"pages": step.pages})
        self.run.progress(reached=step.place.oldest)
        if self.after is not None:
            share = (self.began - self.listed_to) / (self.began - self.after)
            self.run.progress(done=min(99, int(100 * share)), total=100)

    def _gaps(self) -> list[Window]:
        """Return spans in which something is missing that this check saw listed, newest first."""
        seen = RawSQL(
            "SELECT unnest(names) FROM fathom_sync_seenday WHERE run_id = %s", [self.run.run.pk]
        )
        made = (
            FathomMeeting.objects.filter(outcome="missing", accounts__contains=[self.account.pk])
            .filter(recording_id__in=seen)
            .exclude(created_at=None)
            .order_by("-created_at")
            .values_list("created_at", flat=True)
        )
        spans: list[Window] = []
        second = timedelta(seconds=1)
        for when in (moment for moment in made.iterator() if moment is not None):
            if spans and spans[-1].after is not None and spans[-1].after - when < NEAR:
                spans[-1] = Window(spans[-1].before, when - second)
            elif len(spans) == MOST_GAPS:
                break
            else:
                spans.append(Window(when + second, when - second))
        return spans

    def _close(self) -> None:
        walked = Walked(self.run.run.pk, self.account.listing_key, self.after, self.began)
        if not sync.say_proof(self.run, walked, days.count(self.account, walked)):
            sync.vouch_for_what_was_seen(self.run)
        self.run.evidence(whole=self.whole, checked=self.began.isoformat())
        if self.after is not None:
            self.run.progress(done=100, total=100)
        changes: dict[str, Any] = {"failing_since": None}
        if self.whole:
            changes["history_checked_at"] = self.began
        FathomAccount.objects.filter(pk=self.account.pk).update(**changes)
        jobs.after_commit("calls.index_waiting")
