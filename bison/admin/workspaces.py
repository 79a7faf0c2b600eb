"""The registry: each client's workspace with its key, its webhook and its health;
keys as masks alone.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bison import access, registry
from bison.admin import entering
from bison.admin.acts import Acts
from bison.admin.contents import GoneFilter
from bison.admin.named import named
from bison.keys import exporting
from bison.keys.choosing import is_expired
from bison.keys.revoking import mask_of
from bison.models import NameTaken, Workspace
from bison.webhooks import addresses, drift
from core.admin.base import AppendOnlyAdmin, HouseAdmin, moment
from core.admin.export import Exported
from core.words.pills import pill, switched

CHANGED = ("organization", "requires_workspace_key", "api_notes")
Field = str | Callable[[Any], Any]
PARTS: Final[tuple[tuple[Any, tuple[Field, ...]], ...]] = (
    (
        None,
        (
            "workspace_name",
            "instance",
            "bison_workspace_id",
            moment("gone_at", _("not listed since")),
            *CHANGED,
        ),
    ),
    (
        _("Key"),
        (
            "key",
            "masked_key",
            "next_key",
            named("bison_api_key_name", _("name of the key")),
            named("bison_api_key_type", _("kind of key")),
            named("bison_api_key_scopes", _("scopes")),
            moment("bison_api_key_created_at", _("in use since")),
            moment("bison_api_key_expires_at", _("expires")),
            moment("bison_api_key_last_used_at", _("last used")),
        ),
    ),
    (
        _("Webhook"),
        (
            "webhook",
            "is_switched_on",
            "webhook_address",
            named("bison_webhook_events", _("events")),
            "what_drifted",
            named("bison_webhook_failure_count", _("failures in a row")),
            moment("bison_webhook_last_received_at", _("last delivery")),
            moment("webhook_checked_at", _("checked")),
        ),
    ),
    (
        _("Health"),
        (
            "health",
            named("api_last_error", _("last error")),
            moment("api_last_successful_call_at", _("last worked")),
            moment("api_last_failed_call_at", _("last failed")),
            named("api_consecutive_failures", _("failures in a row")),
        ),
    ),
    (_("E-mail accounts"), ("email_accounts", moment("accounts_checked_at", _("checked")))),
)


class WorkspaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whose its leads are, whether it needs a key of its own, and notes."""

    class Meta:
        model = Workspace
        fields = CHANGED
        labels: ClassVar = {
            "organization": _("Organization"),
            "requires_workspace_key": _("Requires a key of its own"),
        }


@admin.register(Workspace)
class WorkspaceAdmin(Acts, Exported, HouseAdmin):
    """The workspaces. Entries come from the search at an instance, and stay."""

    form = WorkspaceForm
    list_display = (
        "workspace_name",
        "instance",
        "key",
        "health",
        "webhook",
        "email_accounts",
        moment("api_last_successful_call_at", _("last worked")),
    )
    list_filter = (
        "instance",
        "api_health_status",
        "bison_api_key_status",
        "bison_webhook_status",
        "accounts_state",
        "requires_workspace_key",
        GoneFilter,
    )
    list_select_related = ("instance", "organization")
    search_fields = ("workspace_name", "bison_api_key_name", "=bison_workspace_id", "=id")
    search_help_text = _("Part of a name, or a number at Email Bison")
    ordering = ("workspace_name",)
    autocomplete_fields = ("organization",)
    fieldsets = tuple((title, {"fields": names}) for title, names in PARTS)
    list_before_template = "admin/koppel/window.html"
    object_links = (("key/", _("Enter a key")),)
    export_name = "workspaces"
    export_permission = access.EXPORT

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(entering.view(self, entering.WorkspaceKey))
        return [
            path("<path:object_id>/key/", view, name="bison_workspace_key"),
            *super().get_urls(),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Fix all but what a person decides."""
        return [name for _title, names in PARTS for name in names if name not in CHANGED]

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Give the file that the page gives, of the entries that the list's filters leave."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not access.may(request.user, access.EXPORT):
            raise PermissionDenied
        self.request = request
        rows = self.get_changelist_instance(request).queryset
        return exporting.export(rows, actor=request.user, request=request)

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        entered = {
            name: form.cleaned_data[name] for name in ("requires_workspace_key", "api_notes")
        }
        entered["organization_id"] = getattr(form.cleaned_data["organization"], "pk", None)
        stored = Workspace.objects.get(pk=obj.pk)
        registry.change(stored, entered, actor=request.user, request=request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("key"), ordering="bison_api_key_status")
    def key(self, workspace: Workspace) -> SafeString:
        status = workspace.bison_api_key_status
        if workspace.has_key and is_expired(workspace):
            return pill("expired")
        if workspace.has_key:
            return pill("key.own")
        if workspace.bison_api_key is not None:
            return pill(status)
        if workspace.requires_workspace_key:
            return pill("key.missing")
        return pill("key.shared")

    @admin.display(description=_("API key"))
    def masked_key(self, workspace: Workspace) -> str:
        return mask_of(workspace.bison_api_key) or "–"

    @admin.display(description=_("Next key"))
    def next_key(self, workspace: Workspace) -> str:
        return mask_of(workspace.next_api_key) or "–"

    @admin.display(description=_("health"), ordering="api_health_status")
    def health(self, workspace: Workspace) -> SafeString:
        return pill(workspace.api_health_status)

    @admin.display(description=_("webhook"), ordering="bison_webhook_status")
    def webhook(self, workspace: Workspace) -> SafeString:
        return pill(workspace.bison_webhook_status)

    @admin.display(description=_("Switched on"))
    def is_switched_on(self, workspace: Workspace) -> SafeString:
        return switched(workspace.bison_webhook_enabled)

    @admin.display(description=_("Address"))
    def webhook_address(self, workspace: Workspace) -> str:
        return addresses.shown(workspace) or "–"

    @admin.display(description=_("Otherwise than it should be"))
    def what_drifted(self, workspace: Workspace) -> str:
        return drift.say(workspace.webhook_drift) or "–"

    @admin.display(description=_("e-mail accounts"), ordering="accounts_in_koppel")
    def email_accounts(self, workspace: Workspace) -> SafeString:
        at_vendor: Any = workspace.accounts_at_vendor
        if at_vendor is None:
            at_vendor = "–"
        figures = format_html(
            '<span class="k-figure">{} / {}</span>', workspace.accounts_in_koppel, at_vendor
        )
        return format_html("{} {}", figures, pill(workspace.accounts_state))


@admin.register(NameTaken)
class NameTakenAdmin(AppendOnlyAdmin):
    """Which names renamed workspaces took, and when: by them the log's calls are theirs."""

    list_display = ("name", "workspace", moment("since", _("since")))
    list_select_related = ("workspace",)
    search_fields = ("=name", "=workspace__workspace_name")
    search_help_text = _("A name, written in full")
    ordering = ("name", "since", "id")
