"""What a week of meetings may be cut to."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crm.models import Appointment


class ScheduleFilter(forms.Form):
    """A value that was not offered filters nothing. Whoever sees only their own meetings is not asked whose."""

    whose = forms.ChoiceField(label=_("Whose"), required=False, choices=[("", _("Everybody's")), ("mine", _("Mine"))])
    status = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *Appointment.Status.choices])
    week = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, sees_others: bool) -> None:
        super().__init__(data)
        if not sees_others:
            del self.fields["whose"]
        self.is_valid()

    @property
    def is_own(self) -> bool:
        return self.cleaned_data.get("whose") == "mine"

    @property
    def status_chosen(self) -> str:
        return str(self.cleaned_data.get("status", ""))

    @property
    def is_used(self) -> bool:
        return self.is_own or bool(self.status_chosen)

    def query(self, **changes: Any) -> str:
        """Return this page's address with some of it changed: the filters stay when the week is turned."""
        whose = ""
        if self.is_own:
            whose = "mine"
        kept = {"whose": whose, "status": self.status_chosen, **changes}
        query = QueryDict(mutable=True)
        query.update({name: str(value) for name, value in kept.items() if value})
        if not query:
            return "?"
        return f"?{query.urlencode()}"
