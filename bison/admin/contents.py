"""What the syncs brought of each workspace: to be looked at.
The vendor's own page is where it is changed.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bison.models import Campaign, EmailAccount, Reply
from core.admin.base import AppendOnlyAdmin, moment, mono
from core.words.pills import pill


class GoneFilter(admin.SimpleListFilter):
    """Whether the vendor lists it still."""

    title = _("listed")
    parameter_name = "gone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("0", _("Listed")), ("1", _("Not listed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(gone_at__isnull=self.value() == "0")


class Synced(AppendOnlyAdmin):
    """A list of the vendor's rows: without what the vendor says of each beside the columns,
    which may be large.
    """

    list_select_related: Any = ("workspace",)
    search_help_text = _("A workspace's name, an address or an id, written in full")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("raw")


@admin.register(EmailAccount)
class EmailAccountAdmin(Synced):
    """The mailboxes that the workspaces send from."""

    list_display = (
        "email",
        "workspace",
        "state",
        "type",
        "daily_limit",
        "warmup_enabled",
        moment("seen_at", _("last seen")),
    )
    list_filter = (GoneFilter, "workspace__instance")
    search_fields = ("=email", "=workspace__workspace_name", "=vendor_id")
    ordering = ("email", "id")
    fields = (
        "email",
        "name",
        "workspace",
        "instance",
        "vendor_id",
        "state",
        "type",
        "daily_limit",
        "warmup_enabled",
        "first_seen_at",
        "seen_at",
        "gone_at",
        "raw",
    )

    @admin.display(description=_("status"), ordering="status")
    def state(self, account: EmailAccount) -> SafeString:
        return listed(account, account.status)


@admin.register(Campaign)
class CampaignAdmin(Synced):
    """The campaigns of the workspaces."""

    list_display = ("name", "workspace", "state", moment("seen_at", _("last seen")))
    list_filter = (GoneFilter, "workspace__instance")
    search_fields = ("=name", "=workspace__workspace_name", "=vendor_id")
    ordering = ("-seen_at", "-id")
    fields = (
        "name",
        "workspace",
        "vendor_id",
        "state",
        "first_seen_at",
        "seen_at",
        "gone_at",
        "raw",
    )

    @admin.display(description=_("status"), ordering="status")
    def state(self, campaign: Campaign) -> SafeString:
        return listed(campaign, campaign.status)


@admin.register(Reply)
class ReplyAdmin(Synced):
    """The replies, however each came to be known, and the lead that each became."""

    list_display = (
        moment("received_at", _("received")),
        "sender",
        "workspace",
        "interest",
        "source",
        "became",
    )
    list_filter = ("is_interested", "source", "workspace__instance")
    list_select_related = ("workspace", "lead")
    search_fields = ("=from_email", "=workspace__workspace_name", "=vendor_id")
    ordering = ("-received_at", "-id")
    fields = (
        "subject",
        "from_email",
        "from_name",
        "workspace",
        "vendor_id",
        "vendor_lead_id",
        "vendor_campaign_id",
        "interest",
        "is_automated",
        "source",
        "became",
        "received_at",
        "first_seen_at",
        "seen_at",
        "text",
        "raw",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("raw", "text")

    @admin.display(description=_("sender"))
    def sender(self, reply: Reply) -> SafeString:
        return mono(reply.from_email)

    @admin.display(description=_("interested"), ordering="is_interested")
    def interest(self, reply: Reply) -> SafeString:
        return pill("yes" if reply.is_interested else "no")

    @admin.display(description=_("lead"))
    def became(self, reply: Reply) -> str:
        if reply.lead is not None:
            return str(reply.lead)
        return reply.no_lead_reason or "–"


def listed(row: Any, status: str) -> SafeString:
    """Show the vendor's own word for it, or that it lists it no more."""
    if row.gone_at is not None:
        return pill("not_set", _("Not listed"))
    if status == "connected":
        return pill("connected")
    if status == "not connected":
        return pill("error", status.capitalize())
    return pill("neutral", status.capitalize() or "–")
