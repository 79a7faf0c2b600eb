"""A sync of one account: a run that walks Fathom's list and stores what is new, page by page,
so that it may be killed anywhere and goes on from there.

Three kinds of walk. Of everything, when the account was never synced to its end. Of what is new:
from the watermark (all that Fathom made before it was fetched) less an overlap for what appears
late; that walk ends at the first page behind the watermark that says nothing new, but every few
hours looks through the whole overlap. And of a span of hours, a rep or an organization, when
somebody asks for that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import runs
from core.connections import Connection
from core.errors import BadCredentials, RateLimited
from core.http import CallContext
from core.queue import jobs
from core.runs.attempt import LostRun, Work
from core.runs.kinds import Wish
from crm.models import Organization, SalesRep
from fathom_sync import accounts
from fathom_sync.client import FathomClient
from fathom_sync.ledger import days, listing
from fathom_sync.ledger.days import DayCount
from fathom_sync.ledger.listing import Walked
from fathom_sync.meetings import storing
from fathom_sync.models import FathomAccount
from fathom_sync.syncs import plans, walking, words
from fathom_sync.syncs.plans import Plan
from fathom_sync.syncs.walking import Place, Step

STILL_MISSING: Final = _(
    "%(count)d meetings that Fathom lists could not be fetched yet. The next check tries again."
)


def start_sync(
    account: FathomAccount,
    *,
    hours: int | None = None,
    rep: SalesRep | None = None,
    organization: Organization | None = None,
    reset: bool = False,
    trigger: str,
    started_by: Any = None,
) -> runs.Started:
    """Start a sync, or join the open one that does all of this.

    One that does less is waited for: the new run has its turn when the account's others are over.
    `hours` back from now, else what is new. `reset` looks through all of it again, without `hours`
    through everything.
    """
    owner_id = account.organization_id
    if rep is not None:
        owner_id = rep.organization_id
    elif organization is not None:
        owner_id = organization.pk
    wish = {
        "hours": hours,
        "rep": str(rep.pk) if rep else None,
        "organization": str(organization.pk) if organization and not rep else None,
        "reset": reset,
    }
    return runs.start(
        KIND, account, wish, organization_id=owner_id, started_by=started_by, trigger=trigger
    )


def start_all(
    *, hours: int | None = None, trigger: str, started_by: Any = None
) -> list[runs.Started]:
    """Start a sync of every account that has a key."""
    return [
        start_sync(account, hours=hours, trigger=trigger, started_by=started_by)
        for account in accounts.configured()
    ]


def accounts_of(rep: SalesRep) -> list[FathomAccount]:
    """Return the accounts that may list this rep's meetings, the nearest first.

    The rep's own comes first, then the organization's, then the one for all.
    """
    serving = [
        account
        for account in accounts.configured()
        if account.rep_id in (None, rep.pk)
        and account.organization_id in (None, rep.organization_id)
    ]
    return sorted(
        serving, key=lambda account: (account.rep_id is None, account.organization_id is None)
    )


def covers(under_way: Wish, wish: Wish) -> bool:
    """Tell whether a sync that is under way looks through all that is wished for.

    One for a rep or an organization does nothing for another;
    and one for everybody does it for them, but is not joined, as who asked could not see that run.
    """
    if any(under_way.get(name) != wish.get(name) for name in ("rep", "organization")):
        return False
    if wish.get("reset") and not under_way.get("reset"):
        return False
    far, wanted = under_way.get("hours"), wish.get("hours")
    if far is None and under_way.get("reset"):
        return True
    if wanted is None:
        return far is None
    return far is not None and far >= wanted


def work(run: Work) -> None:
    """Walk one account's list."""
    account = FathomAccount.objects.select_related("organization", "rep").get(pk=run.subject_id)
    sync = _Sync(account, run)
    run.must_add_up("processed")
    with watched_client(account, run) as client:
        begin_list(account, client)
        plan: Plan | None = sync.plan()
        while plan is not None:
            ended = sync.walk(client, plan)
            if ended is None:
                break
            sync.close(plan, ended, client)
            plan = plans.following(plan)
    if sync.wrote:
        jobs.after_commit("calls.index_waiting")


# All that asks one account goes one after another, whoever asked and whatever for.
LOCK: Final = "fathom"
KIND: Final = runs.Kind(
    "fathom.sync",
    _("Fathom sync"),
    work="fathom_sync.syncs.sync.work",
    words=words.OF_SYNCS,
    so_far=("processed", "pages"),
    lock=LOCK,
    covers=covers,
    vouches=True,
    started=_("The sync has started."),
    joined=_("A sync is under way already; this is it."),
    waits=_("Another sync is under way; yours starts after it."),
)


