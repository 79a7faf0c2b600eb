"""What the page of an account shows: how it is, what is set, what waits, what was fetched,
and the proof of that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any, Final

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import ledger, vendors
from core.models import Run, SourceDay, User, VendorAccount
from core.vendors import Vendor
from crm import access
from dashboard import charts, run_tables
from dashboard.navigation import Shell
from dashboard.proofs import Proof

SHOWN_RUNS: Final = 10
SHOWN_DAYS: Final = 30


@dataclass(frozen=True)
class Place:
    """The account that a page speaks of, what the person may do with it, and where the page is.

    What its buttons do has addresses below that. `saves` and `uses_next` are the services
    that store what is entered.
    """

    vendor: Vendor
    account: VendorAccount
    may_change: bool
    address: str
    template: str = "dashboard/accounts/page.html"
    saves: Callable[..., vendors.Saved] = vendors.save
    uses_next: Callable[..., vendors.Saved] = vendors.use_next

    @property
    def test_address(self) -> str:
        return f"{self.address}/test"


def place(request: HttpRequest, user: User, key: str) -> Place:
    """Return the account that the person looks at: their organization's,
    or the installation's for staff.

    Http404 for a vendor that is not declared or has a page of its own,
    and for whoever may not look.
    """
    vendor = vendors.find(key)
    if vendor is None or vendor.has_own_page:
        raise Http404
    organization_id = Shell(request).scope
    if not access.may_see_account(user, organization_id):
        raise Http404
    may_change = access.may_change_account(user, organization_id)
    # Looking makes nothing.
    makes = may_change and request.method == "POST"
    account = vendors.account_of(vendor, organization_id, makes=makes)
    return Place(vendor, account, may_change, reverse("dashboard:account", args=[key]))


def page(at: Place) -> dict[str, Any]:
    """Return all that the page shows beside its form."""
    shown = vendors.masked(at.account)
    return {
        "place": at,
        "status": vendors.state_of(at.account),
        "masked": [(field, shown[field.name]) for field in at.vendor.boxes],
        "is_set": any(shown.values()),
        "has_next": vendors.has_next(at.account),
        **live(at),
    }


def live(at: Place) -> dict[str, Any]:
    """Return what changes while the account is fetched."""
    shown: list[Run] = []
    if at.vendor.sync is not None:
        runs = Run.objects.filter(subject_id=at.account.pk, kind=at.vendor.sync.key)
        shown = list(runs.select_related("started_by").order_by("-pk")[:SHOWN_RUNS])
    return {
        "place": at,
        "run_table": run_tables.runs(shown, caption=_("Runs")),
        "is_open": any(run.state in Run.OPEN for run in shown),
        **_proof(at),
    }


def _proof(at: Place) -> dict[str, Any]:
    """Return the last month of the ledger: all together, why things are left out,
    and a square for each day.
    """
    source = at.vendor.source
    if source is None:
        return {}
    # The ledger's days are those of UTC.
    last = timezone.now().astimezone(UTC).date()
    days = [last - timedelta(days=ago) for ago in reversed(range(SHOWN_DAYS))]
    found = list(ledger.days(source.key, [at.account.pk], days[0], last))
    sums = ledger.sums(found)
    by_day = {row.day: row for row in found}
    return {
        "proof": Proof(
            sums.at_vendor, sums.in_koppel, sums.left_out_total, sums.missing, sums.checked_at
        ),
        "reasons": [
            (source.reasons.get(name, name), number)
            for name, number in sorted(sums.left_out.items())
        ],
        "heat": [(str(source.name), [_square(day, by_day.get(day)) for day in days])],
        "first": days[0],
    }


def _square(day: date, row: SourceDay | None) -> charts.Square:
    """Return one day as a heat map shows it; a day that nobody checked has no number."""
    text = date_format(day, "j N")
    if row is None:
        return text, None
    words = [
        _("%(number)d at the vendor") % {"number": row.at_vendor},
        _("%(number)d in Koppel") % {"number": row.in_koppel},
    ]
    if row.missing:
        words.append(_("%(number)d missing") % {"number": row.missing})
    tone = ""
    if row.left_out:
        tone = "warn"
    if row.missing:
        tone = "bad"
    return f"{text}: {', '.join(words)}", row.at_vendor, tone
