"""What a list of calls may be cut to, and what is chosen for calls. Filters are in the address: going back works."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from calls import states
from calls.models import Call
from core.words.states import word
from dashboard.calls import words
from dashboard.forms import LongSelect, SwitchInput

MAX_SEARCH: Final = 200
ALL: Final = ("", _("All"))
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


class Day(forms.DateField):
    """A day of this century: none that a calendar or a database would stumble over."""

    widget = forms.DateInput({"type": "date"})

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and not 2000 <= day.year < 2100:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class CallFilter(forms.Form):
    """A value that was not offered filters nothing."""

    search = Words(label=_("Search"), required=False, widget=forms.TextInput({"type": "search"}))
    rep = forms.ChoiceField(label=_("Rep"), required=False, widget=LongSelect)
    lead = Words(label=_("Lead"), required=False)
    since = Day(label=pgettext_lazy("a day", "From"), required=False)
    until = Day(label=pgettext_lazy("a day", "To"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[ALL, *((state, word(f"call.{state}")) for state in states.STATES)]
    )
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    length = forms.ChoiceField(label=_("Length"), required=False, choices=[ALL, *LENGTH_WORDS.items()])
    source = forms.ChoiceField(label=_("Source"), required=False, choices=[ALL, *Call.Source.choices])
    # Those that stand first; the others wait behind "More filters".
    first: ClassVar = ("search", "rep")

    def __init__(self, data: QueryDict, reps: Iterable[tuple[Any, str]], outcomes: Iterable[str]) -> None:
        super().__init__(data)
        self.fields["rep"].choices = [ALL, *((str(key), name) for key, name in reps)]  # type: ignore[attr-defined]
        self.fields["outcome"].choices = [ALL, *((outcome, words.outcome(outcome)) for outcome in outcomes)]  # type: ignore[attr-defined]
        self.is_valid()

    def clean_until(self) -> date | None:
        """Not before the first day."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data["until"]
        if since and until and until < since:
            raise ValidationError(_("This day is before the one under “From”."), code="invalid")
        return until

    def chosen(self) -> dict[str, Any]:
        """What was chosen and can be used."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class RepFilter(forms.Form):
    search = Words(label=_("Search"), required=False, widget=forms.TextInput({"type": "search"}))


class CallSettingsForm(forms.Form):
    """What an organization chooses for its calls."""

    call_recording_enabled = forms.BooleanField(
        label=_("Record calls"),
        required=False,
        widget=SwitchInput,
        help_text=_("Everybody sees that a call is recorded. Guests are asked before they come in."),
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
        """`sent_to` is the host that recordings go to; where there is none, there is nothing to choose."""
        super().__init__(*given, **more)
        if not sent_to:
            del self.fields["call_transcription_enabled"]
            return
        self.fields["call_transcription_enabled"].help_text = _(
            "After a call its recording, picture and sound, is sent to %(host)s, which writes down what was said; the "
            "text is sent there once more to be summed up. It begins with the calls of the last two days. Tell your "
            "guests."
        ) % {"host": sent_to}


def first_moment(day: date) -> datetime:
    """The first moment of a day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def after(day: date) -> datetime:
    """The first moment that is no longer of this day."""
    return first_moment(day + timedelta(days=1))
