"""What people enter of a rep."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import access, addresses, colleagues
from crm.models import Member, Organization, RepAlias, SalesRep, Team
from dashboard.calls.forms import ALL, Words
from dashboard.forms import SearchableSelect
from dashboard.team.entering import Visit
from dashboard.team.forms import Refusable


class RepFilter(forms.Form):
    """What the list of reps is cut to."""

    search = Words(label=_("Search"), required=False, widget=forms.TextInput({"type": "search"}))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ALL,
            ("working", _("At work")),
            ("archived", _("Archived")),
            ("waiting", _("Address waits")),
        ],
    )

    def condition(self) -> Q:
        """Return what the chosen state asks of a rep."""
        state = self.cleaned_data.get("state") if self.is_valid() else ""
        if state == "archived":
            return Q(archived_at__isnull=False)
        if state == "working":
            return Q(archived_at=None)
        if state == "waiting":
            return Q(pk__in=RepAlias.objects.filter(is_waiting=True).values("rep_id"))
        return Q()


class RepForm(Refusable):
    """Who a rep is, in which team, and which colleague."""

    name = forms.CharField(
        label=_("Name"), max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=addresses.MAX_LENGTH,
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "The address that they record their calls with: by it a call is known to be theirs."
        ),
    )
    aliases = forms.CharField(
        label=_("Other addresses"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
        help_text=_(
            "One on each line. Calls that were recorded under one of these are theirs too."
        ),
    )
    keeps_address = forms.BooleanField(
        label=_("Keep the address from before"),
        required=False,
        initial=True,
        help_text=_("New calls that are recorded under it are theirs too."),
    )
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.none(),
        required=False,
        empty_label=_("No team"),
        widget=SearchableSelect,
    )
    member = forms.ModelChoiceField(
        label=_("Colleague"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=_("Not a member"),
        widget=SearchableSelect,
        help_text=_("Who signs in as this rep, and sees their calls."),
    )
    ADDED: ClassVar = ("name", "email", "aliases", "team", "member")

    def __init__(
        self, visit: Visit, organization: Organization, rep: SalesRep | None, data: Any = None
    ) -> None:
        initial: dict[str, Any] = {}
        if rep is not None:
            initial = {
                "name": rep.name,
                "email": rep.email,
                "team": rep.team_id,
                "member": rep.member_id,
            }
        super().__init__(data, initial=initial)
        team: Any = self.fields["team"]
        team.queryset = access.teams_for(visit.user, organization.pk).order_by("name", "pk")
        member: Any = self.fields["member"]
        taken = SalesRep.objects.filter(organization=organization, member__isnull=False)
        if rep is not None:
            taken = taken.exclude(pk=rep.pk)
        people = access.members_for(visit.user, organization.pk).exclude(
            pk__in=taken.values("member_id")
        )
        member.queryset = people.select_related("user").order_by(
            "user__first_name", "user__username"
        )
        member.label_from_instance = colleagues.name_of
        del self.fields["keeps_address" if rep is None else "aliases"]

    def clean_aliases(self) -> list[str]:
        """Take the lines apart."""
        return [
            line.strip() for line in str(self.cleaned_data["aliases"]).splitlines() if line.strip()
        ]


class AddressForm(Refusable):
    """One more address that means a rep."""

    service_names: ClassVar = {"aliases": "address"}

    address = forms.CharField(
        label=_("Address"),
        max_length=addresses.MAX_LENGTH,
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
