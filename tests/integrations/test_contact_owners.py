"""Whom a sync tells of: a service gets nobody whom its owner does not see,
and no colleague is shown such people.
"""

import pytest

from crm.models import Lead, Member
from integrations import contacts
from integrations.models import Integration
from tests.integrations.contact_cast import (
    connected,
    contact,
    integration,
    numbers,
    open_conflict,
    organization,
    service,
    synced,
)
from tests.support import people
from tests.support.people import assert_error, client_of

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db


def lead(organization, name, member=None):
    email = f"{name.lower()}@x.example"
    return Lead.objects.create(
        organization=organization,
        name=name,
        email=email,
        email_normalized=email,
        qualified_by=member,
    )


@pytest.fixture
def setter(organization):
    return people.member("SETTER", organization, "setter")


@pytest.fixture
def own(service, organization, setter):
    """An integration of somebody who sees few people."""
    return connected(setter, organization, service.url)


def sent(service):
    return {each["email"] for batch in service.writes for each in batch}


def test_a_service_gets_whom_its_owner_sees(own, service, organization, setter):
    member = Member.objects.get(user=setter)
    lead(organization, "Ada", member)
    grace = lead(organization, "Grace")
    contact(organization, "Alan", "alan@x.example")
    contact(organization, "Barbara", "barbara@x.example", lead=lead(organization, "Hopper", member))
    synced(own)
    assert sent(service) == {"ada@x.example", "barbara@x.example", "hopper@x.example"}
    # Whom they see by now, also where nothing else changed.
    Lead.objects.filter(pk=grace.pk).update(qualified_by=member, updated_at=grace.updated_at)
    assert numbers(synced(own))["pushed"] == 1
    assert "grace@x.example" in sent(service)


def test_who_came_from_a_service_goes_back_there(own, service, organization):
    service.add(firstname="Ada", lastname="Lovelace", email="ada@x.example", phone="1")
    synced(own)
    contact(organization, "Alan", "alan@x.example")
    made = own.contact_links.get().contact
    made.phone = "2"
    made.save()
    synced(own)
    assert service.people["1"]["phone"] == "2"
    assert sent(service) == {"ada@x.example"}


def test_what_belongs_to_nobody_any_more_sends_nobody(integration, service, organization):
    contact(organization)
    service.add(firstname="Grace", lastname="Hopper", email="grace@x.example", phone="1")
    Member.objects.filter(user=integration.owner).delete()
    run = synced(integration)
    assert (run.state, service.writes) == ("incomplete", [])
    assert "Give it to a colleague" in run.why
    assert numbers(run) == {"pulled": 1, "created": 1}


def test_a_colleague_is_shown_nobody_whom_they_do_not_see(
    integration, service, organization, setter
):
    Integration.objects.update(is_shared=True)
    contact(organization, "Alan", "alan@x.example")
    lead(organization, "Ada", Member.objects.get(user=setter))
    run = synced(integration, "push", is_dry=True, started_by=setter)
    assert run.counts["pushed"] == 2
    assert [each["email"] for each in run.evidence["preview"]] == ["ada@x.example"]


def test_a_colleague_decides_on_nobody_whom_they_do_not_see(integration, organization, setter):
    Integration.objects.update(is_shared=True)
    conflict = open_conflict(integration, contact(organization))
    path = f"/api/dashboard/integrations/{integration.pk}/conflicts"
    colleague = client_of(setter)
    assert colleague.get(path).json()["results"] == []
    assert_error(colleague.post(f"{path}/{conflict.pk}/resolve", {"keep": "theirs"}), 404)
    boss = client_of(integration.owner)
    assert [each["id"] for each in boss.get(path).json()["results"]] == [str(conflict.pk)]
    assert contacts.open_conflicts(integration).count() == 1
