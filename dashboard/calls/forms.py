"""What a list of calls may be cut to, and what is chosen for calls. Filters are in the address:
going back works.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from calls import states
from calls.models import Call
from core.words.states import word
from dashboard.calls import words
from dashboard.calls.rep_choice import RepChoice
from dashboard.calls.team_choice import NONE, TeamChoice
from dashboard.forms import Combobox, SearchableSelect, SwitchInput

MAX_SEARCH: Final = 200
ALL: Final = ("", _("All"))
NO_OUTCOME: Final = (NONE, _("No outcome yet"))
# From and below how many seconds.
LENGTHS: Final[dict[str, tuple[int, int | None]]] = {
    "short": (0, 600),
    "medium": (600, 1800),
    "long": (1800, 3600),
    "hours": (3600, None),
}
LENGTH_WORDS: Final = {
    "short": _("Under 10 minutes"),
    "medium": _("10 to 30 minutes"),
    "long": _("30 to 60 minutes"),
    "hours": _("An hour and more"),
}


class Words(forms.CharField):
    """Typed words, cut to a length that can be looked for rather than refused."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value))[:MAX_SEARCH]


class CallFilter(forms.Form):
    """A value that was not offered filters nothing."""

    search = Words(label=_("Search"), required=False, widget=forms.TextInput({"type": "search"}))
    rep = forms.ChoiceField(label=_("Rep"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    lead = Words(label=_("Lead"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ALL,
            (states.BEGUN, _("Took place")),
            *((state, word(f"call.{state}")) for state in states.STATES),
        ],
    )
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, widget=SearchableSelect)
    length = forms.ChoiceField(
        label=_("Length"), required=False, choices=[ALL, *LENGTH_WORDS.items()]
    )
    source = forms.ChoiceField(
        label=_("Source"), required=False, choices=[ALL, *Call.Source.choices]
    )
    # Those that stand first; the others wait behind "More filters".
    first: ClassVar = ("search", "rep")

    def __init__(
        self, data: QueryDict, reps: RepChoice, outcomes: Iterable[str], teams: TeamChoice
    ) -> None:
        super().__init__(data)
        self.reps = reps
        self.fields["team"] = teams.field()
        if not teams.is_offered:
            del self.fields["team"]
        if reps.is_many:
            chosen = (data.get("rep", ""), reps.text)
            if data.get("rep") == NONE:
                chosen = (NONE, str(_("Not assigned")))
            self.fields["rep"] = forms.CharField(
                label=_("Rep"), required=False, max_length=MAX_SEARCH
            )
            self.fields["rep"].widget = Combobox(reverse("dashboard:rep_options"), chosen)
        elif len(reps.few) < 2 and not data.get("rep"):
            del self.fields["rep"]
        else:
            names = [(str(key), name) for key, name in reps.few]
            self.fields["rep"].choices = [ALL, (NONE, _("Not assigned")), *names]  # type: ignore[attr-defined]
        named = [(outcome, words.outcome(outcome)) for outcome in outcomes]
        self.fields["outcome"].choices = [ALL, NO_OUTCOME, *named]  # type: ignore[attr-defined]
        self.is_valid()

    def clean_rep(self) -> str:
        """Let a name that means nobody filter nothing, and say so."""
        entered = str(self.cleaned_data["rep"])
        if entered not in ("", NONE) and not self.reps.chosen:
            raise ValidationError(_("No rep of this name"), code="invalid")
        return entered

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen and can be used; of reps their ids."""
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        if chosen.get("rep", NONE) != NONE:
            return chosen | {"rep": self.reps.ids}
        return chosen


class CallSettingsForm(forms.Form):
    """What an organization chooses for its calls."""

    call_recording_enabled = forms.BooleanField(
        label=_("Record calls"),
        required=False,
        widget=SwitchInput,
        help_text=_(
            "Everybody sees that a call is recorded. Guests are asked before they come in."
        ),
    )
    call_transcription_enabled = forms.BooleanField(
        label=_("Write down what was said"), required=False, widget=SwitchInput
    )
    retention_days = forms.IntegerField(
        label=_("Keep recordings for (days)"),
        min_value=1,
        max_value=3650,
        help_text=_("After that a recording is deleted for good. What was said stays readable."),
    )

    def __init__(self, *given: Any, sent_to: str, **more: Any) -> None:
        """Offer `sent_to`, the host that recordings go to; where there is none,
        there is nothing to choose.
        """
        super().__init__(*given, **more)
        if not sent_to:
            del self.fields["call_transcription_enabled"]
            return
        self.fields["call_transcription_enabled"].help_text = _(
            "After a call its recording, picture and sound, is sent to %(host)s, which writes down "
            "what was said; the text is sent there once more to be summed up. It begins with the "
            "calls of the last two days. Tell your guests."
        ) % {"host": sent_to}


class ActionForm(forms.Form):
    """Who is to do an action item, and until when."""

    assignee = forms.ChoiceField(label=_("For"), required=False)
    due_on = forms.DateField(
        label=_("Due"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def __init__(self, *given: Any, names: Iterable[tuple[str, str]], **more: Any) -> None:
        """Offer the colleagues who see the call: `names` are their ids and names."""
        super().__init__(*given, **more)
        self.fields["assignee"].choices = [("", _("Nobody yet")), *names]  # type: ignore[attr-defined]
