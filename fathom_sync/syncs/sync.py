"""A sync of one account: a run that walks Fathom's list and stores what is new, page by page, so that it may be killed
anywhere and goes on from there.

Three kinds of walk. Of everything, when the account was never synced to its end. Of what is new: from the watermark
(all that Fathom made before it was fetched) less an overlap for what appears late; that walk ends at the first page
behind the watermark that says nothing new, but every few hours looks through the whole overlap. And of a span of hours,
a rep or an organization, when somebody asks for that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import runs
from core.connections import Connection
from core.errors import BadCredentials, RateLimited
from core.http import CallContext
from core.models import Run
from core.queue import jobs
from core.runs.attempt import LostRun, Work
from crm.models import Organization, RepAlias, SalesRep
from fathom_sync import accounts
from fathom_sync.client import FathomClient
from fathom_sync.ledger import days, listing
from fathom_sync.ledger.listing import Walked
from fathom_sync.meetings import storing
from fathom_sync.models import FathomAccount
from fathom_sync.syncs import joined, walking, words
from fathom_sync.syncs.walking import Place, Step, Window

KIND: Final = words.SYNC
TASK: Final = "fathom_sync.sync"
OVERLAP: Final = timedelta(hours=24)
WHOLE_OVERLAP_EVERY: Final = timedelta(hours=6)
MOST_HOURS: Final = 8760
# A walk whose end is known says how far it is in these.
HUNDREDTHS: Final = 100
# As many addresses as an address line can bear.
MOST_ADDRESSES: Final = 100
STILL_MISSING: Final = _("%(count)d meetings that Fathom lists could not be fetched yet. The next check tries again.")


def start_sync(
    account: FathomAccount,
    *,
    hours: int | None = None,
    rep: SalesRep | None = None,
    organization: Organization | None = None,
    reset: bool = False,
    trigger: str,
    started_by: Any = None,
) -> tuple[Run, bool]:
    """A queued run and True; or the open one that does all of this, and False.

    One that does less is waited for, not joined: the new run has its turn when the account's others are over. `hours`
    back from now, else what is new. `reset` looks through all of it again, without `hours` through everything.
    """
    owner_id = account.organization_id
    if rep is not None:
        owner_id = rep.organization_id
    elif organization is not None:
        owner_id = organization.pk
    wish = {
        "account": str(account.pk),
        "hours": hours,
        "rep": str(rep.pk) if rep else None,
        "organization": str(organization.pk) if organization and not rep else None,
        "reset": reset,
    }
    return joined.start(
        KIND, TASK, wish, joined.sync_does, organization_id=owner_id, started_by=started_by, trigger=trigger
    )


def start_all(*, hours: int | None = None, trigger: str, started_by: Any = None) -> list[tuple[Run, bool]]:
    """A sync of every account that has a key."""
    return [
        start_sync(account, hours=hours, trigger=trigger, started_by=started_by) for account in accounts.configured()
    ]


def accounts_of(rep: SalesRep) -> list[FathomAccount]:
    """Those that may list this rep's meetings, the nearest first: their own, their organization's, the one for all."""
    serving = [
        account
        for account in accounts.configured()
        if account.rep_id in (None, rep.pk) and account.organization_id in (None, rep.organization_id)
    ]
    return sorted(serving, key=lambda account: (account.rep_id is None, account.organization_id is None))


def work(run_id: str) -> None:
    """The task's body."""
    with runs.work(run_id) as run:
        if run is None:
            return
        account = FathomAccount.objects.select_related("organization", "rep").get(pk=run.parameters["account"])
        _Sync(account, run).work()


