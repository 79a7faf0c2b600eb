"""The form of an account, made from the fields that its vendor declares."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.masking import Secret, is_mask
from core.models import VendorAccount
from core.vendors.declarations import Field, vendor_of
from core.vendors.values import masked


class AccountForm(forms.Form):
    """What is left empty of a secret stays as it is; what is stored is shown masked
    behind the empty box.
    """

    def __init__(self, account: VendorAccount, data: Any = None) -> None:
        self.shown = masked(account)
        self.vendor = vendor_of(account)
        super().__init__(data, initial=self.shown)
        for field in self.vendor.boxes:
            self.fields[field.name] = _form_field(field, self.shown[field.name])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for field in self.vendor.boxes:
            text = cleaned.get(field.name, "")
            if not text or is_mask(text):
                continue
            try:
                field.check(text)
            except ValidationError as error:
                self.add_error(field.name, error)
        return cleaned

    def entered(self) -> dict[str, str | None]:
        """Return what was entered as `vendors.save` takes it."""
        found: dict[str, str | None] = {}
        for field in self.vendor.boxes:
            text = self.cleaned_data.get(field.name, "")
            found[field.name] = None if field.secret and not text else text
        return found

    def others(self) -> dict[str, str | Secret]:
        """Return what was entered in the place of what is in use."""
        found: dict[str, str | Secret] = {}
        for field in self.vendor.boxes:
            text = self.cleaned_data.get(field.name, "")
            is_kept = text == self.shown[field.name] or is_mask(text)
            if not text or is_kept:
                continue
            found[field.name] = Secret(text) if field.secret else text
        return found

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, under its field."""
        for name, errors in error.error_dict.items():
            self.add_error(name, ValidationError(errors))


def _form_field(field: Field, shown: str) -> forms.CharField:
    is_stored = bool(field.secret and shown)
    is_needed = field.required and not is_stored
    widget: Any = forms.TextInput()
    if field.secret:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"})
    placeholder = str(field.placeholder)
    if is_stored:
        placeholder = shown
    if placeholder:
        widget.attrs["placeholder"] = placeholder
    return forms.CharField(
        label=str(field.label),
        help_text=str(field.help),
        max_length=field.longest,
        required=is_needed,
        widget=widget,
    )
