"""Whoever was erased comes back under no spelling and no address of theirs,
until somebody allows it.
"""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from tablib import Dataset

from core import runs
from core.models import AuditEvent
from crm import services
from crm.imports import LeadResource
from crm.models import Lead
from crm.privacy import erasing, returning
from crm.services import merging
from tests.support.world import World

pytestmark = pytest.mark.django_db
ADA = "ada.lovelace@münchen.example"
SAME = [
    ADA,
    "ADA.Lovelace@MÜNCHEN.example",
    "ada.lovelace@xn--mnchen-3ya.example",
    "ada.lovelace+news@münchen.example",
    "\uff41da.lovelace@münchen.example",
    "ada.lovelace@mu\u0308nchen.example",
    " ada.lovelace@münchen.example ",
]
OTHERS = [
    "da.lovelace@münchen.example",
    "ada.lovelace@munchen.example",
    "ada@münchen.example",
    "x+ada.lovelace@münchen.example",
]


@pytest.fixture
def world() -> World:
    return World()


def erase(organization: Any, email: str = ADA) -> None:
    _erasure, started = erasing.ask(organization=organization, email=email, again=email)
    runs.execute(started.run.pk)


def imported(world: World, email: str) -> bool:
    """Bring somebody in by a file; tell whether they are in the list now."""
    before = Lead.objects.count()
    LeadResource(world.organization).import_data(
        Dataset(["Somebody", email], headers=["name", "email"])
    )
    return Lead.objects.count() > before


@pytest.mark.parametrize("email", SAME)
def test_the_same_mailbox_does_not_come_back_however_it_is_written(
    world: World, email: str
) -> None:
    erase(world.organization)
    assert returning.is_erased(world.organization.pk, email)
    assert not imported(world, email)


@pytest.mark.parametrize("email", OTHERS)
def test_another_mailbox_is_another_person(world: World, email: str) -> None:
    erase(world.organization)
    assert not returning.is_erased(world.organization.pk, email)
    assert imported(world, email)


@pytest.mark.parametrize("email", ["ada+a@x.example", "ada@x.example"])
def test_an_address_with_a_plus_is_erased_with_its_mailbox(world: World, email: str) -> None:
    for number, written in enumerate(("ada@x.example", "ada+news@x.example", "Ada+Shop@x.example")):
        services.create_lead(
            organization=world.organization, name=f"Ada number {number}", email=written
        )
    services.create_lead(organization=world.organization, name="Another", email="adam@x.example")
    erase(world.organization, email)
    assert sorted(
        Lead.objects.filter(email__contains="@x.example").values_list("name", flat=True)
    ) == ["Another"]


def test_a_former_address_of_theirs_does_not_come_back_either(world: World) -> None:
    of = {"organization": world.organization}
    lead = services.create_lead(name="Ada Lovelace", email=ADA, **of)
    other = services.create_lead(name="Ada King", email="Ada@Old.example", **of)
    merging.merge_people(person=lead, other=other, actor=world.users["CEO"])
    erase(world.organization)
    for email in ("ada@old.example", "ADA+x@old.example"):
        assert not imported(world, email)


def test_somebody_who_has_the_address_now_is_allowed_by_hand_and_recorded(world: World) -> None:
    erase(world.organization)
    with pytest.raises(ValidationError):
        returning.allow(world.organization.pk, "nobody@else.example", actor=world.users["CEO"])
    returning.allow(
        world.organization.pk, "Ada.Lovelace+work@münchen.example", actor=world.users["CEO"]
    )
    [event] = AuditEvent.objects.filter(action="erasure.allowed")
    assert (event.actor_id, event.organization_id) == (world.users["CEO"].pk, world.organization.pk)
    assert "ada" not in f"{event.facts}{event.target_name}"
    assert imported(world, ADA)


def test_what_was_erased_everywhere_is_allowed_everywhere_or_in_one_organization(
    world: World,
) -> None:
    other = World("Elsewhere", prefix="-e")
    erase(None)
    returning.allow(world.organization.pk, ADA, actor=world.users["CEO"])
    assert [returning.is_erased(each.organization.pk, ADA) for each in (world, other)] == [
        False,
        True,
    ]
    returning.allow(None, ADA, actor=world.users["ADMIN"])
    assert [returning.is_erased(each.organization.pk, ADA) for each in (world, other)] == [
        False,
        False,
    ]


def test_whoever_is_erased_again_is_kept_out_again(world: World) -> None:
    erase(world.organization)
    returning.allow(world.organization.pk, ADA, actor=world.users["CEO"])
    erase(world.organization)
    assert not imported(world, ADA)
