"""What statistics are cut to, and the addresses that lead from a number to exactly
the calls in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from calls.cuts import Cut
from calls.models import Call
from calls.states import BEGUN
from core.models import User
from crm import access
from dashboard import periods
from dashboard.calls import rep_choice, team_choice
from dashboard.calls.forms import ALL, MAX_SEARCH
from dashboard.calls.rep_choice import RepChoice
from dashboard.calls.team_choice import TeamChoice
from dashboard.forms import Combobox
from dashboard.periods import Period


class StatisticsFilter(forms.Form):
    """A value that was not offered filters nothing."""

    source = forms.ChoiceField(
        label=_("Source"), required=False, choices=[ALL, *Call.Source.choices]
    )

    def __init__(self, data: QueryDict, reps: RepChoice, teams: TeamChoice) -> None:
        super().__init__(data)
        self.reps, self.teams = reps, teams
        if teams.is_offered:
            self.fields["team"] = teams.field(with_none=False)
        if reps.is_many:
            self.fields["rep"] = forms.CharField(
                label=_("Rep"), required=False, max_length=MAX_SEARCH
            )
            self.fields["rep"].widget = Combobox(
                reverse("dashboard:rep_options"), (data.get("rep", ""), reps.text)
            )
        elif len(reps.few) > 1 or data.get("rep"):
            names = [(str(key), name) for key, name in reps.few]
            self.fields["rep"] = forms.ChoiceField(
                label=_("Rep"), required=False, choices=[ALL, *names]
            )
        self.order_fields(["team", "rep", "source"])
        self.is_valid()

    def clean_rep(self) -> str:
        """Let a name that means nobody filter nothing, and say so."""
        entered = str(self.cleaned_data["rep"])
        if entered and not self.reps.chosen:
            raise ValidationError(_("No rep of this name"), code="invalid")
        return entered

    def chosen(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


@dataclass(frozen=True)
class Asked:
    """What an address of statistics asks for."""

    form: StatisticsFilter
    period: Period
    cut: Cut

    def calls(self, **more: str) -> str:
        """Return where the library shows the calls of this cut that began;
        `more` cuts them further.
        """
        cut = self._cut
        if cut.keys() & more.keys():
            return f"{self._library}?{urlencode({**days(self.period), **cut, **more})}"
        return f"{self._of_cut}&{urlencode(more)}".rstrip("&")

    def calls_of_days(self, first: Any, last: Any, **more: str) -> str:
        """Return where it shows those of these days."""
        between = {"since": first.isoformat(), "until": last.isoformat()}
        return f"{self._library}?{urlencode({**between, **self._cut, **more})}"

    def meetings(self, became: str, **more: str) -> str:
        """Return where the meetings of this cut that should be over,
        and became this, are listed.
        """
        cut = {name: value for name, value in self.form.chosen().items() if name != "source"}
        query = {**days(self.period), **cut, "became": became, "time": "over", **more}
        return f"{reverse('dashboard:meetings')}?{urlencode(query)}"

    def export(self, by: str) -> str:
        """Return where a table of this cut is taken along from."""
        query = {"by": by, **days(self.period), **self.form.chosen()}
        return f"{reverse('dashboard:statistics_export')}?{urlencode(query)}"

    @cached_property
    def _library(self) -> str:
        return reverse("dashboard:calls")

    @cached_property
    def _of_cut(self) -> str:
        """Return where the library shows all calls of this cut."""
        return f"{self._library}?{urlencode({**days(self.period), **self._cut})}"

    @cached_property
    def _cut(self) -> Mapping[str, str]:
        return {**self.form.chosen(), "state": BEGUN}


def days(period: Period) -> dict[str, str]:
    """Return a period as addresses write it."""
    if period.key in periods.NAMES:
        return {"period": period.key}
    typed = {"since": period.first, "until": period.last}
    return {name: day.isoformat() for name, day in typed.items() if day}


def asked(
    user: User,
    scope: UUID | None,
    query: QueryDict,
    form_class: type[StatisticsFilter] = StatisticsFilter,
) -> Asked:
    """Read an address."""
    reps = rep_choice.choice(access.reps_for(user, scope), query.get("rep", ""))
    form = form_class(query, reps, team_choice.choice(user, scope, query.get("team", "")))
    chosen = form.chosen()
    rep_ids = tuple(reps.ids) if "rep" in chosen else ()
    cut = Cut(user, scope, form.teams.chosen, rep_ids, chosen.get("source", ""))
    return Asked(form, periods.asked(query, "30"), cut)
