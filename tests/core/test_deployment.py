"""A deployment is refused that shows its insides, can be forged,
or holds accounts whose password everybody knows.
"""

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from core.deployment import safe_to_deploy
from core.models import User
from sandbox import demo


@pytest.fixture
def demo_people(db: None) -> None:
    demo.load("koppel-demo")


@pytest.fixture
def production(settings: Any) -> Any:
    settings.DEMO = settings.DEBUG = False
    settings.SECRET_KEY = "only-for-this-test-0123456789-abcdefghijklmnopqrstuvwxyz"
    settings.ALLOWED_HOSTS = ["koppel.example.com"]
    settings.PUBLIC_URL = "https://koppel.example.com"
    return settings


def test_a_deployment_as_it_should_be_is_let_through(db: None, production: Any) -> None:
    assert safe_to_deploy() == []


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("DEBUG", True, "E091"),
        ("SECRET_KEY", "short", "E092"),
        ("SECRET_KEY", "ab" * 40, "E092"),
        ("SECRET_KEY", "django-insecure-0123456789-abcdefghijklmnopqrstuvwxyz-and-more", "E092"),
        ("ALLOWED_HOSTS", ["koppel.example.com", "*"], "E093"),
        ("PUBLIC_URL", "http://koppel.example.com", "E094"),
        ("PUBLIC_URL", "https://", "E094"),
    ],
)
def test_an_unsafe_deployment_is_refused(
    db: None, production: Any, name: str, value: Any, fault: str
) -> None:
    setattr(production, name, value)
    with pytest.raises(SystemCheckError) as refused:
        call_command("check", deploy=True, fail_level="ERROR")
    assert f"koppel.{fault}" in str(refused.value)


@pytest.mark.parametrize("databases", [None, ["default"]])
@pytest.mark.parametrize("debug", [True, False])
def test_a_deployment_with_demo_accounts_is_refused(
    demo_people: None, production: Any, databases: list[str] | None, debug: bool
) -> None:
    production.DEBUG = debug
    with pytest.raises(SystemCheckError) as refused:
        call_command("check", deploy=True, databases=databases, fail_level="ERROR")
    assert str(refused.value).count("koppel.E090") == 1


def test_a_trial_is_called_one(db: None, production: Any) -> None:
    production.DEMO = True
    assert [message.id for message in safe_to_deploy()] == ["koppel.W090"]


def test_outside_the_demo_the_database_check_names_every_demo_account(
    demo_people: None, settings
) -> None:
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


def test_the_demo_data_is_made_once_and_its_passwords_are_always_the_printed_one(
    demo_people: None,
) -> None:
    User.objects.filter(username="ceo").update(first_name="Changed")
    before = set(User.objects.values_list("pk", flat=True))
    demo.load("another-password")
    assert set(User.objects.values_list("pk", flat=True)) == before
    assert User.objects.get(username="ceo").first_name == "Changed"
    assert all(user.check_password("another-password") for user in User.objects.all())


def test_the_staff_of_the_demo_are_in_their_groups(demo_people: None) -> None:
    groups = {
        user.username: (
            user.is_staff,
            user.is_superuser,
            [group.name for group in user.groups.all()],
        )
        for user in User.objects.filter(username__in=["ops", "viewer", "auditor", "ceo"])
    }
    assert groups == {
        "ops": (True, True, ["Operations admin"]),
        "viewer": (True, False, ["Operations viewer"]),
        "auditor": (True, False, ["Auditor"]),
        "ceo": (False, False, []),
    }
