"""A production start refuses a database with demo accounts."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from core.models import User
from sandbox import demo


@pytest.fixture
def demo_people(db: None) -> None:
    demo.load("koppel-demo")


def test_outside_the_demo_the_database_check_names_every_demo_account(demo_people: None, settings) -> None:
    settings.DEMO = settings.DEBUG = False
    with pytest.raises(SystemCheckError) as refused:
        call_command("check", databases=["default"], fail_level="ERROR")
    assert "koppel.E090" in str(refused.value)
    assert "auditor, ceo, closer, manager, ops, outsider, setter, viewer" in str(refused.value)


def test_the_demo_itself_is_not_stopped(demo_people: None, settings) -> None:
    settings.DEMO, settings.DEBUG = True, False
    call_command("check", databases=["default"], fail_level="ERROR")


def test_people_of_flesh_and_blood_are_no_demo_accounts(db: None, settings) -> None:
    settings.DEMO = settings.DEBUG = False
    User.objects.create_user("alice", password="x")
    call_command("check", databases=["default"], fail_level="ERROR")


def test_the_demo_data_is_made_once_and_its_passwords_are_always_the_printed_one(demo_people: None) -> None:
    User.objects.filter(username="ceo").update(first_name="Changed")
    before = set(User.objects.values_list("pk", flat=True))
    demo.load("another-password")
    assert set(User.objects.values_list("pk", flat=True)) == before
    assert User.objects.get(username="ceo").first_name == "Changed"
    assert all(user.check_password("another-password") for user in User.objects.all())


def test_the_staff_of_the_demo_are_in_their_groups(demo_people: None) -> None:
    groups = {
        user.username: (user.is_staff, user.is_superuser, [group.name for group in user.groups.all()])
        for user in User.objects.filter(username__in=["ops", "viewer", "auditor", "ceo"])
    }
    assert groups == {
        "ops": (True, True, ["Operations admin"]),
        "viewer": (True, False, ["Operations viewer"]),
        "auditor": (True, False, ["Auditor"]),
        "ceo": (False, False, []),
    }
