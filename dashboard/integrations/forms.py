"""The form of a connection: its fields as its provider declares them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from core.vendors import Field
from dashboard.forms import KeyInput, SwitchInput
from integrations import configuration
from integrations.models import Integration
from integrations.models.integrations import LONGEST_NAME
from integrations.providers.base import Provider
from integrations.services.describing import field_type

NEW_KEY: Final = "new-password"
PREFIX: Final = "configuration."
# What providers call the way in by a sign-in, where it is one of several.
SIGNED_IN: Final = "OAUTH"


@dataclass(frozen=True)
class Box:
    """One field of a connection's form, and which choice it belongs to."""

    bound: BoundField
    field: Field

    @property
    def depends_on(self) -> str:
        """The id of the field that decides whether this one is shown; '' where none does."""
        name, equals, _values = self.field.shown_if.partition("=")
        if not equals:
            return ""
        return str(self.bound.form[name].id_for_label)

    @property
    def depends_values(self) -> str:
        return self.field.shown_if.partition("=")[2]

    @property
    def is_optional(self) -> bool:
        """Whether it is marked as one that may stay empty; a switch is never."""
        return not self.field.required and self.field.kind != "checkbox"


class ConnectionForm(forms.Form):
    """Name and values of a connection. What is left empty of a secret stays; its mask stands behind the empty box."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)

    def __init__(
        self, provider: Provider, data: Any = None, *, integration: Integration | None = None, name: str = ""
    ) -> None:
        self.provider = provider
        self.stored: Mapping[str, Any] = {}
        if integration is not None:
            self.stored = _flat(configuration.shown(provider, integration.account))
            name = integration.name
        super().__init__(data, initial={"name": name})
        for field in provider.vendor.boxes:
            self.fields[field.name] = _form_field(field, self.stored.get(field.name), is_new=integration is None)
        if integration is None:
            self._leave_out_signing_in()

    @property
    def boxes(self) -> list[Box]:
        return [Box(self[field.name], field) for field in self.provider.vendor.boxes]

    def _leave_out_signing_in(self) -> None:
        """Take the choice of signing in away: of a new connection that has a button of its own."""
        if self.provider.oauth is None:
            return
        for name in [each for each, field in self.fields.items() if isinstance(field, forms.ChoiceField)]:
            field: Any = self.fields[name]
            field.choices = [each for each in field.choices if each[0] != SIGNED_IN]
            if len(field.choices) == 1:
                field.widget = forms.HiddenInput()

    def given(self) -> dict[str, Any]:
        """Return what was entered as the services take it: only the fields that belong to what was chosen."""
        entered = {field.name: _as_text(self.cleaned_data.get(field.name)) for field in self.provider.vendor.boxes}
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
            self.add_error(at if at in self.fields else None, errors)


def _flat(shown: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return values by names with dots, and each object also under its own name: a field may be one."""
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


def _form_field(field: Field, stored: Any, *, is_new: bool) -> forms.Field:
    """Make the field of a form; whether a value is missing is the service's to know, which knows what belongs."""
    facts: dict[str, Any] = {"label": str(field.label), "help_text": str(field.help), "required": False}
    kind = field_type(field)
    if kind == "checkbox":
        initial = field.default == "true" if is_new else bool(stored)
        return forms.BooleanField(**facts, initial=initial, widget=SwitchInput())
    if kind == "choices":
        chosen = [each for each in str(stored or "").split(",") if each]
        return forms.MultipleChoiceField(
            **facts, choices=list(field.options), initial=chosen, widget=forms.CheckboxSelectMultiple
        )
    if kind == "select":
        options = [(value, label) for value, label in field.options]
        if not field.required and not field.default:
            options.insert(0, ("", _("None")))
        return forms.ChoiceField(**facts, choices=options, initial=stored or field.default)
    widget = _widget(field, kind, stored)
    facts["initial"] = "" if kind == "password" else _written(stored) or field.default
    return forms.CharField(**facts, max_length=field.longest, widget=widget, strip=kind != "password")


def _written(stored: Any) -> str:
    if isinstance(stored, Mapping):
        return json.dumps(stored, ensure_ascii=False, indent=2)
    return str(stored or "")


def _widget(field: Field, kind: str, stored: Any) -> forms.Widget:
    attributes: dict[str, Any] = {}
    if field.required and not (field.secret and stored):
        attributes["aria-required"] = "true"
    if field.placeholder:
        attributes["placeholder"] = str(field.placeholder)
    if kind == "password":
        if stored:
            attributes["placeholder"] = str(stored)
        return KeyInput({"autocomplete": NEW_KEY, **attributes})
    if kind in ("json", "textarea"):
        return forms.Textarea({"rows": 4, "spellcheck": "false", "class": "mono", **attributes})
    if kind == "number":
        return forms.TextInput({"inputmode": "numeric", **attributes})
    if kind == "url":
        return forms.URLInput({"spellcheck": "false", **attributes})
    return forms.TextInput({"autocomplete": "off", **attributes})