@dataclass(frozen=True, slots=True)
class Plan:
    """What one sync walks, and when it began. `until`: behind this moment a page that says nothing new is the last.

    `lists`: the addresses of the lists that are walked one after the other; none = everybody's in one. `place` is in
    the one of that number.
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
            "before": _said(place.window.before),
            "after": _said(place.window.after),
            "lists": self.lists,
            "number": self.number,
            "cursor": place.cursor,
            "oldest": _said(place.oldest),
            "done": place.done,
            "until": _said(self.until),
            "watermark": self.moves_watermark,
            "began": _said(self.began),
        }


class _Sync:
    """One attempt at one run."""

    def __init__(self, account: FathomAccount, run: Work) -> None:
        self.account, self.run = account, run
        self.scopes = storing.Scopes()
        self.wrote = False
        self.processed = int(run.run.counts.get("processed", 0))

    def work(self) -> None:
        self.run.must_add_up("processed")
        with watched_client(self.account, self.run) as client:
            begin_list(self.account, client)
            plan: Plan | None = self._plan()
            while plan is not None:
                ended = self._walk(client, plan)
                if ended is not None:
                    self._close(plan, ended, client)
                plan = _next(plan) if ended is not None else None
        if self.wrote:
            jobs.after_commit("calls.index_waiting")

    def _plan(self) -> Plan:
        """Made once, and kept in the checkpoint: what the first attempt set out to walk, all attempts walk."""
        if self.run.start_from.get("key") == self.account.listing_key:
            return read_plan(self.run.start_from)
        # What another key has shown so far is not this one's list: that is walked from its beginning.
        listing.start_over(self.run.run.pk)
        plan = make_plan(self.account, self.run.parameters, timezone.now())
        self._keep(plan)
        return plan

    def _keep(self, plan: Plan) -> None:
        self.run.checkpoint({**plan.as_json(), "key": self.account.listing_key})

    def _walk(self, client: FathomClient, plan: Plan) -> Place | None:
        """Where it ended; None when it was cancelled."""
        place = plan.place
        for step in _steps(client, plan):
            fresh = self._store(step, plan)
            place = step.place
            if self.run.cancelled:
                return None
            behind = plan.until is not None and place.oldest is not None and place.oldest <= plan.until
            if behind and not fresh:
                break
        return place

    def _store(self, step: Step, plan: Plan) -> int:
        """Rows, counts, outcomes and the place to go on from: all of it, or nothing."""
        with transaction.atomic():
            stored = storing.store(
                self.account, step.items, step.asked_at, scopes=self.scopes, anew=bool(self.run.parameters.get("reset"))
            )
            self.run.add(counts={"processed": len(step.items), "pages": step.pages}, outcomes=stored.outcomes)
            listing.note(self.account, self.run.run.pk, step.items)
            self._keep(replace(plan, place=step.place))
            self.processed += len(step.items)
            self.run.progress(**_progress(plan, step.place, self.processed))
        self.wrote = self.wrote or stored.fresh > 0
        return stored.fresh

    def _close(self, plan: Plan, ended: Place, client: FathomClient) -> None:
        """A list came to its end; the last: say how far everything is known now, and count the days looked at."""
        if _next(plan) is not None:
            return
        whole = ended.done
        changes: dict[str, Any] = {"last_synced_at": timezone.now(), "failing_since": None}
        if plan.moves_watermark:
            changes["watermark"] = Greatest(F("watermark"), Value(plan.began))
            if whole:
                changes["overlap_checked_at"] = timezone.now()
        FathomAccount.objects.filter(pk=self.account.pk).update(**changes)
        if accounts.status(self.account) != Connection.CONNECTED:
            accounts.say_status(self.account, Connection.CONNECTED, key=client.key)
        if self.wrote or whole:
            self._prove(plan, plan.place.window.after if whole else ended.oldest)
        # However early it ended: all that it set out to walk is walked.
        total = self.processed if plan.place.window.after is None else HUNDREDTHS
        self.run.progress(done=total, total=total)

    def _prove(self, plan: Plan, after: datetime | None) -> None:
        """Count the days that were walked from their beginning: of all others this sync proves nothing."""
        asked = None if plan.lists is None else [address for addresses in plan.lists for address in addresses]
        run = self.run.run
        walked = Walked(run.pk, self.account.listing_key, after, plan.began, asked, run.organization_id)
        say_proof(self.run, walked, days.count(self.account, walked))


def begin_list(account: FathomAccount, client: FathomClient) -> None:
    """To be called before a list is read: what another key of the account has listed stands apart from now on."""
    accounts.lists_with(account, client.key)
    days.begin(account)


def say_proof(run: Work, walked: Walked, counted: dict[str, int]) -> None:
    """The run's evidence; what it saw listed and cannot be found here leaves it incomplete."""
    if not counted:
        return
    first = None if walked.after is None else walked.first.isoformat()
    run.evidence(ledger=counted, from_day=first, to_day=walked.began.astimezone(UTC).date().isoformat())
    if counted["missing"]:
        run.incomplete(STILL_MISSING, count=counted["missing"])


