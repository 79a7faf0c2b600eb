"""All that is connected: whose it is, how it is, and what it is set to; secrets as their masks."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.admin.base import moment
from core.words.pills import pill, switched
from integrations import registry, services
from integrations.admin import entering
from integrations.admin.acts import Acts
from integrations.models import Integration

LAST_GOOD = moment("last_good_at", _("last worked"))
CHANGED = ("is_shared", "sync_every")
SHOWN = (
    "name",
    "organization",
    "owner",
    "service",
    "type",
    "connection",
    "why_not",
    "what_is_set",
    "what_waits",
    "is_on",
    "fallback",
    moment("last_used_at", _("last used")),
    moment("created_at", _("created")),
    moment("updated_at", _("changed")),
)


class IntegrationForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who uses it, and how often it fetches. Its values have a page of their own."""

    class Meta:
        model = Integration
        fields = CHANGED


class ProviderFilter(SimpleListFilter):
    """By the service, as it is called."""

    title = _("service")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(provider.key, provider.name) for provider in registry.providers()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Integration]
    ) -> QuerySet[Integration]:
        if self.value() is None:
            return queryset
        return queryset.filter(provider=self.value())


@admin.register(Integration)
class IntegrationAdmin(Acts):
    """The integrations. People connect them on their pages;
    they are tested, switched and deleted from either.
    """

    form = IntegrationForm
    list_display = (
        "name",
        "service",
        "type",
        "organization",
        "owner",
        "connection",
        "is_on",
        "last_good",
    )
    list_filter = (ProviderFilter, "type", "account__state", "is_active", "is_shared")
    list_select_related = ("account", "organization", "owner")
    search_fields = ("name", "organization__name", "owner__username", "owner__email", "=id")
    search_help_text = _("Part of a name, an organization or a person")
    ordering = ("-created_at", "-id")
    fields = (*SHOWN[:10], *CHANGED, *SHOWN[10:])
    readonly_fields = SHOWN
    object_links = (("values/", _("Connection")),)
    takes_all_along = True

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(entering.view(self))
        return [
            path("<path:object_id>/values/", view, name="integrations_integration_values"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Integration, form: Any, change: bool) -> None:
        entered = form.cleaned_data
        stored = Integration.objects.select_related("account", "organization").get(pk=obj.pk)
        who: dict[str, Any] = {"actor": request.user, "request": request}
        services.share(stored, is_shared=entered["is_shared"], **who)
        if entered["sync_every"] != stored.sync_every:
            services.schedule(stored, entered["sync_every"], **who)

    def delete_model(self, request: HttpRequest, obj: Integration) -> None:
        services.remove(obj, actor=request.user, request=request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Integration]) -> None:
        for each in queryset.select_related("account"):
            self.delete_model(request, each)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("service"), ordering="provider")
    def service(self, integration: Integration) -> str:
        provider = registry.find(integration.provider)
        if provider is None:
            return integration.provider
        return provider.name

    @admin.display(description=_("connection"), ordering="account__state")
    def connection(self, integration: Integration) -> SafeString:
        return pill(integration.account.state)

    @admin.display(description=_("last worked"), ordering="account__last_good_at")
    def last_good(self, integration: Integration) -> SafeString:
        return LAST_GOOD(integration.account)

    @admin.display(description=_("Switched on"), ordering="is_active")
    def is_on(self, integration: Integration) -> SafeString:
        return switched(integration.is_active)

    @admin.display(description=_("Error"))
    def why_not(self, integration: Integration) -> str:
        return integration.account.why or "–"

    @admin.display(description=_("what is set"))
    def what_is_set(self, integration: Integration) -> str:
        provider = registry.find(integration.provider)
        if provider is None:
            return "–"
        shown = vendors.masked(integration.account)
        return ", ".join(
            f"{field.label}: {shown[field.name] or '–'}" for field in provider.vendor.fields
        )

    @admin.display(description=_("New values"))
    def what_waits(self, integration: Integration) -> str:
        if registry.find(integration.provider) is not None and vendors.has_next(
            integration.account
        ):
            return str(_("New values wait until they have worked."))
        return "–"
