"""Numbers of each workspace: its days, its sender domains, and how long its leads last."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from bison.models import DailyFigures, DomainDay, Runway
from core.admin.base import AppendOnlyAdmin, moment

BY_WORKSPACE = _("A workspace's name, written in full")


@admin.register(DailyFigures)
class FiguresAdmin(AppendOnlyAdmin):
    """What each workspace did on each day, as the vendor counts it."""

    list_display = (
        "day",
        "workspace",
        "sent",
        "replied",
        "interested",
        "bounced",
        "unsubscribed",
        "capacity",
    )
    list_filter = ("workspace__instance",)
    list_select_related = ("workspace",)
    search_fields = ("=workspace__workspace_name",)
    search_help_text = BY_WORKSPACE
    ordering = ("-day", "-id")


@admin.register(Runway)
class RunwayAdmin(AppendOnlyAdmin):
    """How long each workspace's leads last."""

    list_display = (
        "workspace",
        "leads_left",
        "sends_per_day",
        "senders_connected",
        "senders_down",
        "dry_on",
        "tired",
        moment("computed_at", _("computed")),
    )
    list_filter = ("workspace__instance",)
    list_select_related = ("workspace",)
    search_fields = ("=workspace__workspace_name",)
    search_help_text = BY_WORKSPACE
    ordering = ("dry_on", "workspace_id")

    @admin.display(description=_("tired domains"))
    def tired(self, runway: Runway) -> int:
        return len(runway.tired_domains)


@admin.register(DomainDay)
class DomainDayAdmin(AppendOnlyAdmin):
    """What the senders of each domain had sent and lost in all by a day:
    what tired domains are found by.
    """

    list_display = ("day", "domain", "workspace", "senders", "sent", "bounced", "replied")
    list_filter = ("workspace__instance",)
    list_select_related = ("workspace",)
    search_fields = ("=domain", "=workspace__workspace_name")
    search_help_text = _("A domain or a workspace's name, written in full")
    ordering = ("-day", "-id")
