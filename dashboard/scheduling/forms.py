"""What a week of meetings may be cut to."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crm.models import Appointment, Organization, Team
from crm.services.availability import closers_of
from dashboard.forms import SearchableSelect
from dashboard.scheduling import times

# Of one there is nothing to choose.
LEAST: Final = 2
NAMES: Final = ("user__first_name", "user__last_name", "user__username")


class ScheduleFilter(forms.Form):
    """A value that was not offered filters nothing. Whoever sees only their own meetings
    is not asked whose.
    """

    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("Everybody's")), ("mine", _("Mine"))]
    )
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), *Appointment.Status.choices]
    )
    closer = forms.ChoiceField(label=_("Closer"), required=False, widget=SearchableSelect)
    team = forms.ChoiceField(label=_("Team"), required=False)
    view = forms.CharField(required=False, widget=forms.HiddenInput)
    week = forms.CharField(required=False, widget=forms.HiddenInput)
    day = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict, *, sees_others: bool, organization: Organization | None = None
    ) -> None:
        super().__init__(data)
        if not sees_others:
            del self.fields["whose"]
        if not sees_others or organization is None:
            del self.fields["closer"], self.fields["team"]
        else:
            closers = closers_of(organization).values_list("pk", *NAMES)
            self._offer("closer", [(key, times.called(*names)) for key, *names in closers])
            teams = Team.objects.filter(organization=organization).order_by("name")
            self._offer("team", list(teams.values_list("pk", "name")))
        self.is_valid()

    def _offer(self, name: str, choices: list[tuple[UUID, str]]) -> None:
        """Let one of these be chosen; what offers no choice is not asked."""
        if len(choices) < LEAST:
            del self.fields[name]
            return
        offered = [("", _("All")), *((str(key), words) for key, words in choices)]
        self.fields[name].choices = offered  # type: ignore[attr-defined]

    @property
    def is_own(self) -> bool:
        return self.cleaned_data.get("whose") == "mine"

    @property
    def status_chosen(self) -> str:
        return str(self.cleaned_data.get("status", ""))

    @property
    def closer_chosen(self) -> str:
        return str(self.cleaned_data.get("closer", ""))

    @property
    def team_chosen(self) -> str:
        return str(self.cleaned_data.get("team", ""))

    @property
    def is_week(self) -> bool:
        """Tell whether the week is drawn by its hours."""
        return self.cleaned_data.get("view") == "week"

    @property
    def is_used(self) -> bool:
        return self.is_own or any((self.status_chosen, self.closer_chosen, self.team_chosen))

    def query(self, **changes: Any) -> str:
        """Return this page's address with some of it changed:
        the filters stay when the week is turned.
        """
        whose = ""
        if self.is_own:
            whose = "mine"
        view = ""
        if self.is_week:
            view = "week"
        chosen = {
            "status": self.status_chosen,
            "closer": self.closer_chosen,
            "team": self.team_chosen,
        }
        kept = {"whose": whose, **chosen, "view": view, **changes}
        query = QueryDict(mutable=True)
        query.update({name: str(value) for name, value in kept.items() if value})
        if not query:
            return "?"
        return f"?{query.urlencode()}"
