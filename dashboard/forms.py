"""Forms of the dashboard's own pages, and the widgets that other pages share."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.models import Run, User
from core.words.markup import escaped
from core.words.states import look


class SwitchInput(forms.CheckboxInput):
    """A check box that acts on something being on or off."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "switch", "role": "switch", **(attrs or {})})


class LongSelect(forms.Select):
    """A select of hundreds of choices, written in one go: a template for each costs more than
    the page around it.
    """

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        chosen = self.format_value(value)
        options = (_option(str(key), label, chosen) for key, label in self.choices)
        written = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return SafeString(f"<select{flatatt(written)}>{''.join(options)}</select>")


def _option(value: str, label: Any, chosen: Collection[str]) -> str:
    mark = ""
    if value in chosen:
        mark = " selected"
    return f'<option value="{escaped(value)}"{mark}>{escaped(label)}</option>'


class SearchableSelect(LongSelect):
    """A select of many choices, which scripts turn into one that is typed into;
    without them it is the select.
    """

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        select = super().render(name, value, attrs, renderer)
        return SafeString(render_to_string("components/combobox.html", {"select": select}).strip())


class Combobox(forms.TextInput):
    """A choice among many, looked for by typing: its options come from an address and do not
    stand in the page.

    `chosen` is the value and the words of what is chosen now.
    Without scripts what was typed is sent as it is.
    """

    def __init__(
        self, options: str, chosen: tuple[str, str] = ("", ""), attrs: dict[str, Any] | None = None
    ) -> None:
        super().__init__(attrs)
        self.options = options
        self.value, self.text = chosen

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        written = flatatt(self.build_attrs(self.attrs, attrs or {}))
        facts = {
            "name": name,
            "value": self.value,
            "text": self.text or value or "",
            "options": self.options,
        }
        return SafeString(
            render_to_string("components/combobox.html", {**facts, "attributes": written}).strip()
        )


class KeyInput(forms.PasswordInput):
    """A key from elsewhere: not shown, not remembered by the browser.
    What is stored never comes back into it.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        quiet = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        super().__init__({**quiet, **(attrs or {})}, render_value=False)


@lru_cache(maxsize=1)
def zones() -> list[tuple[str, str]]:
    """Return the time zones to choose from, by their places."""
    names = sorted(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class ProfileForm(forms.Form):
    first_name = forms.CharField(
        label=_("First name"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    # Languages by their own names: whoever looks for theirs must be able to read it.
    language = forms.ChoiceField(label=_("Language"), choices=User.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zones,
        widget=SearchableSelect,
        help_text=_("All times in Koppel are shown in this zone."),
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        widget=forms.RadioSelect,
        choices=[("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
    )

    @classmethod
    def of(cls, user: User, data: QueryDict | None) -> "ProfileForm":
        """Return the form as it is for this person, or as they sent it."""
        initial = {name: getattr(user, name) for name in cls.base_fields}
        return cls(data, initial={**initial, "language": user.language or get_language()})


class NewPersonForm(forms.Form):
    """Who accepts an invitation and has no account yet."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("At least eight characters that are hard to guess."),
    )

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, under its field where the form has it."""
        found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
        for name, errors in found.items():
            self.add_error(name if name in self.fields else None, ValidationError(errors))


class RunFilter(forms.Form):
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=lambda: [
            ("", _("All")),
            *((state, look(state).word) for state in Run.State.values),
        ],
    )
