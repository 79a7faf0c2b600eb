"""The search of the admin finds people and what is theirs, a few of each list,
for whoever may open it.
"""

import pytest

from core.signin import roles
from crm.models import Lead
from tests.support.people import organization, person, staff

pytestmark = pytest.mark.django_db


def titles(client, words):
    page = client.get("/admin/search/", {"extended": "1", "s": words})
    assert page.status_code == 200
    return [found.title for found in page.context["results"]] if page.context else []


def test_people_are_found_and_no_more_than_a_few_of_each_list(client):
    client.force_login(staff(roles.OPERATIONS_VIEWER), backend="core.signin.Backend")
    person("zelda.person")
    house = organization("Zeldas")
    Lead.objects.bulk_create(
        Lead(organization=house, name=f"Zelda {number}", email=f"z{number}@example.com")
        for number in range(9)
    )
    found = titles(client, "zelda")
    assert sum(title.startswith("Zelda ") for title in found) == 5
    assert "zelda.person" in found
    assert "Zeldas" in found


def test_whoever_may_not_see_a_list_finds_nothing_of_it(client):
    stranger = person("stranger", is_staff=True)
    client.force_login(stranger, backend="core.signin.Backend")
    organization("Zeldas")
    assert titles(client, "zelda") == []
