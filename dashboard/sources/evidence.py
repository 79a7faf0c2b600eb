"""The proof of Fathom: what the last checks saw listed, what of it is in Koppel,
and how far that can be trusted.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Min, QuerySet, Sum
from django.utils import timezone

from core.models import Run, User
from dashboard.proofs import Proof
from dashboard.queries import within
from fathom_sync import access, accounts
from fathom_sync.ledger import listing
from fathom_sync.models import FathomAccount, FathomMeeting, LedgerDay
from fathom_sync.syncs import sync

PROVED_DAYS: Final = 30


@dataclass(frozen=True)
class Evidence:
    """The days of the ledger, summed up. `checked_at`: of the day that was checked longest ago.

    `is_whole`: every account that brings these calls was walked through all of these days.
    `elsewhere`: calls of this organization's addresses that wait at the agency, as the address is
    somebody else's too.
    """

    at_vendor: int
    in_koppel: int
    missing: int
    gone: int
    earlier_key: int
    checked_at: datetime | None
    is_whole: bool
    failing_since: datetime | None
    elsewhere: int

    @property
    def skipped(self) -> int:
        """Listed, not in Koppel, and not missing: each has its reason."""
        return self.at_vendor - self.in_koppel - self.missing

    @property
    def proof(self) -> Proof:
        """The same for the bar."""
        listed = (self.at_vendor, self.in_koppel, self.skipped, self.missing)
        return Proof(*listed, self.checked_at, self.failing_since, self.is_whole)


def evidence(user: User, scope: UUID | None, serving: list[FathomAccount]) -> Evidence | None:
    """Add up the last thirty days; None when none was counted yet.

    `serving`: the accounts that bring these calls.
    """
    since = timezone.now().astimezone(UTC).date() - timedelta(days=PROVED_DAYS - 1)
    days = within(access.ledger_for(user), scope).filter(day__gte=since)
    found = days.aggregate(
        at_vendor=Sum("at_vendor"),
        in_koppel=Sum("here"),
        missing=Sum("missing"),
        gone=Sum("gone"),
        earlier_key=Sum("earlier_key"),
        checked_at=Min("checked_at"),
    )
    as_of = _proved(serving, scope, since)
    if not found["checked_at"] and as_of is None:
        return None
    sums = Counter(
        {
            name: found[name] or 0
            for name in ("at_vendor", "in_koppel", "missing", "gone", "earlier_key")
        }
    )
    if scope is None:
        sums.subtract(_doubled(days))
    return Evidence(
        **sums,
        checked_at=as_of or found["checked_at"],
        is_whole=as_of is not None,
        failing_since=failing_since(serving),
        elsewhere=elsewhere(scope, since),
    )


def failing_since(serving: list[FathomAccount]) -> datetime | None:
    """Return since when one of these accounts cannot be checked; None while all can."""
    return min(
        (account.failing_since for account in serving if account.failing_since), default=None
    )


def is_whole(scope: UUID | None) -> bool:
    """Tell whether all that Fathom has for this organization (None: for any) was listed once."""
    serving = accounts.serving(scope)
    return bool(serving) and all(account.watermark for account in serving)


def elsewhere(scope: UUID | None, since: date | None = None) -> int:
    """Count calls of the organization's own addresses that are nobody's:
    another organization has the address too.
    """
    if scope is None:
        return 0
    ambiguous = FathomMeeting.objects.filter(organization_id=scope, reason="ambiguous")
    if since:
        ambiguous = ambiguous.filter(day__gte=since)
    return ambiguous.count()


def _doubled(days: QuerySet[LedgerDay]) -> dict[str, int]:
    """Return what another organization's day counts as well: how much of each sum."""
    sums: Counter[str] = Counter()
    for found in (
        days.exclude(doubled={}).values_list("doubled", flat=True).iterator(chunk_size=2000)
    ):
        sums.update(found)
    unlisted = {name: sums.pop(name, 0) for name in ("gone", "earlier_key")}
    return {
        "at_vendor": sums.total(),
        "in_koppel": sums["here"],
        "missing": sums["missing"],
        **unlisted,
    }


def _proved(serving: list[FathomAccount], scope: UUID | None, since: date) -> datetime | None:
    """Return as of when all of these days are proved at every account;
    None where one of them is not.
    """
    proofs = listing.proved_since(serving, since)
    if scope is not None and not all(proofs.values()):
        asked = _asked_for(scope)
        proofs = {
            account_id: as_of or asked.get(account_id) for account_id, as_of in proofs.items()
        }
    known = [as_of for as_of in proofs.values() if as_of is not None]
    if known and len(known) == len(proofs):
        return min(known)
    return None


def _asked_for(organization_id: UUID) -> dict[UUID, datetime]:
    """Return the accounts that a sync for this organization alone has just been asked for all
    these days, and when.
    """
    looked = Run.objects.filter(
        kind=sync.KIND.key, state=Run.State.SUCCEEDED, parameters__hours__gte=PROVED_DAYS * 24
    )
    looked = looked.filter(
        finished_at__gte=timezone.now() - timedelta(days=1),
        parameters__rep=None,
        parameters__organization=str(organization_id),
    )
    found = looked.order_by("started_at").values_list("subject_id", "started_at")
    return {account: started for account, started in found if account and started}
