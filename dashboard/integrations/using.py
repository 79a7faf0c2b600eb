"""The forms of what is chosen of a connection: who uses it, when it fetches,
what stands in for it, whose it is.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.models import User
from crm.models import Member
from dashboard.forms import LongSelect, SwitchInput
from dashboard.integrations.rows import BY_HAND, INTERVALS
from integrations import services
from integrations.models import Integration


class SharingForm(forms.Form):
    """Who may use it, how often its contacts are fetched, and what stands in for it."""

    is_shared = forms.BooleanField(
        label=_("Shared with colleagues"),
        help_text=_("They may use and test it. Only you may change it."),
        required=False,
        widget=SwitchInput,
    )
    sync_every = forms.TypedChoiceField(
        label=_("Fetch contacts"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", BY_HAND), *INTERVALS],
    )
    fallback = forms.ModelChoiceField(
        label=_("Stand-in"),
        help_text=_("Takes its place while it does not work."),
        queryset=Integration.objects.none(),
        required=False,
        empty_label=_("None"),
    )

    def __init__(self, integration: Integration, data: Any = None, *, has_contacts: bool) -> None:
        names = ("is_shared", "sync_every", "fallback")
        super().__init__(data, initial={name: getattr(integration, name) for name in names})
        minutes = integration.sync_every
        if minutes and minutes not in dict(INTERVALS):
            every: Any = self.fields["sync_every"]
            every.choices = [*every.choices, (minutes, _("Every %(n)d minutes") % {"n": minutes})]
        stand_in: Any = self.fields["fallback"]
        stand_in.queryset = services.stand_ins(integration)
        if not has_contacts:
            del self.fields["sync_every"]


class TransferForm(forms.Form):
    """Whose it is to be."""

    owner = forms.ModelChoiceField(
        label=_("Colleague"),
        queryset=User.objects.none(),
        widget=LongSelect,
        empty_label=_("Choose a colleague"),
    )

    def __init__(self, integration: Integration, data: Any = None) -> None:
        super().__init__(data)
        colleagues = Member.objects.filter(organization_id=integration.organization_id).values(
            "user_id"
        )
        people = User.objects.filter(pk__in=colleagues, is_active=True)
        owner: Any = self.fields["owner"]
        if integration.owner_id is not None:
            people = people.exclude(pk=integration.owner_id)
        owner.queryset = people.order_by("first_name", "last_name", "username")
        owner.label_from_instance = lambda user: user.get_full_name() or user.get_username()
