"""What is somebody else's too, and so says nothing of the person who is erased: a name, a number of
the whole company, and an address of the house or of another lead that came in beside theirs.
"""

from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F, Func, Q, TextField, Value

from core.models import User
from core.privacy import Person, numbers
from crm import addresses
from crm.models import Contact, Lead, Organization, RepAlias, SalesRep
from crm.models.prospects import Prospect

KINDS: Final[tuple[type[Prospect], ...]] = (Contact, Lead)
# So much of the end of a number is the same with its country and without.
_SAME: Final = 8


def leave_out(person: Person, organization_id: UUID | None) -> None:
    """Take out of what is known of a person whatever is another's."""
    person.spellings = {
        each for each in person.spellings if not _is_anothers_address(each, person, organization_id)
    }
    person.phones = {
        phone for phone in person.phones if not _is_anothers_number(phone, person, organization_id)
    }
    person.names = {
        name for name in person.names if not _is_anothers_name(name, person, organization_id)
    }


def reaching(address: str, column: str = "email_normalized") -> Q:
    """Return the condition that an address reaches this mailbox, whatever stands after a plus."""
    name, _at, domain = addresses.mailbox_of(address).rpartition("@")
    tagged = Q(**{f"{column}__startswith": f"{name}+", f"{column}__endswith": f"@{domain}"})
    return Q(**{column: f"{name}@{domain}"}) | Q(**{column: address}) | tagged


def scope(organization_id: UUID | None) -> Q:
    """Return the condition that a row is of an organization; of any, without one."""
    if organization_id is None:
        return Q()
    return Q(organization_id=organization_id)


def signs_in(address: str) -> Q:
    """Return the condition that an account's address reaches this mailbox."""
    return Q(email__iregex=f"^(?:{Person(address).mailboxes()})$")


def is_of_the_house(address: str, organization_id: UUID | None) -> bool:
    """Tell whether an address in its one spelling is of an account or a rep of the organization;
    of any, without one.
    """
    aliases = RepAlias.objects.filter(scope(organization_id), reaching(address, "normalized"))
    users = User.objects.filter(signs_in(address))
    if organization_id is not None:
        users = users.filter(memberships__organization_id=organization_id)
    return aliases.exists() or users.exists()


def _is_anothers_address(written: str, person: Person, organization_id: UUID | None) -> bool:
    try:
        address = addresses.normalize(written)
    except ValidationError:
        return False
    if addresses.mailbox_of(address) == addresses.mailbox_of(person.address):
        return False
    if is_of_the_house(address, organization_id):
        return True
    where = scope(organization_id) & reaching(address)
    return any(_others(model, where, person) for model in KINDS)


def _is_anothers_number(phone: str, person: Person, organization_id: UUID | None) -> bool:
    """Tell whether somebody else has this number, however it is written."""
    digits = numbers.digits_of(phone)[-_SAME:]
    where = scope(organization_id) & Q(digits__endswith=digits)
    return any(_others(model, where, person) for model in KINDS)


def _is_anothers_name(name: str, person: Person, organization_id: UUID | None) -> bool:
    """Tell whether somebody else bears this name: then it says nothing of this person."""
    where = scope(organization_id) & Q(name__iexact=name)
    if any(_others(model, where, person) for model in KINDS):
        return True
    reps = SalesRep.objects.filter(scope(organization_id), name__iexact=name)
    first, _space, last = name.partition(" ")
    users = User.objects.filter(first_name__iexact=first, last_name__iexact=last)
    return (
        reps.exists() or users.exists() or Organization.objects.filter(name__iexact=name).exists()
    )


def _others(model: type[Prospect], where: Q, person: Person) -> bool:
    """Tell whether somebody else is in a table of whom this is true."""
    pattern = (Value(r"\D"), Value(""), Value("g"))
    digits = Func(F("phone"), *pattern, function="regexp_replace", output_field=TextField())
    others = model._default_manager.alias(digits=digits).filter(where)
    others = others.exclude(pk__in=person.of(model._meta.db_table))
    return others.exclude(reaching(person.address)).exists()
