"""Whose people are meant on the page, and what is typed into it."""

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.models import Organization
from crm.privacy import asking
from dashboard.navigation import Shell
from dashboard.views import person

LONGEST: Final = 254


@dataclass(frozen=True)
class Place:
    """The organization whose people are meant; None for those of the whole installation."""

    organization: Organization | None

    @property
    def of_it(self) -> dict[str, Any]:
        """Return the condition that rows are of this place."""
        return {"organization": self.organization}


def entered(request: HttpRequest) -> Place:
    """Return the place for whoever may; 404 for others. Staff mean all,
    unless they look at one organization.
    """
    shell = Shell(request)
    organization = shell.current
    if shell.is_staff and not shell.is_cut:
        organization = None
    elif organization is None:
        raise Http404
    if not asking.may(person(request), organization.pk if organization else None):
        raise Http404
    return Place(organization)


class AddressForm(forms.Form):
    """Whose data is meant."""

    email = forms.CharField(
        label=_("E-mail"), max_length=LONGEST, widget=forms.EmailInput({"autocomplete": "off"})
    )


class AllowForm(AddressForm):
    """An address that somebody else has now."""


class EraseForm(AddressForm):
    """The same, typed twice: it cannot be undone."""

    confirm = forms.CharField(
        label=_("The same address once more"),
        max_length=LONGEST,
        widget=forms.EmailInput({"autocomplete": "off"}),
        help_text=_("What is erased does not come back."),
    )
