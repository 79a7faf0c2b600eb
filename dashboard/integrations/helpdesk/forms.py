"""What is entered on the pages of a helpdesk."""

from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from integrations.helpdesk import passwords, widgets
from integrations.models.integrations import LONGEST_NAME

POSITIONS = (("right", _("Right")), ("left", _("Left")))
TYPES = (("standard", _("A bubble")), ("expanded_bubble", _("A bubble with its title")))


class Refusing(forms.Form):
    """Shows what a service refused, under its field where it has one of that name."""

    names: ClassVar[dict[str, str]] = {}

    def refuse(self, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            at = self.names.get(name, name)
            self.add_error(at if at in self.fields else None, ValidationError(errors))


class AgentForm(Refusing):
    """A new agent."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("Its mail comes to you: your own address, with the name after a plus."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=passwords.LONGEST,
        strip=False,
        help_text=_("At least 8 characters, with a digit and a special character."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class AssignForm(forms.Form):
    """Who answers in which inbox."""

    agent = forms.IntegerField(min_value=1)
    inbox = forms.IntegerField(min_value=1)
    action = forms.ChoiceField(choices=(("add", ""), ("remove", "")))


class DemoForm(Refusing):
    """A new demo."""

    names: ClassVar = {"websiteUrl": "website_url"}

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    website_url = forms.CharField(
        label=_("Website"),
        max_length=2000,
        widget=forms.URLInput({"placeholder": "https://shop.example", "spellcheck": "false"}),
    )


class WidgetForm(Refusing):
    """How the widget is to look."""

    names: ClassVar = {"launcherTitle": "launcher_title"}

    position = forms.ChoiceField(label=_("Position"), choices=POSITIONS, required=False)
    type = forms.ChoiceField(label=_("Shape"), choices=TYPES, required=False)
    launcher_title = forms.CharField(
        label=_("Title"), max_length=widgets.LONGEST_TITLE, required=False
    )
    locale = forms.CharField(
        label=_("Language"),
        max_length=10,
        required=False,
        help_text=_("As in nl, fr or pt_BR. Empty: the visitor's own."),
        widget=forms.TextInput({"spellcheck": "false"}),
    )

    @property
    def chosen(self) -> dict[str, str]:
        """What was entered, once it is valid."""
        return {name: value for name, value in self.cleaned_data.items() if value}
