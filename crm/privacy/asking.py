"""Who may have a person erased or shown, and which address is none for that."""

from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.errors import Conflicting
from core.models import User
from core.privacy import places
from crm import access, addresses
from crm.privacy import anothers

PERMISSION: Final = "crm.erase_person"
NOT_THE_SAME: Final = _("Type the address once more, exactly: what is erased does not come back.")
SIGNS_IN: Final = _(
    "This address belongs to somebody who signs in, or to a rep. Remove that first."
)


class NotYet(Conflicting):
    """Something about the address is under way that has to end first."""

    conflict = "not_yet"


class StillBelongs(Conflicting):
    """The address is of an account or a rep."""

    conflict = "still_belongs"


def may(user: Any, organization_id: UUID | None) -> bool:
    """Tell whether this person may: the CEO and ADMIN for an organization,
    staff with the permission for all.
    """
    if organization_id is None:
        return isinstance(user, User) and user.is_staff and user.has_perm(PERMISSION)
    return access.owns(user, organization_id)


def checked(email: str, organization_id: UUID | None) -> str:
    """Return the address in its one spelling; raise StillBelongs for one of the
    house's own people.
    """
    try:
        address = addresses.normalize(email)
    except ValidationError as error:
        raise ValidationError({"email": error}) from error
    if anothers.is_of_the_house(address, organization_id):
        raise StillBelongs(SIGNS_IN, code="conflict")
    return address


def check_nothing_hinders(address: str) -> None:
    """Raise NotYet where an app is amid something that needs the address."""
    for step in places.all_steps():
        why = step.hinders(address) if step.hinders is not None else None
        if why:
            raise NotYet(str(why), code="conflict")
