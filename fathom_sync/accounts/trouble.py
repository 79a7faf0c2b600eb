"""A key that stopped working as an incident: one per account, until it works again or is removed.

That of the installation's account is every organization's trouble: they see it too, without what only staff can do.
"""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core import incidents
from core.models import Incident
from core.words.sayings import Saying
from fathom_sync.models import FathomAccount

# What those read whose calls come by an account that is not theirs to mend.
FOR_EVERYBODY: Final = _(
    "New calls do not come in at the moment. Your agency is told, and nothing is lost: all of them are fetched as soon "
    "as the connection works again."
)


def seen(account: FathomAccount, *, works: bool) -> None:
    """What the last look at the account's key said."""
    incidents.observe(
        _cause(account),
        ok=works,
        title=Saying(_("Fathom cannot be reached with the key of %(account)s"), {"account": account}),
        what_to_do=_(
            "Test the connection in Settings → Fathom link, and enter another key if this one is refused. Until "
            "then no new calls come in; nothing is lost, as all of them are fetched afterwards."
        ),
        severity=Incident.Severity.CRITICAL,
        organization_id=account.organization_id,
        for_everybody="" if account.organization_id else FOR_EVERYBODY,
    )


def over(account: FathomAccount) -> None:
    """There is no key any more that could fail."""
    incidents.close(_cause(account))


def _cause(account: FathomAccount) -> str:
    return f"fathom_account:{account.pk}"
