"""What is entered of the Fathom link, and whose account is looked at."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from core.masking import is_mask
from dashboard.forms import KeyInput, SearchableSelect
from fathom_sync.accounts import config


class LinkForm(forms.Form):
    """A key, a secret, or both: what is left empty stays as it is."""

    api_key = forms.CharField(
        label=_("API key"), max_length=config.LONGEST, required=False, widget=KeyInput
    )
    webhook_secret = forms.CharField(
        label=_("Webhook secret"),
        max_length=config.LONGEST,
        required=False,
        widget=KeyInput,
        help_text=_(
            "Only for a webhook that you made at Fathom yourself. Koppel's own, below, needs none."
        ),
    )

    def __init__(
        self, data: QueryDict | None = None, *, key: str | None = None, has_secret: bool = False
    ) -> None:
        super().__init__(data)
        help_link = format_html(
            '<a href="{}#api-key">{}</a>',
            reverse("dashboard:faq"),
            _("Need help with your API key?"),
        )
        self.fields["api_key"].help_text = help_link
        self.fields["api_key"].widget.attrs["placeholder"] = key or _(
            "Paste your Fathom API key here…"
        )
        if has_secret:
            self.fields["webhook_secret"].widget.attrs["placeholder"] = "•" * 18
        self.has_key = key is not None

    def clean_api_key(self) -> str:
        """Refuse at once what cannot be a key; a picture of the stored one stands for that."""
        key = str(self.cleaned_data["api_key"])
        if key and not is_mask(key):
            config.check_key(key)
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("api_key") and not self.has_key and not self.errors:
            raise ValidationError({"api_key": _("Paste the API key.")})
        return cleaned

    def entered(self) -> dict[str, str | None]:
        """Return what was entered as fathom_sync.accounts.save() takes it."""
        return {name: self.cleaned_data.get(name) or None for name in ("api_key", "webhook_secret")}

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, under its field."""
        for name, errors in error.error_dict.items():
            self.add_error(name, ValidationError(errors))


class ChooseAccount(forms.Form):
    """For staff: the installation's account, or an organization's own."""

    organization = forms.ChoiceField(label=_("Account"), required=False, widget=SearchableSelect)

    def __init__(self, data: QueryDict, organizations: Iterable[tuple[Any, str]]) -> None:
        super().__init__(data)
        choices = [
            ("", _("The whole installation")),
            *((str(key), name) for key, name in organizations),
        ]
        self.fields["organization"].choices = choices  # type: ignore[attr-defined]


class ChooseRep(forms.Form):
    """A rep who has no key of their own yet."""

    rep = forms.ChoiceField(label=_("Rep"), widget=SearchableSelect)

    def __init__(self, reps: Iterable[tuple[Any, str]]) -> None:
        super().__init__()
        self.choices = [(str(key), name) for key, name in reps]
        self.fields["rep"].choices = self.choices  # type: ignore[attr-defined]
