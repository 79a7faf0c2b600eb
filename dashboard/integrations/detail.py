"""One integration: its tabs, how it is, and the forms of what can be changed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.integrations import entering
from dashboard.integrations.forms import ConnectionForm
from dashboard.integrations.granting import can_sign_in
from dashboard.integrations.rows import IntegrationRow
from dashboard.integrations.using import SharingForm, TransferForm
from dashboard.navigation import Item
from dashboard.views import person
from integrations import access
from integrations.events import endpoints
from integrations.models import Integration

HISTORY = "core.view_auditevent"


class Detail:
    """One integration as its pages show it, and what the person may do with it."""

    def __init__(self, request: HttpRequest, integration: Integration) -> None:
        user = person(request)
        self.request = request
        self.integration = integration
        self.may_change = access.may_change(user, integration)
        self.may_delete = access.may_change(user, integration, access.DELETE)
        self.may_sync = access.may_change(user, integration, access.SYNC)
        self.may_disconnect = access.may_change(user, integration, access.DISCONNECT)
        self.may_test = may_test(user)
        self.sees_history = self.may_change or user.has_perm(HISTORY)
        self.row = IntegrationRow(
            integration, user, may_change=self.may_change, may_test=self.may_test
        )

    @classmethod
    def of(cls, request: HttpRequest, integration_id: UUID, permission: str = "") -> "Detail":
        """Return the integration that an address means, or raise as `entering.named` does."""
        return cls(request, entering.named(request, integration_id, permission))

    @property
    def can_reconnect(self) -> bool:
        """Whether somebody signs in at the service to connect it again."""
        return self.may_change and self.row.grant is not None and can_sign_in(self.row.provider)

    @property
    def can_disconnect(self) -> bool:
        return self.may_disconnect and self.row.grant is not None and self.row.grant.is_live

    @property
    def tabs(self) -> list[Item]:
        entries = [(_("Connection"), "integration", "link")]
        if self.row.has_contacts:
            entries.append((_("Contacts"), "integration_contacts", "users"))
        if self.integration.provider == endpoints.PROVIDER:
            entries.append((_("Deliveries"), "integration_deliveries", "inbox"))
        entries.append((_("Logs"), "integration_logs", "file-text"))
        if self.sees_history:
            entries.append((_("History"), "integration_history", "clock"))
        open_page = self.request.path_info
        found = []
        for label, name, icon in entries:
            address = reverse(f"dashboard:{name}", args=[self.integration.pk])
            found.append(Item(label, address, icon, open_page == address))
        return found

    def context(self, **more: Any) -> dict[str, Any]:
        """Return what every tab shows beside its own."""
        list_url = reverse("dashboard:integrations")
        return {
            "detail": self,
            "row": self.row,
            "integration": self.integration,
            "list_url": list_url,
            **more,
        }

    def connection(self, **more: Any) -> dict[str, Any]:
        """Return what the first tab shows."""
        provider = self.row.provider
        forms: dict[str, Any] = {}
        if provider is not None and self.may_change:
            forms = {
                "form": ConnectionForm(provider, integration=self.integration),
                "sharing": SharingForm(self.integration, has_contacts=self.row.has_contacts),
                "transfer": TransferForm(self.integration),
            }
        return self.context(**{**forms, **more})


def may_test(user: Any) -> bool:
    """Tell whether this person may have what they see tried: members may, staff by permission."""
    return access.as_staff(user, access.TEST) or not user.is_staff
