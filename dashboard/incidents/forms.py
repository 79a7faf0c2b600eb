"""Filters and forms of the pages of incidents."""

from datetime import datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.incidents import sources, subjects
from core.incidents.subjects import Subject
from core.models import Incident, MaintenanceWindow
from core.words.states import word
from dashboard.forms import LongSelect, SearchableSelect, SwitchInput

STATES: Final = ("open", "acknowledged", "snoozed", "closed")
# Beyond so many choices people type instead of looking.
FEW: Final = 20
MORNING: Final = time(8)
LOCAL: Final = "%Y-%m-%dT%H:%M"


class IncidentFilter(forms.Form):
    search = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search"}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=lambda: [("", _("All")), *((state, word(state)) for state in STATES)],
    )
    severity = forms.ChoiceField(
        label=_("Severity"),
        required=False,
        choices=lambda: [("", _("All")), *Incident.Severity.choices],
    )
    source = forms.ChoiceField(
        label=_("Source"),
        required=False,
        choices=lambda: [
            ("", _("All")),
            *((source.key, source.word) for source in sources.declared()),
        ],
    )

    def clean_search(self) -> str:
        return str(self.cleaned_data["search"]).strip()


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("What you are doing about it, for whoever looks next."),
    )


class SnoozeForm(forms.Form):
    """How long to be silent: one of the usual times, or until a moment."""

    HOURS: Final = {"1h": 1, "4h": 4}

    choice = forms.ChoiceField(
        label=_("Snooze"),
        choices=[
            ("1h", _("1 hour")),
            ("4h", _("4 hours")),
            ("tomorrow", _("Until tomorrow")),
            ("at", _("Until then")),
            ("wake", _("End snooze")),
        ],
    )
    until = forms.DateTimeField(
        label=_("Until"),
        required=False,
        input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=LOCAL),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (
            cleaned.get("choice") == "at"
            and not cleaned.get("until")
            and "until" not in self.errors
        ):
            self.add_error(
                "until", ValidationError(_("Choose a time that lies ahead."), code="required")
            )
        return cleaned

    def moment(self) -> datetime | None:
        """Return until when it is to be silent; None to wake it."""
        choice = self.cleaned_data["choice"]
        now = timezone.localtime()
        if choice in self.HOURS:
            return now + timedelta(hours=self.HOURS[choice])
        if choice == "tomorrow":
            return timezone.make_aware(datetime.combine(now.date() + timedelta(days=1), MORNING))
        if choice == "at":
            return self.cleaned_data["until"]
        return None


class WindowForm(forms.Form):
    """A maintenance window: over what, from when to when, and why."""

    subject = forms.ChoiceField(
        label=_("About"), help_text=_("Its alerts are silent; what happens is still kept.")
    )
    starts = forms.DateTimeField(
        label=_("From"),
        input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=LOCAL),
    )
    ends = forms.DateTimeField(
        label=_("Until"),
        input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=LOCAL),
        help_text=_("What is still wrong at the end is told then."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("Such as: the vendor moves its servers.")
    )

    def __init__(self, *arguments: Any, choices: list[Subject], **named: Any) -> None:
        super().__init__(*arguments, **named)
        options = [
            ("", _("Choose…")),
            *((f"{each.kind}|{each.key}", _named(each)) for each in choices),
        ]
        field = self.fields["subject"]
        field.widget = SearchableSelect() if len(options) > FEW else LongSelect()
        field.choices = options  # type: ignore[attr-defined]

    @classmethod
    def of(cls, window: MaintenanceWindow, *arguments: Any) -> "WindowForm":
        """Return the form of a window that is there already, whose subject stays what it is."""
        initial = {"starts": window.starts_at, "ends": window.ends_at, "reason": window.reason}
        form = cls(*arguments, choices=[], initial=initial)
        del form.fields["subject"]
        return form

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, under its field where the form has it."""
        found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
        for name, errors in found.items():
            self.add_error(name if name in self.fields else None, ValidationError(errors))


def _named(subject: Subject) -> str:
    word_of = subjects.word_of(subject.kind)
    if not subject.key:
        return word_of
    return f"{subject.name} · {word_of}"


class NoticeForm(forms.Form):
    """What a person is mailed: a switch for each sort of news that can concern them."""

    def __init__(self, *arguments: Any, news: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for each in news:
            self.fields[each.key] = forms.BooleanField(
                label=each.word, help_text=each.text, required=False, widget=SwitchInput
            )
