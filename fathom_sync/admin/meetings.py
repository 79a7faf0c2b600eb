"""Fathom's meetings and the ledger in the management portal: to be looked at.
What is done with them, services do.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin.base import AppendOnlyAdmin, moment, mono
from core.words.pills import pill
from fathom_sync.models import FathomMeeting, LedgerDay, ListedDay


class ReasonFilter(admin.SimpleListFilter):
    """Why it is not in the library."""

    title = _("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return list(FathomMeeting.REASONS.items())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[FathomMeeting]
    ) -> QuerySet[FathomMeeting]:
        chosen = self.value()
        # Named so that the index of what waits serves.
        if chosen:
            return queryset.exclude(outcome="imported").filter(reason=chosen)
        return queryset


@admin.register(FathomMeeting)
class FathomMeetingAdmin(AppendOnlyAdmin):
    """Every meeting that any account has listed."""

    list_display = (
        "title",
        "became",
        "why",
        "recorder",
        "rep",
        "organization",
        "day",
        moment("as_of", _("fetched")),
    )
    list_filter = ("outcome", ReasonFilter)
    list_select_related = ("rep", "organization")
    search_fields = ("=recording_id", "=recorder", "=id")
    search_help_text = _("A recording's id or an address, written in full")
    ordering = ("-day", "-id")
    fields = (
        "title", "became", "why", "recording_id", "recorder", "recorder_name", "team",
        "organization", "rep", "call", "created_at", "started_at", "ended_at", "day", "as_of",
        "first_seen", "healed_at", "fingerprint", "accounts",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[FathomMeeting]:
        return super().get_queryset(request).defer("raw")

    @admin.display(description=_("outcome"), ordering="outcome")
    def became(self, meeting: FathomMeeting) -> SafeString:
        return pill(f"listed.{meeting.outcome}")

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, meeting: FathomMeeting) -> str:
        return str(FathomMeeting.REASONS.get(meeting.reason, "–"))

    @admin.display(description=_("fingerprint of what the source said"))
    def fingerprint(self, meeting: FathomMeeting) -> SafeString:
        if not meeting.raw_hash:
            return mono("")
        return mono(bytes(meeting.raw_hash).hex())


@admin.register(LedgerDay)
class LedgerDayAdmin(AppendOnlyAdmin):
    """What Fathom lists against what is here."""

    list_display = (
        "day", "organization", "rep", "state", "at_vendor", "here", "missing", "healed", "gone",
        "earlier_key", moment("checked_at", _("checked")),
    )  # fmt: skip
    list_select_related = ("organization", "rep")
    search_fields = ("=rep__name", "=organization__name")
    search_help_text = _("A rep's or an organization's name, written in full")
    ordering = ("-day", "-id")

    @admin.display(description=_("state"))
    def state(self, day: LedgerDay) -> SafeString:
        if day.missing:
            return pill("missing")
        if not day.at_vendor:
            return pill("not_set", _("Not listed"))
        return pill("succeeded")


@admin.register(ListedDay)
class ListedDayAdmin(AppendOnlyAdmin):
    """Fathom's side of the ledger: what each account's list showed of a day."""

    list_display = (
        "day", "account", "listed", "not_any_more", "of_an_earlier_key",
        moment("walked_at", _("walked whole")),
    )  # fmt: skip
    list_select_related = ("account__organization", "account__rep")
    search_fields = ("=account__id", "=account__organization__name")
    search_help_text = _("An account's id or an organization's name, written in full")
    ordering = ("-day", "-id")
    fields = ("day", "account", "names", "gone", "earlier", "walked_at")

    @admin.display(description=_("listed"))
    def listed(self, day: ListedDay) -> int:
        return len(day.names)

    @admin.display(description=_("not listed any more"))
    def not_any_more(self, day: ListedDay) -> int:
        return len(day.gone)

    @admin.display(description=_("listed by an earlier key"))
    def of_an_earlier_key(self, day: ListedDay) -> int:
        return len(day.earlier)
