"""The forms of integrations: the fields of a connection as its provider declares them, and what is chosen of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from core.models import User
from core.vendors import Field
from crm.models import Member
from dashboard.forms import KeyInput, LongSelect, SwitchInput
from dashboard.integrations.rows import BY_HAND, INTERVALS
from integrations import configuration, services
from integrations.models import Integration
from integrations.models.integrations import LONGEST_NAME
from integrations.providers.base import Provider
from integrations.services.describing import field_type

NEW_KEY: Final = "new-password"
PREFIX: Final = "configuration."


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

    @property
    def boxes(self) -> list[Box]:
        return [Box(self[field.name], field) for field in self.provider.vendor.boxes]

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


class SharingForm(forms.Form):
    """Who may use it, how often its contacts are fetched, and what stands in for it."""

    is_shared = forms.BooleanField(
        label=_("Shared with colleagues"),
        help_text=_("They may use and test it. Only you may change it."),
        required=False,
        widget=SwitchInput,
    )
    sync_every = forms.TypedChoiceField(
        label=_("Fetch contacts"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", BY_HAND), *INTERVALS],
    )
    fallback = forms.ModelChoiceField(
        label=_("Stand-in"),
        help_text=_("Takes its place while it does not work."),
        queryset=Integration.objects.none(),
        required=False,
        empty_label=_("None"),
    )

    def __init__(self, integration: Integration, data: Any = None, *, has_contacts: bool) -> None:
        names = ("is_shared", "sync_every", "fallback")
        super().__init__(data, initial={name: getattr(integration, name) for name in names})
        minutes = integration.sync_every
        if minutes and minutes not in dict(INTERVALS):
            every: Any = self.fields["sync_every"]
            every.choices = [*every.choices, (minutes, _("Every %(n)d minutes") % {"n": minutes})]
        stand_in: Any = self.fields["fallback"]
        stand_in.queryset = services.stand_ins(integration)
        if not has_contacts:
            del self.fields["sync_every"]


class TransferForm(forms.Form):
    """Whose it is to be."""

    owner = forms.ModelChoiceField(
        label=_("Colleague"), queryset=User.objects.none(), widget=LongSelect, empty_label=_("Choose a colleague")
    )

    def __init__(self, integration: Integration, data: Any = None) -> None:
        super().__init__(data)
        colleagues = Member.objects.filter(organization_id=integration.organization_id).values("user_id")
        people = User.objects.filter(pk__in=colleagues, is_active=True)
        owner: Any = self.fields["owner"]
        owner.queryset = people.exclude(pk=integration.owner_id).order_by("first_name", "last_name", "username")
        owner.label_from_instance = lambda user: user.get_full_name() or user.get_username()


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
    return str(value or "")


def _form_field(field: Field, stored: Any, *, is_new: bool) -> forms.Field:
    """Make the field of a form; whether a value is missing is the service's to know, which knows what belongs."""
    facts: dict[str, Any] = {"label": str(field.label), "help_text": str(field.help), "required": False}
    kind = field_type(field)
    if kind == "checkbox":
        initial = field.default == "true" if is_new else bool(stored)
        return forms.BooleanField(**facts, initial=initial, widget=SwitchInput())
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
