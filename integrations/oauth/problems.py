"""What may go wrong with a sign-in at a vendor, each with what to do:
the return page shows the words of a code.
"""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.errors import BadCredentials, Misconfigured
from core.words.sayings import Text

PROBLEMS: Final[Mapping[str, Text]] = {
    "denied": _("You did not allow it, so nothing was connected."),
    "expired": _(
        "This sign-in was used already or is older than ten minutes. Nothing was changed; "
        "start it again."
    ),
    "failed": _("The sign-in did not succeed and nothing was changed. Start it again."),
    "foreign_host": _(
        "The service named a server that is not one of its own. Nothing was changed."
    ),
    "misconfigured": _(
        "The service does not accept this installation's own client id or secret. Tell whoever "
        "runs this installation."
    ),
    "no_sign_in": _(
        "Nobody signs in at this service: it is connected by a key. Enter it in the "
        "integration's settings."
    ),
    "not_installed": _(
        "Your company at the service does not allow this app yet. "
        "Ask an administrator of it to install or approve the app, then start again."
    ),
    "not_lasting": _(
        "The service gave no lasting access. Nothing was changed; start again and allow "
        "access at any time."
    ),
    "not_set_up": _("Signing in at this service is not set up on this installation."),
    "not_yours": _("You may not connect this. Ask whoever runs your organization."),
    "other_account": _(
        "You signed in with another account than the connected one. Nothing was changed, and the "
        "access that was just given is taken back. Sign in with the connected account, or connect "
        "the other one beside it."
    ),
    "signed_out": _("You are not signed in any more. Sign in and start again."),
    "start_again": _("The service sent you without a sign-in begun in Koppel. Start it in Koppel."),
    "tier_limit": _("Your organization's tier does not include this."),
    "unreachable": _(
        "The service cannot be reached at the moment. Nothing was changed; try again later."
    ),
}
CLIENT_REFUSED: Final = _(
    "%(vendor)s does not accept this installation's own client id or secret. "
    "Tell whoever runs this installation; nothing has to be connected again."
)
RECONNECT: Final = _(
    "%(vendor)s does not let Koppel in any more: the access was taken back or has lapsed. "
    "Connect it again."
)


class Problem(Exception):
    """A sign-in did not come to its end; the code is one of PROBLEMS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return str(PROBLEMS[self.code])


class UnknownReturn(Exception):
    """The sign-in is somebody else's: for this person there is none."""


class GrantGone(BadCredentials):
    """The vendor takes the grant no longer, and only a person can get another."""

    text = RECONNECT


class ClientRefused(Misconfigured):
    """The vendor does not know the installation's own client."""

    text = CLIENT_REFUSED