class _Sync:
    """One attempt at one run: its plan, the walk through each list of that, and the end of each."""

    def __init__(self, account: FathomAccount, run: Work) -> None:
        self.account, self.run = account, run
        self.scopes = storing.Scopes()
        self.wrote = False
        self.processed = int(run.run.counts.get("processed", 0))

    def plan(self) -> Plan:
        """Return the plan: made once, and kept in the checkpoint.

        What the first attempt set out to walk, all attempts walk.
        """
        if self.run.start_from.get("key") == self.account.listing_key:
            return plans.read(self.run.start_from)
        # What another key has shown so far is not this one's list:
        # that is walked from its beginning.
        listing.start_over(self.run.run.pk)
        plan = plans.make(self.account, self.run.parameters, timezone.now())
        self._keep(plan)
        return plan

    def _keep(self, plan: Plan) -> None:
        self.run.checkpoint({**plan.as_json(), "key": self.account.listing_key})

    def walk(self, client: FathomClient, plan: Plan) -> Place | None:
        """Walk one list; return where that ended, None when it was cancelled."""
        place = plan.place
        for step in _steps(client, plan):
            fresh = self._store(step, plan)
            place = step.place
            if self.run.cancelled:
                return None
            if not fresh and _is_behind(place, plan.until):
                break
        return place

    def _store(self, step: Step, plan: Plan) -> int:
        """Store rows, counts, outcomes and the place to go on from: all of it, or nothing."""
        with transaction.atomic():
            stored = storing.store(
                self.account,
                step.items,
                step.asked_at,
                scopes=self.scopes,
                anew=bool(self.run.parameters.get("reset")),
            )
            self.run.add(
                counts={"processed": len(step.items), "pages": step.pages}, outcomes=stored.outcomes
            )
            listing.note(self.account, self.run.run.pk, step.items)
            self._keep(replace(plan, place=step.place))
            self.processed += len(step.items)
            self.run.progress(**plans.progress(plan, step.place, self.processed))
        self.wrote = self.wrote or stored.fresh > 0
        return stored.fresh

    def close(self, plan: Plan, ended: Place, client: FathomClient) -> None:
        """End a list; at the last, say how far everything is known now,
        and count the days looked at.
        """
        if plans.following(plan) is not None:
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
        proved = False
        if self.wrote or whole:
            proved = self._prove(plan, plan.place.window.after if whole else ended.oldest)
        if not proved:
            vouch_for_what_was_seen(self.run)
        # However early it ended: all that it set out to walk is walked.
        total = plans.HUNDREDTHS
        if plan.place.window.after is None:
            total = self.processed
        self.run.progress(done=total, total=total)

    def _prove(self, plan: Plan, after: datetime | None) -> bool:
        """Count the days that were walked from their beginning:
        of all others this sync proves nothing.
        """
        asked = None
        if plan.lists is not None:
            asked = [address for addresses in plan.lists for address in addresses]
        run = self.run.run
        walked = Walked(
            run.pk, self.account.listing_key, after, plan.began, asked, run.organization_id
        )
        return say_proof(self.run, walked, days.count(self.account, walked))


def _is_behind(place: Place, until: datetime | None) -> bool:
    """Tell whether a walk has come behind the moment after which a page that says nothing
    new is the last.
    """
    if until is None or place.oldest is None:
        return False
    return place.oldest <= until


def begin_list(account: FathomAccount, client: FathomClient) -> None:
    """Set apart what another key of the account has listed. To be called before a list is read."""
    accounts.lists_with(account, client.key)
    days.begin(account)


def say_proof(run: Work, walked: Walked, counted: DayCount | None) -> bool:
    """Vouch for the days that a walk went through, and tell whether there was any."""
    if counted is None:
        return False
    first = None
    if walked.after is not None:
        first = walked.first.isoformat()
    run.evidence(from_day=first, to_day=walked.began.astimezone(UTC).date().isoformat())
    run.vouch(
        at_vendor=counted.at_vendor,
        in_koppel=counted.imported,
        left_out={"skipped": counted.skipped, "errors": counted.errors},
        missing=counted.missing,
        still_missing=STILL_MISSING,
        healed=counted.healed,
        gone=counted.gone,
        earlier_key=counted.earlier_key,
    )
    return True


def vouch_for_what_was_seen(run: Work) -> None:
    """Vouch for the meetings that this run looked at, where it went through no day
    from its beginning.
    """
    counts, outcomes = run.so_far()
    imported = sum(outcomes.get(name, 0) for name in storing.IN_LIBRARY)
    run.vouch(
        at_vendor=counts.get("processed", 0),
        in_koppel=imported,
        left_out={
            name: number for name, number in outcomes.items() if name not in storing.IN_LIBRARY
        },
        under="looked_at",
    )


def _steps(client: FathomClient, plan: Plan) -> Iterator[Step]:
    """Fetch ahead, but not where a walk may end any moment:
    the next page would be asked for in vain.
    """
    if plan.until is not None:
        yield from walking.walk(client, plan.place)
        return
    with walking.ahead(client, plan.place, storing.BATCH_ITEMS, storing.BATCH_BYTES) as steps:
        yield from steps


@contextmanager
def watched_client(account: FathomAccount, run: Work) -> Iterator[FathomClient]:
    """Give the account's client.

    A key that Fathom refuses is said to be refused, and whatever fails to have failed.
    """
    key = accounts.api_key(account)
    context = CallContext(
        organization_id=account.organization_id,
        run_id=run.run.pk,
        function_name=KIND.key,
        triggered_by=run.run.trigger,
    )
    try:
        yield FathomClient(account, key=key, context=context)
    except BadCredentials as error:
        _failed(account)
        accounts.say_status(account, Connection.ERROR, key=key, why=error.saying)
        raise
    except (RateLimited, LostRun, OperationalError, InterfaceError):
        # It goes on later, or elsewhere.
        raise
    except Exception:  # whatever it is: the run ends as failed, and has proved nothing
        _failed(account)
        raise


def _failed(account: FathomAccount) -> None:
    """Note since when it fails: since the first failure in a row."""
    FathomAccount.objects.filter(pk=account.pk, failing_since=None).update(
        failing_since=timezone.now()
    )
