"""The first administrator of an installation without demo data."""

import getpass
import os
import sys

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db import transaction

from core.models import User


def ensure() -> None:
    """Make an admin where there is none: from KOPPEL_ADMIN_USER and KOPPEL_ADMIN_PASSWORD, or by
    asking.
    """
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        return
    name, password = os.environ.get("KOPPEL_ADMIN_USER"), os.environ.get("KOPPEL_ADMIN_PASSWORD")
    if not (name and password):
        if not sys.stdin.isatty():
            raise CommandError(
                "There is no administrator yet, and nobody to ask: set KOPPEL_ADMIN_USER and "
                "KOPPEL_ADMIN_PASSWORD, or start in a terminal."
            )
        name, password = _ask(name)
    make(name, password)


@transaction.atomic
def make(name: str, password: str) -> User:
    """Make a superuser in the group of operations admins, with a password that the rules allow."""
    user = User(username=name, is_staff=True, is_superuser=True)
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
    except ValidationError as error:
        raise CommandError(
            "The administrator could not be made: " + " ".join(error.messages)
        ) from error
    user.save()
    user.groups.add(Group.objects.get(name="Operations admin"))
    return user


def _ask(name: str | None) -> tuple[str, str]:
    print("\nThe first administrator of this installation:")
    name = name or input("  User name: ").strip()
    while (password := getpass.getpass("  Password: ")) != getpass.getpass("  Once more: "):
        print("  The two are not the same.")
    return name, password
