"""What lists of people may be cut to, and what can be entered of a person."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crm import addresses
from crm.models import Lead, Member, Team
from dashboard.calls.forms import ALL, Words
from dashboard.forms import SearchableSelect

Choices = Iterable[tuple[UUID, str]]
NOBODY: Final = ("", _("Nobody"))
NO_TEAM: Final = ("", _("No team"))


class PersonFilter(forms.Form):
    """A value that was not offered filters nothing."""

    search = Words(label=_("Search"), required=False, widget=forms.TextInput({"type": "search"}))

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen and can be used."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class LeadFilter(PersonFilter):
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[ALL, *Lead.Status.choices]
    )
    source = forms.ChoiceField(label=_("Source"), required=False, widget=SearchableSelect)
    team = forms.ChoiceField(label=_("Team"), required=False, widget=SearchableSelect)
    qualified_by = forms.ChoiceField(
        label=_("Qualified by"), required=False, widget=SearchableSelect
    )
    meeting = forms.ChoiceField(
        label=_("Meeting"),
        required=False,
        choices=[ALL, ("none", _("Without a meeting")), ("ahead", _("With a meeting ahead"))],
    )
    # Those that stand first; the others wait behind "More filters".
    first: ClassVar = ("search", "status", "meeting")

    def __init__(
        self, data: QueryDict, sources: Iterable[str], teams: Choices, members: Choices
    ) -> None:
        super().__init__(data)
        self._offer("source", ((source, source) for source in sources))
        self._offer("team", teams)
        self._offer("qualified_by", members)

    def _offer(self, name: str, choices: Iterable[tuple[Any, str]]) -> None:
        offered = [(str(key), word) for key, word in choices]
        if not offered:
            del self.fields[name]
            return
        self.fields[name].choices = [ALL, *offered]  # type: ignore[attr-defined]


class PersonForm(forms.Form):
    """What leads and contacts have in common."""

    name = forms.CharField(
        label=_("Name"), max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=addresses.MAX_LENGTH,
        required=False,
        validators=[addresses.check],
        widget=forms.TextInput({"type": "email", "autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )
    company = forms.CharField(label=_("Company"), max_length=200, required=False)

    def values(self) -> dict[str, Any]:
        """Return what a service takes."""
        return dict(self.cleaned_data)

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, under its field where the form has it."""
        found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
        for name, errors in found.items():
            self.add_error(name if name in self.fields else None, ValidationError(errors))


class LeadForm(PersonForm):
    status = forms.ChoiceField(label=_("Status"), choices=Lead.Status.choices)
    source = forms.CharField(
        label=_("Source"),
        max_length=100,
        required=False,
        help_text=_("Where they came from: a campaign, a fair, a friend."),
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team"), required=False, empty_label=NO_TEAM[1]
    )
    qualified_by = forms.ModelChoiceField(
        Member.objects.none(), label=_("Qualified by"), required=False, empty_label=NOBODY[1]
    )

    def __init__(
        self, data: QueryDict | None, *, teams: Any, members: Any, status_alone: bool, **more: Any
    ) -> None:
        """Make the form; `status_alone`: for whoever may say how far a lead is,
        and nothing else.
        """
        super().__init__(data, **more)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        self.fields["qualified_by"].queryset = members  # type: ignore[attr-defined]
        self.fields["qualified_by"].label_from_instance = _name_of  # type: ignore[attr-defined]
        if status_alone:
            for name in [name for name in self.fields if name != "status"]:
                del self.fields[name]


class ContactForm(PersonForm):
    """What can be entered of a contact. Their lead is found by its id,
    which the page that adds them knows.
    """


class BulkForm(forms.Form):
    """What is done with the leads that are selected."""

    status = forms.ChoiceField(required=False, choices=[("", _("Status")), *Lead.Status.choices])
    team = forms.ModelChoiceField(Team.objects.none(), required=False)

    def __init__(self, data: QueryDict | None, teams: Any) -> None:
        super().__init__(data)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


def _name_of(member: Member) -> str:
    return member.user.get_full_name() or member.user.get_username()
