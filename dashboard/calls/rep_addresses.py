"""The addresses of a rep: what one more, or one less, would do to the calls is tried out
before it is done.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.api import throttles
from core.models import User
from crm import addresses, services
from crm.models import RepAlias, SalesRep
from crm.services import claims
from dashboard.views import person
from fathom_sync import access
from fathom_sync.meetings import simulating

ADD: Final = "add"
REMOVE: Final = "remove"
# As often a minute as the API lets somebody try, and counted together with it.
TRIES_PER_MINUTE: Final = 30
TOO_OFTEN: Final = gettext_lazy(
    "That was tried often enough for the moment. Try again in a minute."
)


@dataclass(frozen=True)
class Proposal:
    """One change of a rep's addresses that somebody thinks of, and what it would do.
    `why_not`: why nobody knows.
    """

    what: str
    address: str
    gained: int = 0
    lost: int = 0
    waits: bool = False
    why_not: str = ""

    @property
    def adds(self) -> bool:
        return self.what == ADD

    @property
    def in_words(self) -> str:
        """Say "Adds 13 calls, takes away 0."."""
        if self.why_not:
            return self.why_not
        gained = ngettext("Adds %(number)d call", "Adds %(number)d calls", self.gained) % {
            "number": self.gained
        }
        return _("%(gained)s, takes away %(lost)d.") % {"gained": gained, "lost": self.lost}


def proposal(request: HttpRequest, rep: SalesRep, what: str, address: str) -> Proposal:
    """Try the change out; raise ValidationError where it would be refused."""
    aliases = [row.address for row in rep.addresses.all() if not row.is_main]
    normalized = _normalized(address)
    if what == REMOVE:
        wanted = [each for each in aliases if addresses.normalize(each) != normalized]
    else:
        wanted = [*aliases, address]
    waits = what == ADD and normalized not in claims.covered(rep.organization_id, [normalized])
    if is_too_often(person(request)):
        return Proposal(what, address, waits=waits, why_not=str(TOO_OFTEN))
    try:
        found = simulating.simulate({rep: wanted}, access.meetings_for(person(request)))
    except simulating.Busy as busy:
        return Proposal(what, address, waits=waits, why_not=str(busy))
    return Proposal(what, address, found.gained, found.lost + found.changed, waits)


def is_too_often(user: User) -> bool:
    """Count one try, wherever it is made; tell whether there were as many as there may be."""
    return throttles.take("fathom-simulate", f"user:{user.pk}", TRIES_PER_MINUTE, 60) > 0


def change(request: HttpRequest, rep: SalesRep, what: str, address: str) -> str:
    """Do it, and say what was done; raise ValidationError where it is refused."""
    by: dict[str, Any] = {"actor": person(request), "request": request}
    if what == REMOVE:
        services.remove_alias(rep=rep, address=address, **by)
        return _("%(address)s is %(name)s's no more.") % {"address": address, "name": rep.name}
    made = services.add_alias(rep=rep, address=address, **by)
    if made.is_waiting:
        words = _(
            "%(address)s is added. Its calls come in once the agency has granted the address."
        )
    else:
        words = _("%(address)s is added. Calls that waited for it come in now.")
    return words % {"address": made.address}


def rows_of(rep: SalesRep) -> list[RepAlias]:
    """Return all addresses of a rep, their own e-mail first."""
    return list(rep.addresses.order_by("-is_main", "normalized"))


def _normalized(address: str) -> str:
    try:
        return addresses.normalize(address)
    except ValidationError as error:
        raise ValidationError({"aliases": error}) from error
