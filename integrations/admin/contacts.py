"""Whose record is whose at a vendor, and what both sides changed: to be looked at.
People decide on their pages.
"""

from typing import Any, Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin.base import moment, mono
from core.words.pills import pill
from integrations.admin.kept import MOST, OfIntegrations
from integrations.contacts.words import REASONS
from integrations.models import ContactConflict, ContactLink, Integration

LOOKS: Final = {"linked": "set", "left_out": "skipped", "gone": "disabled", "refused": "refused"}


class ReasonFilter(admin.SimpleListFilter):
    """Why a record is left out or refused."""

    title = _("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(REASONS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        # What is linked has no reason: so named, the index of the others serves.
        return queryset.exclude(state=ContactLink.State.LINKED).filter(reason=self.value())


@admin.register(ContactLink)
class ContactLinkAdmin(OfIntegrations):
    """Each record at a vendor, and whose it is in Koppel."""

    list_display = ("vendor_number", "email", "integration", "contact", "lead", "status", "why")
    list_filter = ("state", ReasonFilter)
    list_select_related = ("integration", "contact", "lead")
    search_help_text = _(
        "An address, the vendor's id, an id, or the name of an integration or organization, in full"
    )
    sortable_by = ()
    ordering = ("id",)
    heavy = ("ours", "theirs", "taken", "refusal")
    fields = (
        "vendor_id",
        "integration",
        "email",
        "contact",
        "lead",
        "status",
        "why",
        "refusal",
        "is_made_by_pull",
        "ours",
        "theirs",
        "taken",
        moment("changed_at", _("changed")),
        moment("pushed_at", _("sent")),
    )
    readonly_fields = fields

    def by_words(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        # The indexes of both begin with the integration.
        every = list(Integration.objects.values_list("pk", flat=True)[:MOST])
        by_email = Q(integration_id__in=every, email=term.lower())
        return queryset.filter(by_email | Q(integration_id__in=every, vendor_id=term))

    @admin.display(description=_("at the vendor"))
    def vendor_number(self, link: ContactLink) -> SafeString:
        return mono(link.vendor_id)

    @admin.display(description=_("status"))
    def status(self, link: ContactLink) -> SafeString:
        return pill(LOOKS.get(link.state, "unknown"), link.get_state_display())

    @admin.display(description=_("reason"))
    def why(self, link: ContactLink) -> str:
        return str(REASONS.get(link.reason, link.reason)) or "–"


class DecidedFilter(admin.SimpleListFilter):
    """Whether somebody decided already."""

    title = _("status")
    parameter_name = "decided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("0", _("To be decided")), ("1", _("Decided"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(resolved_at__isnull=self.value() == "0")


@admin.register(ContactConflict)
class ContactConflictAdmin(OfIntegrations):
    """What both sides changed of a person, and whose was kept."""

    list_display = (
        moment("opened_at", _("since")),
        "integration",
        "about",
        "what",
        "status",
        "resolved_by",
    )
    list_filter = (DecidedFilter,)
    list_select_related = ("integration", "link__contact", "link__lead", "resolved_by")
    sortable_by = ()
    ordering = ("-opened_at", "-id")
    fields = (
        "integration",
        "link",
        "about",
        "what",
        "status",
        "fields",
        moment("opened_at", _("since")),
        moment("resolved_at", _("decided")),
        "resolved_by",
        "kept",
    )
    readonly_fields = fields

    @admin.display(description=_("person"))
    def about(self, conflict: ContactConflict) -> str:
        link = conflict.link
        return str(link.contact or link.lead or link.email or link)

    @admin.display(description=_("fields"))
    def what(self, conflict: ContactConflict) -> str:
        return ", ".join(conflict.fields)

    @admin.display(description=_("status"))
    def status(self, conflict: ContactConflict) -> SafeString:
        if conflict.resolved_at is None:
            return pill("warning", _("To be decided"))
        return pill("done", _("Decided"))
