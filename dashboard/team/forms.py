"""What people enter of their colleagues, of teams, and of their organization."""

from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.models import User
from core.words import time_zones
from crm import addresses, colleagues, pictures
from crm.models import Member, Organization, SalesRep, Team
from crm.services import settings_of
from dashboard.calls.forms import ALL, Words
from dashboard.forms import SearchableSelect, zones
from dashboard.team.entering import Visit

# What a role sees, in a line: whoever gives one reads it before.
ROLES: Final = {
    "CEO": _("CEO: sees everything and decides who is in"),
    "MANAGER": _("Manager: the meetings and calls of the teams they manage"),
    "CLOSER": _("Closer: the meetings and calls assigned to them"),
    "SETTER": _("Setter: the leads they found, and their meetings"),
    "ADMIN": _("Admin (internal): sees every organization"),
}
NOBODY: Final = _("Nobody yet")


class Refusable(forms.Form):
    """A form that shows at its fields what a service refused."""

    service_names: ClassVar[dict[str, str]] = {}

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, under its field where the form has it."""
        found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
        for name, errors in found.items():
            field = self.service_names.get(str(name), name)
            self.add_error(field if field in self.fields else None, ValidationError(errors))


class OrganizationChoice(forms.Form):
    """Which organization staff look at."""

    organization = forms.ChoiceField(
        label=_("Organization"), required=False, widget=SearchableSelect
    )

    def __init__(self, visit: Visit) -> None:
        chosen = str(visit.organization.pk) if visit.organization else ""
        super().__init__({"organization": chosen})
        field: Any = self.fields["organization"]
        field.choices = [("", _("Choose one")), *visit.choices()]


class MemberFilter(forms.Form):
    """What the list of members is cut to."""

    search = Words(label=_("Search"), required=False, widget=forms.TextInput({"type": "search"}))
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[ALL, *Member.Role.choices])


class RoleForm(Refusable):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, visit: Visit, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        field: Any = self.fields["role"]
        field.choices = [
            (role, words)
            for role, words in ROLES.items()
            if role != Member.Role.ADMIN or visit.is_internal
        ]


class InviteForm(RoleForm):
    """Whom to write to, and as what they come."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=addresses.MAX_LENGTH,
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The link in the mail works for seven days, and for this address alone."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=User.LANGUAGES,
        help_text=_("Of the mail, and of Koppel until they choose."),
    )
    field_order = ["email", "role", "language"]  # noqa: RUF012 - Django names its type


class LeavingForm(Refusable):
    """Who takes over from somebody who leaves, and whether their rep goes too."""

    successor = forms.ModelChoiceField(
        label=_("Hand over to"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=NOBODY,
        widget=SearchableSelect,
        help_text=_(
            "They get the meetings to come and the leads. Without anybody, these wait to be "
            "given to somebody."
        ),
    )
    archives_rep = forms.BooleanField(
        label=_("Archive their rep too"),
        required=False,
        help_text=_("Their calls stay; no new ones come in."),
    )

    def __init__(self, member: Member, rep: SalesRep | None, *given: Any) -> None:
        super().__init__(*given)
        field: Any = self.fields["successor"]
        others = Member.objects.filter(organization=member.organization).exclude(pk=member.pk)
        field.queryset = others.select_related("user").order_by(
            "user__first_name", "user__username"
        )
        field.label_from_instance = colleagues.name_of
        if rep is None or rep.archived_at:
            del self.fields["archives_rep"]


class TeamForm(Refusable):
    """What a team is called, and who manages it."""

    name = forms.CharField(
        label=_("Name"), max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
    managers = forms.ModelMultipleChoiceField(
        label=_("Managers"),
        queryset=Member.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They see the meetings, calls and leads of this team."),
    )

    def __init__(self, organization: Organization, team: Team | None, data: Any = None) -> None:
        initial: dict[str, Any] = {}
        if team is not None:
            initial = {"name": team.name, "managers": [member.pk for member in team.managers.all()]}
        super().__init__(data, initial=initial)
        field: Any = self.fields["managers"]
        field.queryset = _managers(organization, team)
        field.label_from_instance = colleagues.name_of
        if not field.queryset.exists():
            del self.fields["managers"]


class TeamRepForm(forms.Form):
    """Which rep comes into a team."""

    rep = forms.ModelChoiceField(
        label=_("Add a rep"),
        queryset=SalesRep.objects.none(),
        empty_label=_("Choose a rep"),
        widget=SearchableSelect,
    )

    def __init__(self, visit: Visit, reps: QuerySet[SalesRep], *given: Any) -> None:
        super().__init__(*given)
        field: Any = self.fields["rep"]
        field.queryset = reps


class OrganizationForm(Refusable):
    """What an organization is called, and how it counts time and speaks."""

    name = forms.CharField(
        label=_("Name"), max_length=200, widget=forms.TextInput({"autocomplete": "organization"})
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zones,
        widget=SearchableSelect,
        help_text=_("Meetings are booked in it, unless somebody says another."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=User.LANGUAGES,
        help_text=_("Of mails to people who have no account yet."),
    )

    @classmethod
    def of(cls, organization: Organization, data: Any = None) -> "OrganizationForm":
        """Return the form as the organization is, or as somebody sent it."""
        chosen = settings_of(organization)
        initial = {
            "name": organization.name,
            "time_zone": chosen.time_zone,
            "language": chosen.language,
        }
        form = cls(data, initial=initial)
        field: Any = form.fields["time_zone"]
        if chosen.time_zone not in dict(zones()):
            field.choices = [*zones(), (chosen.time_zone, chosen.time_zone)]
        return form

    def clean_time_zone(self) -> str:
        """Refuse what is no zone, though it may have been one when it was chosen."""
        zone = str(self.cleaned_data["time_zone"])
        if zone not in time_zones.names():
            raise ValidationError(time_zones.NOT_A_ZONE, code="invalid")
        return zone


class LogoForm(Refusable):
    """A picture to show to guests."""

    logo = forms.FileField(
        label=_("Picture"),
        widget=forms.FileInput({"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("PNG, JPEG or WebP, at most 200 KB, 2000 pixels wide and high."),
    )

    def clean_logo(self) -> bytes:
        """Return the bytes: no more are read than a logo may have, and one."""
        return bytes(self.cleaned_data["logo"].read(pictures.MOST_BYTES + 1))


def _managers(organization: Organization, team: Team | None) -> QuerySet[Member]:
    """Return who may manage: those of that role, and whoever manages it already."""
    people = Member.objects.filter(organization=organization).select_related("user")
    wanted = people.filter(role=Member.Role.MANAGER)
    if team is not None:
        wanted = wanted | people.filter(pk__in=team.managers.values("pk"))
    return wanted.order_by("user__first_name", "user__username")
