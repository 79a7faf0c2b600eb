"""A person's own service gets, and changes, nobody whom that person does not see
in Koppel (decision 0153).
"""

import pytest

from crm.models import Contact, Lead, Member
from integrations import services
from integrations.models import ContactLink, Integration
from tests.integrations.conftest import API
from tests.integrations.contact_cast import (
    connected,
    contact,
    numbers,
    open_conflict,
    organization,
    service,
    synced,
)
from tests.support import people
from tests.support.people import assert_error

__all__ = ["organization", "service"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def setter(organization):
    return people.member("SETTER", organization, "setter")


@pytest.fixture
def theirs(organization, setter, service):
    """A setter's own CRM."""
    return connected(setter, organization, service.url)


def lead(organization, name, email, **more):
    return Lead.objects.create(
        organization=organization, name=name, email=email, email_normalized=email, **more
    )


def sent(service):
    return sorted(row["email"] for row in service.people.values())


def test_only_their_own_people_are_sent(organization, setter, theirs, service):
    contact(organization, "Not theirs", "secret@x.example", phone="1")
    lead(organization, "Not theirs", "hidden@x.example")
    own = lead(
        organization, "Theirs", "own@x.example", qualified_by=Member.objects.get(user=setter)
    )
    contact(organization, "Theirs", "behind@x.example", lead=own)
    for is_dry in (True, False):
        run = synced(theirs, is_dry=is_dry)
        assert "secret@x.example" not in str(run.evidence)
        assert "hidden@x.example" not in str(run.evidence)
        assert run.counts["pushed"] == 2
    assert sent(service) == ["behind@x.example", "own@x.example"]


def test_nobody_else_is_changed_asked_about_or_linked(organization, theirs, service):
    known = contact(organization, "Not theirs", "secret@x.example", phone="1")
    other = lead(organization, "Not theirs", "hidden@x.example", phone="2")
    service.add(email="secret@x.example", firstname="Eve", phone="9")
    service.add(email="hidden@x.example", firstname="Eve", phone="9")
    run = synced(theirs)
    assert (run.state, numbers(run)) == ("succeeded", {"pulled": 2, "created": 1, "skipped": 1}), (
        run.counts
    )
    assert run.outcomes["skipped_hidden"] == 1
    known.refresh_from_db()
    other.refresh_from_db()
    assert (known.phone, other.phone) == ("1", "2")
    linked = ContactLink.objects.exclude(contact=None, lead=None).get()
    assert (linked.contact.email, linked.contact.lead, linked.lead) == (
        "hidden@x.example",
        None,
        None,
    )
    assert not theirs.contact_conflicts.exists()


def test_whom_the_owner_no_longer_sees_is_left_alone_until_they_do(
    organization, setter, theirs, service
):
    member = Member.objects.get(user=setter)
    own = lead(organization, "Theirs", "own@x.example", phone="1", qualified_by=member)
    assert numbers(synced(theirs)) == {"pushed": 1}
    Lead.objects.filter(pk=own.pk).update(qualified_by=None)
    (record,) = service.people.values()
    service.change(record["id"], phone="9")
    for is_dry in (True, False):
        run = synced(theirs, is_dry=is_dry)
        assert run.outcomes["skipped_hidden"] == 1, run.outcomes
    own.refresh_from_db()
    assert own.phone == "1"
    assert ContactLink.objects.get().state == "linked"
    Lead.objects.filter(pk=own.pk).update(qualified_by=member)
    service.change(record["id"], phone="8")
    assert numbers(synced(theirs))["updated"] == 1
    own.refresh_from_db()
    assert own.phone == "8"


def test_who_came_from_there_is_theirs(organization, theirs, service):
    service.add(email="new@x.example", firstname="New")
    synced(theirs)
    made = Contact.objects.get(email="new@x.example")
    made.phone = "+32 2 555 01"
    made.save()
    assert numbers(synced(theirs))["pushed"] == 1
    assert [row["phone"] for row in service.people.values()] == ["+32 2 555 01"]


def test_of_an_owner_who_has_left_nothing_is_sent(organization, setter, theirs, service):
    contact(organization, "Somebody", "secret@x.example")
    Member.objects.filter(user=setter).delete()
    assert numbers(synced(theirs)) == {}
    Integration.objects.update(owner=None)
    assert numbers(synced(theirs)) == {}
    assert sent(service) == []


def test_given_to_somebody_who_sees_more_it_is_off_until_they_look(
    organization, setter, theirs, service
):
    contact(organization, "Somebody", "secret@x.example")
    boss = people.member("CEO", organization, "boss")
    answer = people.client_of(setter).post(f"{API}/{theirs.pk}/transfer", {"username": "boss"})
    assert answer.json()["integration"]["isActive"] is False
    assert "switched off" in answer.json()["message"]
    theirs.refresh_from_db()
    assert (theirs.owner, theirs.is_active) == (boss, False)
    services.activate(theirs, actor=boss)
    services.transfer(theirs, setter, actor=boss)
    assert theirs.is_active is True


def test_a_colleague_sees_only_conflicts_about_their_people(organization, setter, service):
    boss = people.member("CEO", organization, "boss")
    shared = connected(boss, organization, service.url)
    services.share(shared, is_shared=True, actor=boss)
    hidden = open_conflict(
        shared, contact(organization, "Not theirs", "secret@x.example", phone="1")
    )
    own = lead(
        organization, "Theirs", "own@x.example", qualified_by=Member.objects.get(user=setter)
    )
    seen = open_conflict(
        shared, contact(organization, "Theirs", "behind@x.example", phone="1", lead=own)
    )
    client = people.client_of(setter)
    listed = client.get(f"{API}/{shared.pk}/conflicts").json()["results"]
    assert [row["id"] for row in listed] == [str(seen.pk)]
    path = f"{API}/{shared.pk}/conflicts/{hidden.pk}/resolve"
    assert_error(client.post(path, {"keep": "theirs"}), 404)
    assert len(people.client_of(boss).get(f"{API}/{shared.pk}/conflicts").json()["results"]) == 2


def test_who_only_uses_it_gets_no_preview(organization, setter, service):
    boss = people.member("CEO", organization, "boss")
    shared = connected(boss, organization, service.url)
    services.share(shared, is_shared=True, actor=boss)
    client = people.client_of(setter)
    assert_error(client.post(f"{API}/{shared.pk}/sync", {"dryRun": True}), 403)
    assert client.post(f"{API}/{shared.pk}/sync", {}).status_code == 202
    assert (
        people.client_of(boss).post(f"{API}/{shared.pk}/sync", {"dryRun": True}).status_code == 202
    )
