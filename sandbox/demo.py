"""The people and organizations of a trial. Only `make run` makes them;
a production start refuses them (`is_demo`).
"""

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group
from django.db import transaction

from core.models import User
from crm.models import Member, Organization, OrganizationSettings
from sandbox import demo_bison, demo_calls, demo_fathom, demo_work

# name -> first name, last name, group
STAFF = {
    "ops": ("Olivia", "Peters", "Operations admin"),
    "viewer": ("Vera", "Jansen", "Operations viewer"),
    "auditor": ("Arthur", "Lambert", "Auditor"),
}
# organization -> tier, {name: (first name, last name, role)}
ORGANIZATIONS = {
    "Northwind Sales": (
        Organization.Tier.PRO_PLUS,
        {
            "ceo": ("Nora", "Winter", Member.Role.CEO),
            "manager": ("Milan", "de Vries", Member.Role.MANAGER),
            "closer": ("Chloe", "Martin", Member.Role.CLOSER),
            "setter": ("Sam", "Bakker", Member.Role.SETTER),
        },
    ),
    "Contoso Growth": (Organization.Tier.FREE, {"outsider": ("Oscar", "Dubois", Member.Role.CEO)}),
}


@transaction.atomic
def load(password: str) -> None:
    """Make what is missing and leave the rest; every demo password becomes `password`."""
    # One hash for all: eight would take seconds of the first start,
    # and this password is printed on the screen.
    hashed = make_password(password)
    for name, (first, last, group) in STAFF.items():
        user = _user(name, first, last, hashed, password)
        if not user.is_staff or user.is_superuser != (name == "ops"):
            user.is_staff, user.is_superuser = True, name == "ops"
            user.save(update_fields=["is_staff", "is_superuser"])
        user.groups.add(Group.objects.get(name=group))
    for organization_name, (tier, people) in ORGANIZATIONS.items():
        organization, _ = Organization.objects.get_or_create(
            name=organization_name, defaults={"tier": tier}
        )
        OrganizationSettings.objects.get_or_create(organization=organization)
        for name, (first, last, role) in people.items():
            user = _user(name, first, last, hashed, password)
            Member.objects.get_or_create(
                organization=organization, user=user, defaults={"role": role}
            )
        demo_work.load(organization)
        demo_calls.load(organization)
    demo_fathom.load()
    demo_bison.load()


def _user(name: str, first: str, last: str, hashed: str, password: str) -> User:
    user, made = User.objects.get_or_create(
        username=name,
        defaults={
            "first_name": first,
            "last_name": last,
            "email": f"{name}@example.com",
            "password": hashed,
            "is_demo": True,
        },
    )
    if (
        not made
        and user.is_demo
        and user.password != hashed
        and not check_password(password, user.password)
    ):
        user.password = hashed
        user.save(update_fields=["password"])
    return user
