"""The form of a connection, made of the fields that its provider declares:
for pages and admin alike.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.vendors import Field
from integrations import configuration
from integrations.models import Integration
from integrations.models.integrations import LONGEST_NAME
from integrations.providers.base import Provider
from integrations.services.describing import field_type

# What a box of each kind has beside its name.
_TEXT: Final = {"autocomplete": "off"}
_LINES: Final = {"rows": 4, "spellcheck": "false", "class": "mono"}
ATTRIBUTES: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": _TEXT,
    "password": {"autocomplete": "new-password", "spellcheck": "false"},
    "url": {"spellcheck": "false"},
    "number": {"inputmode": "numeric"},
    "json": _LINES,
    "textarea": _LINES,
}
WIDGETS: Final[Mapping[str, Any]] = {
    "text": forms.TextInput,
    "password": forms.PasswordInput,
    "url": forms.URLInput,
    "number": forms.TextInput,
    "json": forms.Textarea,
    "textarea": forms.Textarea,
    "checkbox": forms.CheckboxInput,
    "select": forms.Select,
    "choices": forms.CheckboxSelectMultiple,
}
PREFIX: Final = "configuration."
# What providers call the way in by a sign-in, where it is one of several.
SIGNED_IN: Final = "OAUTH"


class SecretLines(forms.Textarea):
    """Lines with secrets in them: shown are the masks of what is stored, and never what somebody
    has just entered.
    """

    shown = ""

    def format_value(self, value: Any) -> str:
        return self.shown


class ConnectionForm(forms.Form):
    """Name and values of a connection. What is left empty of a secret stays;
    its mask stands behind the empty box.
    """

    integration_name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)

    def __init__(
        self,
        provider: Provider,
        data: Any = None,
        *,
        integration: Integration | None = None,
        name: str = "",
        begin: Mapping[str, Any] | None = None,
    ) -> None:
        """Make the form of an integration, or of a new one that begins with these values."""
        self.provider = provider
        self.stored: Mapping[str, Any] = {}
        if integration is not None:
            self.stored = _flat(configuration.shown(provider, integration.account))
            name = integration.name
        super().__init__(data, initial={"integration_name": name})
        for field in provider.vendor.boxes:
            self.fields[field.name] = self._made(
                field, self.stored.get(field.name), is_new=integration is None
            )
        if integration is None:
            self._leave_out_signing_in()
        for field_name, value in _flat(begin or {}).items():
            if field_name in self.fields:
                self._begin(self.fields[field_name], value)

    def _begin(self, field: forms.Field, value: Any) -> None:
        field.initial = value
        if not isinstance(value, bool):
            field.initial = _written(value)
        if isinstance(field.widget, SecretLines):
            field.widget.shown = field.initial

    def widget(self, kind: str, attributes: dict[str, Any]) -> Any:
        """Return what a field of this kind is entered into."""
        return WIDGETS[kind](attributes)

    def _leave_out_signing_in(self) -> None:
        """Take the choice of signing in away: of a new connection that has a button of its own."""
        if self.provider.oauth is None:
            return
        for name in [
            each for each, field in self.fields.items() if isinstance(field, forms.ChoiceField)
        ]:
            field: Any = self.fields[name]
            field.choices = [each for each in field.choices if each[0] != SIGNED_IN]
            if field.initial == SIGNED_IN:
                field.initial = field.choices[0][0]
            if len(field.choices) == 1:
                field.widget = forms.HiddenInput()

    def _made(self, field: Field, stored: Any, *, is_new: bool) -> forms.Field:
        """Make the field of a form; whether a value is missing is the service's to know,
        which knows what belongs.
        """
        kind = field_type(field)
        facts: dict[str, Any] = {
            "label": str(field.label),
            "help_text": str(field.help),
            "required": False,
            "widget": self.widget(kind, _attributes(field, kind, stored)),
        }
        if kind == "checkbox":
            is_on = bool(stored)
            if is_new:
                is_on = field.default == "true"
            return forms.BooleanField(**facts, initial=is_on)
        if kind == "choices":
            chosen = stored
            if not isinstance(stored, list):
                chosen = [each for each in str(stored or "").split(",") if each]
            return forms.MultipleChoiceField(**facts, choices=list(field.options), initial=chosen)
        if kind == "select":
            options = [(value, label) for value, label in field.options]
            if not field.required and not field.default:
                options.insert(0, ("", _("None")))
            return forms.ChoiceField(**facts, choices=options, initial=stored or field.default)
        facts["initial"] = ""
        if kind != "password":
            facts["initial"] = _written(stored) or field.default
        if field.secret and kind in {"json", "textarea"}:
            lines = SecretLines(facts["widget"].attrs)
            lines.shown = facts["initial"]
            facts["widget"] = lines
        return forms.CharField(**facts, max_length=field.longest, strip=kind != "password")

    def given(self) -> dict[str, Any]:
        """Return what was entered as the services take it: only the fields that belong
        to what was chosen.
        """
        entered = {
            field.name: _as_text(self.cleaned_data.get(field.name))
            for field in self.provider.vendor.boxes
        }
        found: dict[str, Any] = {"provider": self.provider.key}
        for field in self.provider.vendor.boxes:
            text = entered[field.name]
            is_kept = field.secret and not text and field.kind != "json"
            if field.applies_to(entered) and not is_kept:
                found[field.name] = text
        return found

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, under its field."""
        for name, errors in error.message_dict.items():
            at = name.removeprefix(PREFIX)
            if name == "name":
                at = "integration_name"
            self.add_error(at if at in self.fields else None, errors)


def _flat(shown: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return values by names with dots, and each object also under its own name:
    a field may be one.
    """
    found: dict[str, Any] = {}
    for name, value in shown.items():
        found[f"{before}{name}"] = value
        if isinstance(value, Mapping):
            found.update(_flat(value, f"{before}{name}."))
    return found


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(value)
    return str(value or "")


def _written(stored: Any) -> str:
    if isinstance(stored, Mapping):
        return json.dumps(stored, ensure_ascii=False, indent=2)
    return str(stored or "")


def _attributes(field: Field, kind: str, stored: Any) -> dict[str, Any]:
    """Return what the box of a field has: its example, or of a stored secret its mask."""
    found: dict[str, Any] = dict(ATTRIBUTES.get(kind, {}))
    may_stay = field.secret and stored
    if field.required and not may_stay:
        found["aria-required"] = "true"
    if field.placeholder:
        found["placeholder"] = str(field.placeholder)
    if kind == "password" and stored:
        found["placeholder"] = str(stored)
    return found
