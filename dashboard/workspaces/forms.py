"""What people enter of a workspace: its key, its webhook, and what they note of it."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from bison.models import Workspace
from bison.webhooks import events
from crm.models import Organization
from dashboard.forms import SearchableSelect, SwitchInput

LONGEST_KEY: Final = 500
SECRET: Final = {"autocomplete": "new-password", "spellcheck": "false"}


class KeyForm(forms.Form):
    """A key of the workspace's own."""

    key = forms.CharField(
        label=_("API key"), max_length=LONGEST_KEY, widget=forms.PasswordInput(SECRET)
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    expires_at = forms.DateTimeField(
        label=_("Expires"), required=False, widget=forms.DateTimeInput({"type": "datetime-local"})
    )


class WebhookForm(forms.Form):
    """Whether the webhook is on, and what it tells."""

    enabled = forms.BooleanField(label=_("On"), required=False, widget=SwitchInput)
    events = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        choices=[(name, name) for name in events.NAMES],
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def of(cls, workspace: Workspace) -> "WebhookForm":
        """Return the form as the workspace is."""
        chosen = workspace.bison_webhook_events or list(events.USUAL)
        return cls(initial={"enabled": workspace.bison_webhook_enabled, "events": chosen})


class WorkspaceForm(forms.Form):
    """Whose workspace it is, and what is noted of it."""

    organization = forms.ModelChoiceField(
        label=_("Organization"),
        queryset=Organization.objects.order_by("name"),
        required=False,
        widget=SearchableSelect,
    )
    requires_workspace_key = forms.BooleanField(
        label=_("Requires a key of its own"), required=False, widget=SwitchInput
    )
    api_notes = forms.CharField(
        label=_("Notes"), required=False, max_length=5000, widget=forms.Textarea({"rows": 3})
    )

    @classmethod
    def of(cls, workspace: Workspace) -> "WorkspaceForm":
        """Return the form as the workspace is."""
        names = ("requires_workspace_key", "api_notes")
        stored: dict[str, Any] = {name: getattr(workspace, name) for name in names}
        return cls(initial={**stored, "organization": workspace.organization_id})
