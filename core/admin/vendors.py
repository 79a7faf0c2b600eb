"""Accounts at vendors, and the days of the ledger: what is set is entered
on the account's own page.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.admin.base import AppendOnlyAdmin, moment
from core.models import SourceDay, VendorAccount
from core.words.pills import pill


@admin.register(VendorAccount)
class VendorAccountAdmin(AppendOnlyAdmin):
    """Each account, how its connection is, and what it is set to: secrets as their masks."""

    list_display = (
        "__str__",
        "vendor",
        "status",
        moment("state_since", _("since")),
        moment("last_good_at", _("last worked")),
    )
    list_filter = ("vendor", "state")
    search_fields = ("label", "vendor")
    exclude = ("values", "next_values", "cause", "cause_said", "state")
    readonly_fields = ("status", "what_is_set", "why_not")
    actions = ("test", "fetch")
    object_acts = ("test", "fetch")

    def acts_on(self, row: VendorAccount) -> Iterable[str]:
        """Offer no test of a vendor that is gone, and no fetching where there
        is nothing to fetch.
        """
        vendor = vendors.find(row.vendor)
        if vendor is None:
            return ()
        if vendor.sync is None:
            return ("test",)
        return self.object_acts

    @admin.display(description=_("status"))
    def status(self, account: VendorAccount) -> SafeString:
        return pill(account.state)

    @admin.display(description=_("what is set"))
    def what_is_set(self, account: VendorAccount) -> str:
        vendor = vendors.find(account.vendor)
        if vendor is None:
            return "–"
        shown = vendors.masked(account)
        return ", ".join(f"{field.label}: {shown[field.name] or '–'}" for field in vendor.fields)

    @admin.display(description=_("Error"))
    def why_not(self, account: VendorAccount) -> str:
        return account.why or "–"

    @admin.action(description=_("Test connection"), permissions=["use"])
    def test(self, request: HttpRequest, chosen: QuerySet[VendorAccount]) -> None:
        for account in _known(chosen):
            result = vendors.check(account, actor=request.user, request=request)
            tell = messages.error
            if result.success:
                tell = messages.success
            tell(request, f"{account}: {result.message}")

    @admin.action(description=_("Fetch now"), permissions=["use"])
    def fetch(self, request: HttpRequest, chosen: QuerySet[VendorAccount]) -> None:
        for account in _known(chosen):
            vendor = vendors.find(account.vendor)
            if vendor is None or vendor.sync is None:
                continue
            started = vendors.start_sync(account, trigger="admin", started_by=request.user)
            messages.success(request, f"{account}: {started.message}")

    def has_use_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_vendoraccount")


@admin.register(SourceDay)
class SourceDayAdmin(AppendOnlyAdmin):
    """What each source listed on each day, and what became of that."""

    list_display = (
        "day",
        "source",
        "at_vendor",
        "in_koppel",
        "missing",
        "healed",
        "gone",
        moment("checked_at", _("checked")),
    )
    list_filter = ("source",)
    date_hierarchy = None


def _known(chosen: QuerySet[VendorAccount]) -> list[Any]:
    return [account for account in chosen if vendors.find(account.vendor) is not None]
