"""What Koppel made at vendors: demos, agents, webhooks. Where they write to and sign
with is shown nowhere.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin.base import AppendOnlyAdmin, moment, mono
from core.words.pills import pill
from integrations.admin.kept import OfIntegrations
from integrations.models import ChatwootWebhook, Demo, HelpdeskAgent, PipedriveWebhook


@admin.register(Demo)
class DemoAdmin(AppendOnlyAdmin):
    """The website inboxes with a bot that people made to try a chat."""

    list_display = (
        "name",
        "organization",
        "owner",
        "status",
        "website_url",
        moment("created_at", _("created")),
    )
    list_filter = ("state",)
    list_select_related = ("organization", "owner", "integration")
    search_fields = ("name", "website_url", "organization__name", "owner__username", "=id")
    search_help_text = _("Part of a name, a website, an organization or a person")
    ordering = ("-created_at", "-id")
    fields = (
        "name",
        "organization",
        "owner",
        "integration",
        "website_url",
        "status",
        "error",
        "base_url",
        "vendor_account",
        "inbox_id",
        "bot_id",
        moment("created_at", _("created")),
        moment("updated_at", _("changed")),
    )
    readonly_fields = fields

    @admin.display(description=_("status"), ordering="state")
    def status(self, demo: Demo) -> SafeString:
        return pill(demo.state)


@admin.register(HelpdeskAgent)
class HelpdeskAgentAdmin(AppendOnlyAdmin):
    """The agents that people made by Koppel: the seats of a tier are counted by them."""

    list_display = ("name", "email", "organization", "integration", "status", "created_by")
    list_filter = ("state",)
    list_select_related = ("organization", "integration", "created_by")
    search_fields = ("name", "email", "organization__name", "=id")
    search_help_text = _("Part of a name, an address or an organization")
    ordering = ("name", "id")
    fields = (
        "name",
        "email",
        "organization",
        "integration",
        "status",
        "vendor_id",
        "created_by",
        moment("reserved_at", _("created")),
    )
    readonly_fields = fields

    @admin.display(description=_("status"), ordering="state")
    def status(self, agent: HelpdeskAgent) -> SafeString:
        return pill(_state_of(agent))


class WebhookAdmin(OfIntegrations):
    """Our webhook in an account at a vendor. Tokens, their hashes and passwords
    stay where they are.
    """

    sortable_by = ()
    ordering: Any = ("integration_id",)
    list_select_related = ("integration__organization",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("token", "token_hash", *self.secrets)

    secrets: tuple[str, ...] = ()
    account = ""

    def by_words(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        if not term.isdecimal() or len(term) > 18:
            return queryset.none()
        return queryset.filter(Q(vendor_id=int(term)) | Q(**{self.account: int(term)}))

    @admin.display(description=_("organization"))
    def organization(self, webhook: Any) -> str:
        return str(webhook.integration.organization)

    @admin.display(description=_("status"))
    def status(self, webhook: Any) -> SafeString:
        if webhook.vendor_id is None:
            return pill("missing", _("Not registered there"))
        return pill("set", _("Registered"))

    @admin.display(description=_("at the vendor"))
    def vendor_number(self, webhook: Any) -> SafeString:
        return mono(webhook.vendor_id)


class RegisteredFilter(admin.SimpleListFilter):
    """Whether it is registered at the vendor."""

    title = _("status")
    parameter_name = "registered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("Registered")), ("0", _("Not registered there"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(vendor_id__isnull=self.value() == "0")


@admin.register(ChatwootWebhook)
class ChatwootWebhookAdmin(WebhookAdmin):
    """Those at Chatwoot."""

    secrets = ("secret",)
    account = "account_id"
    list_display = (
        "integration",
        "organization",
        "status",
        "account_id",
        "vendor_number",
        moment("checked_at", _("last checked")),
        moment("last_event_at", _("last event")),
    )
    list_filter = (RegisteredFilter,)
    fields = list_display
    readonly_fields = fields


@admin.register(PipedriveWebhook)
class PipedriveWebhookAdmin(WebhookAdmin):
    """Those at Pipedrive."""

    secrets = ("password",)
    account = "company_id"
    list_display = (
        "integration",
        "organization",
        "status",
        "company_id",
        "vendor_number",
        moment("checked_at", _("last checked")),
    )
    list_filter = (RegisteredFilter,)
    fields = list_display
    readonly_fields = fields


def _state_of(row: Model) -> str:
    """Return the state in the house's words."""
    return {"reserved": "creating", "created": "ready"}.get(getattr(row, "state", ""), "unknown")
