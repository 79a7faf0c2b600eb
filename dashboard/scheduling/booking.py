"""The form by which a meeting is booked or moved: with whom, when by which clock,
and what the closer has that day.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import User
from core.words import time_zones
from crm import wall_time
from crm.models import Appointment, Lead, Member, Organization
from crm.services import availability, settings_of
from crm.services.appointments import OUT_OF_RANGE
from crm.wall_time import Wall
from dashboard.forms import Combobox, SearchableSelect, zones
from dashboard.scheduling import times

OWN: Final = "own"
LENGTHS: Final = [
    ("30", _("30 minutes")),
    ("45", _("45 minutes")),
    ("60", _("1 hour")),
    ("90", _("1½ hours")),
    (OWN, _("Another length")),
]
LONGEST_MINUTES: Final = 24 * 60
OPTIONS_SHOWN: Final = 20
LONGEST_NAME: Final = 254
# Fields of the form, by the names that services give what is wrong with them.
FIELDS: Final = {
    "starts_at": "time",
    "ends_at": "length",
    "email": "lead_email",
    "name": "lead_name",
    "phone": "lead_phone",
}
NOBODY = _("Choose a lead, or enter the name of a new one.")
BOTH = _("Choose a lead or enter a new one, not both.")
NO_LEAD = _("No lead of yours is called this. Enter a new one below.")
SEVERAL = _("Several leads match. Enter their e-mail address instead.")
NEEDS_ADDRESS = _("Enter the lead’s e-mail address, so that they can be mailed.")
NO_LENGTH = _("Enter how many minutes it takes.")
PAST = _("This time is over. Choose a later one.")


class MeetingForm(forms.Form):
    """When a meeting is, and who holds it: what moving one asks for."""

    closer = forms.ChoiceField(label=_("Closer"), required=False, widget=SearchableSelect)
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    day = forms.DateField(
        label=_("Date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    time = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    length = forms.ChoiceField(label=_("Length"), choices=LENGTHS)
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=1, max_value=LONGEST_MINUTES, required=False
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones, widget=SearchableSelect)
    second_pass = forms.BooleanField(required=False, widget=forms.CheckboxInput)
    anyway = forms.BooleanField(required=False, widget=forms.CheckboxInput)

    def __init__(
        self, data: QueryDict | None, *, organization: Organization, **options: Any
    ) -> None:
        self.closers = {str(member.pk): member for member in availability.closers_of(organization)}
        super().__init__(data, **options)
        named = [(key, times.name_of(member)) for key, member in self.closers.items()]
        self.fields["closer"].choices = [("", _("Not assigned")), *named]  # type: ignore[attr-defined]

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day.year not in times.YEARS:
            raise ValidationError(OUT_OF_RANGE)
        return day

    def clean_length(self) -> int:
        """Return the length in minutes."""
        chosen = self.cleaned_data["length"]
        if chosen != OWN:
            return int(chosen)
        # It stands after this field, and is read before it.
        entered = self.fields["minutes"].clean(self.data.get(self.add_prefix("minutes")))
        if not entered:
            raise ValidationError(NO_LENGTH)
        return int(entered)

    @property
    def chosen_closer(self) -> Member | None:
        return self.closers.get(str(self.cleaned_data.get("closer", "")))

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """Return the instants between which it would be; None while that is not filled
        in or never comes.
        """
        parts: list[Any] = [
            self.cleaned_data.get(name) for name in ("day", "time", "length", "time_zone")
        ]
        if not all(part is not None and part != "" for part in parts):
            return None
        day, clock, minutes, zone = parts
        wall = wall_of(day, clock, second=bool(self.cleaned_data.get("second_pass")))
        if not wall_time.exists(wall, zone):
            return None
        starts = wall_time.instant_of(wall, zone)
        return starts, starts + timedelta(minutes=minutes)

    def values(self) -> dict[str, Any]:
        """Return what the services take; ValidationError for a time that the clock never shows."""
        found = self.cleaned_data
        if self.span is None:
            raise ValidationError({"time": ValidationError(wall_time.NO_SUCH_TIME)})
        starts, ends = self.span
        return {
            "starts": starts,
            "ends": ends,
            "time_zone": found["time_zone"],
            "closer": self.chosen_closer,
            "title": found["title"],
            "refuse_clash": not found["anyway"],
        }

    def ask_anyway(self) -> None:
        """Lead the person to the question whether to book over what is in the way."""
        self.fields["anyway"].widget.attrs["aria-invalid"] = "true"

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, under its field where the form has it."""
        found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
        for name, errors in found.items():
            field = FIELDS.get(str(name), name)
            if field not in self.fields:
                field = None
            self.add_error(field, ValidationError(errors))


