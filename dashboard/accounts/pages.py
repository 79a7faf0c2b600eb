"""What the page of an account shows: how it is, what is set, what waits, what was fetched, and the proof of that."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.http import Http404, HttpRequest
from django.utils import timezone

from core import ledger, vendors
from core.models import Run, User, VendorAccount
from core.vendors import Vendor
from crm import access
from dashboard.navigation import Shell

SHOWN_RUNS: Final = 10
SHOWN_DAYS: Final = 30


@dataclass(frozen=True)
class Place:
    """The account that a page speaks of, and what the person may do with it."""

    vendor: Vendor
    account: VendorAccount
    may_change: bool


def place(request: HttpRequest, user: User, key: str) -> Place:
    """Return the account that the person looks at: their organization's, or the installation's for staff.

    Http404 for a vendor that is not declared, and for whoever may not look.
    """
    vendor = vendors.find(key)
    if vendor is None:
        raise Http404
    organization_id = Shell(request).scope
    if not access.may_see_account(user, organization_id):
        raise Http404
    account = vendors.account_of(vendor, organization_id)
    return Place(vendor, account, access.may_change_account(user, organization_id))


def page(at: Place) -> dict[str, Any]:
    """Return all that the page shows beside its form."""
    return {
        "place": at,
        "status": vendors.state_of(at.account),
        "masked": [(field, vendors.masked(at.account)[field.name]) for field in at.vendor.fields],
        "has_next": vendors.has_next(at.account),
        **live(at),
    }


def live(at: Place) -> dict[str, Any]:
    """Return what changes while the account is fetched."""
    runs = Run.objects.none()
    if at.vendor.sync is not None:
        runs = Run.objects.filter(subject_id=at.account.pk, kind=at.vendor.sync.key).order_by("-pk")
    shown = list(runs[:SHOWN_RUNS])
    return {
        "place": at,
        "runs": shown,
        "is_open": any(run.state in Run.OPEN for run in shown),
        **_proof(at),
    }


def _proof(at: Place) -> dict[str, Any]:
    source = at.vendor.source
    if source is None:
        return {}
    today = timezone.localdate()
    days = list(ledger.days(source.key, [at.account.pk], today - timedelta(days=SHOWN_DAYS), today))
    return {"days": days, "sums": ledger.sums(days)}
