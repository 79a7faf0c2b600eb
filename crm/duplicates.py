"""Who may be the same person as somebody: the same address, the same phone,
or the same name at the same company.
"""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from django.db.models import QuerySet, Value
from django.db.models.functions import Upper

from crm import finding
from crm.models import Contact, Lead

P = TypeVar("P", Lead, Contact)

EMAIL, PHONE, NAME = "email", "phone", "name"
REASONS: Final = (EMAIL, PHONE, NAME)
# So many are looked at for one likeness, and so many shown.
MOST: Final = 200
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Duplicate(Generic[P]):
    """Somebody who may be the same, and what both have alike."""

    person: P
    reasons: list[str]


def of(person: P, among: QuerySet[P]) -> list[Duplicate[P]]:
    """Return who of these may be the same person, those with most alike first."""
    digits = finding.digits_of(person.phone)
    rows = (
        type(person)
        ._default_manager.filter(organization_id=person.organization_id)
        .exclude(pk=person.pk)
    )
    arms = []
    if person.email_normalized:
        arms.append(rows.filter(email_normalized=person.email_normalized))
    if digits:
        arms.append(
            rows.alias(last_digits=finding.last_digits())
            .exclude(phone="")
            .filter(last_digits=digits)
        )
    if person.company:
        named = rows.alias(upper_name=Upper("name")).filter(upper_name=Upper(Value(person.name)))
        arms.append(named.filter(company__iexact=person.company))
    # Each by its own index: of all at once the database would rather read everybody.
    keys = {key for arm in arms for key in arm.order_by().values_list("pk", flat=True)[:MOST]}
    if not keys:
        return []
    found = [Duplicate(row, _reasons(person, row, digits)) for row in among.filter(pk__in=keys)]
    found.sort(key=lambda each: (-len(each.reasons), each.person.created_at, each.person.pk))
    return found[:SHOWN]


def _reasons(person: P, other: P, digits: str) -> list[str]:
    has_name = person.name.upper() == other.name.upper()
    has_company = bool(person.company) and person.company.upper() == other.company.upper()
    alike = {
        EMAIL: bool(person.email_normalized) and person.email_normalized == other.email_normalized,
        PHONE: bool(digits) and digits == finding.digits_of(other.phone),
        NAME: has_name and has_company,
    }
    return [name for name in REASONS if alike[name]]