class BookingForm(MeetingForm):
    """A new meeting: with a lead that is there, or with a new one."""

    meeting_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    lead = forms.CharField(label=_("Lead"), required=False, max_length=200)
    lead_name = forms.CharField(label=_("Name"), required=False, max_length=200)
    lead_email = forms.CharField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        widget=forms.TextInput({"inputmode": "email"}),
    )
    lead_phone = forms.CharField(label=_("Phone"), required=False, max_length=40)
    lead_company = forms.CharField(label=_("Company"), required=False, max_length=200)
    mail_lead = forms.BooleanField(
        label=_("Mail the lead an invitation"),
        required=False,
        help_text=_(
            "With a link to join and a file for their calendar. They also hear if it moves "
            "or is cancelled."
        ),
    )
    guest_link = forms.BooleanField(
        label=_("Make a guest link to copy"),
        required=False,
        help_text=_("You see it once, after booking."),
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        organization: Organization,
        leads: QuerySet[Lead],
        **options: Any,
    ) -> None:
        super().__init__(data, organization=organization, **options)
        self.leads = leads
        entered = str(self["lead"].value() or "")
        self.found = named_leads(leads, entered)
        chosen = ("", entered)
        if len(self.found) == 1:
            chosen = (str(self.found[0].pk), self.found[0].name)
        self.fields["lead"].widget = Combobox(str(reverse_lazy("dashboard:lead_options")), chosen)

    @property
    def is_new(self) -> bool:
        """Tell whether something is entered of a new lead."""
        names = ("lead_name", "lead_email", "lead_phone", "lead_company")
        return any(str(self[name].value() or "").strip() for name in names)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        entered = found.get("lead", "")
        if entered and self.is_new:
            self.add_error("lead", BOTH)
        elif entered and not self.found:
            self.add_error("lead", NO_LEAD)
        elif entered and len(self.found) > 1:
            self.add_error("lead", SEVERAL)
        elif not entered and not found.get("lead_name"):
            self.add_error("lead", NOBODY)
        if found.get("mail_lead") and not self._address():
            self.add_error("mail_lead", NEEDS_ADDRESS)
        if self.span is not None and self.span[1] <= timezone.now():
            self.add_error("day", PAST)
        return found

    def _address(self) -> str:
        if self.is_new or not self.found:
            return str(self.cleaned_data.get("lead_email", ""))
        return self.found[0].email

    @property
    def chosen_lead(self) -> Lead | dict[str, str]:
        """Return the lead that was chosen, or what is known of the new one."""
        if not self.is_new:
            return self.found[0]
        known = self.cleaned_data
        return {name: known[f"lead_{name}"] for name in ("name", "email", "phone", "company")}


def wall_of(day: date, clock: time, *, second: bool) -> Wall:
    """Return what the clock shows then."""
    return Wall(datetime.combine(day, clock.replace(second=0, microsecond=0)), int(second))


def named_leads(leads: QuerySet[Lead], entered: str) -> list[Lead]:
    """Return whom an id, an address or a name means among these leads:
    two where it means several.
    """
    # As it came, before the form looked at it: no text with a NUL is anybody's.
    entered = entered.strip()[:LONGEST_NAME].replace("\x00", "")
    if not entered:
        return []
    try:
        return list(leads.filter(pk=UUID(entered)))
    except ValueError:
        pass
    exact = list(
        leads.filter(Q(email__iexact=entered) | Q(name__iexact=entered)).order_by("pk")[:2]
    )
    return exact or list(leads.filter(name__icontains=entered).order_by("pk")[:2])


def lead_options(leads: QuerySet[Lead], words: str) -> dict[str, Any]:
    """Return the leads whose name, address or company has these words, for whoever is typing."""
    if words:
        found = Q(name__icontains=words) | Q(email__icontains=words) | Q(company__icontains=words)
        leads = leads.filter(found)
    named = leads.order_by("name", "pk").values_list("pk", "name", "email", "company")
    rows = list(named[: OPTIONS_SHOWN + 1])
    shown = [
        {"value": str(key), "label": name, "hint": " · ".join(filter(None, (company, email)))}
        for key, name, email, company in rows[:OPTIONS_SHOWN]
    ]
    return {"options": shown, "more": len(rows) > OPTIONS_SHOWN}


def first_values(
    user: User, organization: Organization, lead: Lead | None, day: str
) -> dict[str, Any]:
    """Return what stands in the form before anything is entered:
    the next full hour, in the organization's zone.
    """
    zone = settings_of(organization).time_zone
    if zone not in time_zones.names():
        zone = user.time_zone
    soon = timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    soon = wall_time.wall_of(soon, zone).time
    values = {
        "day": soon.date(),
        "time": soon.time(),
        "length": "45",
        "time_zone": zone,
        "meeting_id": uuid4(),
    }
    asked = times.day_of(day)
    if asked is not None:
        values["day"] = asked
    if lead is not None:
        values["lead"] = str(lead.pk)
    return values


def values_of(meeting: Appointment) -> dict[str, Any]:
    """Return a meeting as its form shows it."""
    minutes = int((meeting.ends_at - meeting.starts_at).total_seconds() // 60)
    length = OWN
    if str(minutes) in dict(LENGTHS):
        length = str(minutes)
    return {
        "closer": str(meeting.closer_id or ""),
        "title": meeting.title,
        "day": meeting.starts_wall.date(),
        "time": meeting.starts_wall.time(),
        "length": length,
        "minutes": minutes,
        "time_zone": meeting.time_zone,
        "second_pass": bool(meeting.starts_fold),
    }