def make_plan(account: FathomAccount, parameters: dict[str, Any], now: datetime) -> Plan:
    """What a run with these parameters walks, if it begins now."""
    lists = _lists(account, parameters)
    hours, reset, watermark = parameters.get("hours"), parameters.get("reset"), account.watermark
    if hours is not None:
        after: datetime | None = now - timedelta(hours=min(int(hours), MOST_HOURS))
    else:
        after = None if reset or watermark is None else watermark - OVERLAP
    everything = not parameters.get("rep") and not parameters.get("organization")
    # A span that does not reach back to the watermark leaves a gap before it.
    joins = after is None or (watermark is not None and after <= watermark)
    checked = account.overlap_checked_at
    # Of one list alone: where it stops says nothing of how far the others came.
    quick = everything and hours is None and not reset and checked is not None and now - checked < WHOLE_OVERLAP_EVERY
    window = Window(now, after, lists[0] if lists else ())
    # Nobody's addresses: there is nothing to ask for.
    place = Place(window, done=lists == ())
    return Plan(place, now, watermark if quick else None, everything and joins, lists)


def _next(plan: Plan) -> Plan | None:
    """The same over the next list of addresses; None after the last."""
    number = plan.number + 1
    if plan.lists is None or number >= len(plan.lists):
        return None
    return replace(plan, place=Place(replace(plan.place.window, emails=plan.lists[number])), number=number)


def read_plan(written: dict[str, Any]) -> Plan:
    """The plan that a checkpoint holds."""
    lists = None if written["lists"] is None else tuple(tuple(addresses) for addresses in written["lists"])
    number = int(written["number"])
    before, after = datetime.fromisoformat(written["before"]), _moment(written["after"])
    window = Window(before, after, lists[number] if lists else ())
    place = Place(window, written["cursor"], _moment(written["oldest"]), written["done"])
    began = datetime.fromisoformat(written["began"])
    return Plan(place, began, _moment(written["until"]), written["watermark"], lists, number)


def _steps(client: FathomClient, plan: Plan) -> Iterator[Step]:
    """Fetched ahead, but where a walk may end any moment: there the next page would be asked for in vain."""
    if plan.until is not None:
        yield from walking.walk(client, plan.place)
        return
    with walking.Ahead(client, plan.place, storing.BATCH_ITEMS, storing.BATCH_BYTES) as steps:
        yield from steps


@contextmanager
def watched_client(account: FathomAccount, run: Work) -> Iterator[FathomClient]:
    """The account's client. A key that Fathom refuses is said to be refused, and whatever fails to have failed."""
    key = accounts.api_key(account)
    context = CallContext(
        organization_id=account.organization_id,
        run_id=run.run.pk,
        function_name=KIND,
        triggered_by=run.run.trigger,
    )
    try:
        yield FathomClient(account, key=key, context=context)
    except BadCredentials:
        _failed(account)
        accounts.say_status(account, Connection.ERROR, key=key)
        raise
    except (RateLimited, LostRun, OperationalError, InterfaceError):
        # It goes on later, or elsewhere.
        raise
    except Exception:  # whatever it is: the run ends as failed, and has proved nothing
        _failed(account)
        raise


def _failed(account: FathomAccount) -> None:
    """Since the first failure in a row."""
    FathomAccount.objects.filter(pk=account.pk, failing_since=None).update(failing_since=timezone.now())


def _lists(account: FathomAccount, parameters: dict[str, Any]) -> tuple[tuple[str, ...], ...] | None:
    """The addresses whose meetings are asked for, as many in a list as one request can name; None = everybody's.

    Of an account that serves all, addresses that wait for staff are not asked for: not even how many there are.
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
    return tuple(found[start : start + MOST_ADDRESSES] for start in range(0, len(found), MOST_ADDRESSES))


def _progress(plan: Plan, place: Place, processed: int) -> dict[str, Any]:
    """Hundredths of the span that is walked, newest first; of a walk without a known end how many meetings so far. And
    the date reached, where it is one list that is walked."""
    after, before = plan.place.window.after, plan.began
    lists = len(plan.lists) if plan.lists else 1
    reached = place.oldest if lists == 1 else None
    if after is None:
        return {"done": processed, "reached": reached}
    if place.oldest is None:
        return {"total": HUNDREDTHS}
    share = 1.0 if place.done else (before - place.oldest) / (before - after)
    done = int(HUNDREDTHS * (plan.number + share) / lists)
    return {"done": min(HUNDREDTHS - 1, max(0, done)), "total": HUNDREDTHS, "reached": reached}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _said(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
