"""Two people who are made one on the pages, and taken apart again, by those who may."""

import html
from typing import Any

import pytest
from django.test import Client

from crm import services
from crm.models import Lead, Merge
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


def lead(world: World, name: str = "Lea Other", **values: Any) -> Lead:
    return services.create_lead(organization=world.organization, name=name, **values)


def words(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_two_are_made_one_and_taken_apart_again(world: World, chief: Client):
    other = lead(world, "Lead again", email="LEAD@example.com", phone="1")
    path = f"/people/leads/{world.lead.pk}"
    page = chief.get(path)
    assert [(twin.name, list(map(str, twin.reasons))) for twin in page.context["twins"]] == [
        ("Lead again", ["Same e-mail"])
    ]
    compared = chief.get(f"{path}/merge/{other.pk}")
    assert {choice.name for choice in compared.context["choices"]} == {
        "name",
        "email",
        "phone",
        "qualified_by",
    }
    chief.post(f"{path}/merge/{other.pk}", {"keep-name": "other"})
    world.lead.refresh_from_db()
    assert (world.lead.name, world.lead.phone) == ("Lead again", "1")
    merged = Merge.objects.get()
    page = chief.get(path)
    assert "Merged with Lead again" in words(page)
    assert chief.post(f"{path}/merge/{other.pk}").status_code == 404
    answer = chief.post(f"{path}/merges/{merged.pk}/undo", follow=True)
    assert "Merge undone: Lead again is separate again." in words(answer)
    world.lead.refresh_from_db()
    assert (world.lead.name, Lead.objects.count()) == ("Lead", 2)
    assert chief.post(f"{path}/merges/{merged.pk}/undo", follow=True).status_code == 200


@pytest.mark.parametrize("role", ["CLOSER", "SETTER"])
def test_who_may_not_delete_may_not_merge(world: World, role: str):
    other = lead(
        world, "Lead again", email="lead@example.com", qualified_by=world.members["SETTER"]
    )
    world.book(lead=other, closer=world.members["CLOSER"])
    client, path = signed_in(world.users[role]), f"/people/leads/{world.lead.pk}"
    assert client.get(path).context["twins"] == []
    assert client.post(f"{path}/merge/{other.pk}").status_code == 403
    assert Lead.objects.count() == 2


def test_nobody_takes_apart_what_would_be_out_of_their_sight(world: World):
    """A manager sees the one by its team; who was merged into it is of another team again."""
    services.update_lead(lead=world.lead, team=world.team)
    other = lead(world, "Hidden", email="hidden@example.net")
    row = services.merge_people(person=world.lead, other=other)
    manager = signed_in(world.users["MANAGER"])
    answer = manager.post(f"/people/leads/{world.lead.pk}/merges/{row.pk}/undo", follow=True)
    assert "out of your sight" in words(answer)
    api = people.client_of(world.users["MANAGER"])
    refused = api.post(f"/api/crm/leads/{world.lead.pk}/merges/{row.pk}/undo")
    people.assert_error(refused, 400)
    assert b"Hidden" not in refused.content
    assert not Lead.objects.filter(pk=other.pk).exists()
    chief = signed_in(world.users["CEO"])
    chief.post(f"/people/leads/{world.lead.pk}/merges/{row.pk}/undo")
    assert Lead.objects.filter(pk=other.pk).exists()
