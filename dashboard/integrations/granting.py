"""What is asked before somebody signs in at a service, and what is said to who comes back."""

from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from integrations.oauth import endpoints
from integrations.oauth.problems import PROBLEMS
from integrations.providers.base import Provider

LONGEST_PLACE: Final = 200


class SignInForm(forms.Form):
    """Where to sign in, of a service that has several places."""

    place = forms.ChoiceField(label=_("Where you sign in"), required=False)
    own = forms.CharField(
        label=_("Your own address"),
        help_text=_(
            "Where your company signs in at an address of its own. It counts instead of "
            "the choice above."
        ),
        required=False,
        max_length=LONGEST_PLACE,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, provider: Provider, data: Any = None) -> None:
        super().__init__(data, prefix="sign_in")
        oauth = provider.oauth
        places = oauth.places if oauth is not None else {}
        choice: Any = self.fields["place"]
        choice.choices = [
            (name, f"{name.capitalize()} ({url.removeprefix('https://')})")
            for name, url in places.items()
        ]
        if not places:
            del self.fields["place"]
        if oauth is None or not oauth.takes_host:
            del self.fields["own"]

    @property
    def wanted(self) -> str:
        """The place as the services take it; '' for the usual."""
        if not self.is_valid():
            return ""
        return self.cleaned_data.get("own") or self.cleaned_data.get("place", "")


def can_sign_in(provider: Provider | None) -> bool:
    """Tell whether people may sign in there on this installation."""
    return provider is not None and provider.oauth is not None and endpoints.is_set_up(provider)


def problem_of(request: HttpRequest) -> str:
    """Return what went wrong with the sign-in that somebody comes back from; ''."""
    code = request.GET.get("problem", "")
    return str(PROBLEMS.get(code, ""))
