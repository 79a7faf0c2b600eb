"""What the database refuses, said as a form says it: under the name of the field, in words.

Services look before they write; two at once can both have looked. Then the constraint decides, and
its name says what to tell the second one. `writing()` is the transaction of a service: it turns the
refusal into a ValidationError.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext_lazy as _

from core.errors import Conflicting

TAKEN_ADDRESS = _("This address already means a rep of this organization.")
TAKEN_TEAM = _("There is a team of this name already.")
TAKEN_MEMBER = _("This member is a rep already.")
ENDS_FIRST = _("It has to end after it starts.")
TOO_LONG = _("It may last 24 hours at most.")
INVITED = _("This person has been invited already.")
BELONGS = _("This person belongs to the organization already.")
NOT_THERE = _("There is no such thing in this organization.")
STILL_USED = _(
    "There are appointments with this lead. Delete those first, or say that the lead is lost."
)
HAS_A_CALL = _("There is a call of this meeting, so it cannot be deleted. Cancel it instead.")
NAMED_BY_OTHERS = _("Others still name it, so it cannot be deleted.")

# constraint -> (field, words)
WORDS: Final[dict[str, tuple[str, Any]]] = {
    "an_address_is_one_rep": ("aliases", TAKEN_ADDRESS),
    "one_rep_per_member": ("member", TAKEN_MEMBER),
    "one_team_of_a_name": ("name", TAKEN_TEAM),
    "appointment_ends_after_start": ("ends_at", ENDS_FIRST),
    "appointment_within_a_day": ("ends_at", TOO_LONG),
    "one_open_invitation_per_address": ("email", INVITED),
    "one_membership_per_organization": ("email", BELONGS),
}
SAME_ORGANIZATION: Final = "_id_same_organization"


class StillUsed(Conflicting):
    """It cannot go while others name it."""

    conflict = "still_used"


@contextmanager
def writing() -> Iterator[None]:
    """Run in a transaction, and turn what the database refuses into a ValidationError.

    Only refusals that a person can do something about are turned.
    """
    try:
        with transaction.atomic():
            yield
    except (ProtectedError, RestrictedError) as error:
        raise StillUsed(NAMED_BY_OTHERS, code="conflict") from error
    except IntegrityError as error:
        refusal = _of(error)
        if refusal is None:
            raise
        raise refusal from error


def _of(error: IntegrityError) -> ValidationError | None:
    name = str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "")
    if name.endswith(SAME_ORGANIZATION):
        # crm_appointment_lead_id_same_organization: the field is lead.
        field = name.removesuffix(SAME_ORGANIZATION).split("_", 2)[2]
        return ValidationError({field: ValidationError(NOT_THERE, code="invalid")})
    if name not in WORDS:
        return None
    field, words = WORDS[name]
    return ValidationError({field: ValidationError(words, code="unique")})
