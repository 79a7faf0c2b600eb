"""Who may be the same person as somebody: the same address, the same phone, or the same name at the same company."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Upper

from crm import finding
from crm.models import Contact, Lead

P = TypeVar("P", Lead, Contact)

EMAIL, PHONE, NAME = "email", "phone", "name"
REASONS: Final = (EMAIL, PHONE, NAME)
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Duplicate(Generic[P]):
    """Somebody who may be the same, and what both have alike."""

    person: P
    reasons: list[str]


def of(person: P, among: QuerySet[P]) -> list[Duplicate[P]]:
    """Return who of these may be the same person, those with most alike first."""
    digits = finding.digits_of(person.phone)
    alike = Q(pk__in=())
    if person.email_normalized:
        alike |= Q(email_normalized=person.email_normalized)
    if digits:
        alike |= Q(~Q(phone=""), last_digits=digits)
    if person.company:
        alike |= Q(upper_name=Upper(Value(person.name)), company__iexact=person.company)
    rows = among.filter(organization_id=person.organization_id).exclude(pk=person.pk)
    rows = rows.alias(last_digits=finding.last_digits(), upper_name=Upper("name")).filter(alike)
    found = [Duplicate(row, _reasons(person, row, digits)) for row in rows.order_by("created_at", "pk")[:SHOWN]]
    return sorted(found, key=lambda each: -len(each.reasons))


def _reasons(person: P, other: P, digits: str) -> list[str]:
    alike = {
        EMAIL: bool(person.email_normalized) and person.email_normalized == other.email_normalized,
        PHONE: bool(digits) and digits == finding.digits_of(other.phone),
        NAME: bool(person.company)
        and person.name.upper() == other.name.upper()
        and person.company.upper() == other.company.upper(),
    }
    return [name for name in REASONS if alike[name]]
