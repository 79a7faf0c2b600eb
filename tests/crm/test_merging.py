"""Two leads who are one person: merged, undone, and nobody made again by what comes in later."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.utils import timezone

from bison.models import Reply
from bison.syncs import leads
from calls.models import Call
from core.models import AuditEvent
from crm import duplicates, services
from crm.models import Contact, FormerAddress, Lead, Merge
from crm.services.merging import AlreadyUndone
from tests.support.bison_rows import _workspace
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def another(world, **values):
    facts = {
        "name": "Lea Other",
        "email": "lea@example.net",
        "phone": "+31 20 123 4567",
        "company": "Contoso",
    }
    return services.create_lead(organization=world.organization, **{**facts, **values})


def test_everything_that_names_the_one_names_the_other(world):
    other = another(world, external_ids={"hubspot": "7"})
    meeting, contact = world.book(lead=other), another_contact(world, other)
    Call.objects.filter(pk=world.call.pk).update(lead=other)
    row = services.merge_people(person=world.lead, other=other, actor=world.users["CEO"])
    world.lead.refresh_from_db()
    assert not Lead.objects.filter(pk=other.pk).exists()
    for each in (meeting, contact, world.call):
        each.refresh_from_db()
        assert each.lead_id == world.lead.pk
    # What the one had stays; what it lacked is the other's.
    assert (world.lead.name, world.lead.phone, world.lead.external_ids) == (
        "Lead",
        other.phone,
        {"hubspot": "7"},
    )
    assert set(row.moved) == {"crm.appointment", "crm.contact", "calls.call"}
    assert AuditEvent.objects.get(action="person.merged").facts["moved"]["crm.appointment"] == 1
    assert FormerAddress.objects.get().email_normalized == "lea@example.net"


def another_contact(world, lead):
    return services.create_contact(organization=world.organization, name="Con", lead=lead)


def test_what_is_chosen_stays_field_by_field(world):
    other = another(world, status="qualified")
    keep = {"name": "other", "email": "other", "status": "other", "phone": "this"}
    services.merge_people(person=world.lead, other=other, keep=keep)
    world.lead.refresh_from_db()
    assert (world.lead.name, world.lead.email, world.lead.status) == (
        "Lea Other",
        "lea@example.net",
        "qualified",
    )
    assert world.lead.phone == ""
    # The address that nobody has any more stays known.
    assert FormerAddress.objects.get().email == "lead@example.com"


@pytest.mark.parametrize("keep", [{"nothing": "this"}, {"name": "both"}])
def test_what_cannot_be_chosen_is_refused_by_name(world, keep):
    with pytest.raises(ValidationError) as refused:
        services.merge_people(person=world.lead, other=another(world), keep=keep)
    assert set(refused.value.message_dict) == set(keep)
    assert Lead.objects.count() == 2


def test_nobody_is_merged_with_themselves_or_with_somebody_elsewhere(world):
    elsewhere = World("Elsewhere", prefix="else-").lead
    for other in (world.lead, elsewhere):
        with pytest.raises(ValidationError):
            services.merge_people(person=world.lead, other=other)


def test_undoing_puts_back_exactly_what_moved(world):
    other = another(world, qualified_by=world.members["SETTER"], team=world.team)
    made_at = other.created_at
    meeting, own = world.book(lead=other), world.appointment
    row = services.merge_people(person=world.lead, other=other, keep={"email": "other"})
    undone = services.undo_merge(merge=row, actor=world.users["CEO"])
    again = Lead.objects.get(pk=other.pk)
    assert undone.person.pk == again.pk
    assert (undone.kept, undone.missing) == ([], 0)
    facts = (
        "name",
        "email",
        "email_normalized",
        "phone",
        "company",
        "qualified_by_id",
        "team_id",
        "created_at",
    )
    assert [getattr(again, name) for name in facts] == [getattr(other, name) for name in facts]
    assert again.created_at == made_at
    meeting.refresh_from_db()
    own.refresh_from_db()
    assert (meeting.lead_id, own.lead_id) == (other.pk, world.lead.pk)
    world.lead.refresh_from_db()
    assert (world.lead.email, world.lead.phone) == ("lead@example.com", "")
    assert not FormerAddress.objects.exists()
    row.refresh_from_db()
    assert row.other == {}
    with pytest.raises(AlreadyUndone):
        services.undo_merge(merge=row)


def test_what_was_changed_since_is_left_and_named(world):
    other = another(world, external_ids={"hubspot": "7", "zoho": "9"})
    meeting = world.book(lead=other)
    third = another(world, name="Third", email="third@example.net")
    row = services.merge_people(person=world.lead, other=other)
    services.update_lead(
        lead=world.lead, phone="+31 6 999", external_ids={"hubspot": "8", "zoho": "9"}
    )
    services.update_appointment(appointment=meeting, lead=third)
    undone = services.undo_merge(merge=row)
    world.lead.refresh_from_db()
    meeting.refresh_from_db()
    assert set(undone.kept) == {"phone", "external_ids"}
    assert undone.missing == 1
    assert (world.lead.phone, world.lead.external_ids) == ("+31 6 999", {"hubspot": "8"})
    assert meeting.lead_id == third.pk


def test_a_merge_of_a_merge_is_undone_in_any_order(world):
    second = another(world)
    third = another(world, name="Third", email="third@example.net")
    meeting = world.book(lead=second)
    first_merge = services.merge_people(person=third, other=second)
    second_merge = services.merge_people(person=world.lead, other=third)
    assert set(FormerAddress.objects.values_list("email_normalized", "lead_id")) == {
        ("lea@example.net", world.lead.pk),
        ("third@example.net", world.lead.pk),
    }
    first_merge.refresh_from_db()
    services.undo_merge(merge=first_merge)
    meeting.refresh_from_db()
    assert meeting.lead_id == second.pk
    undone = services.undo_merge(merge=second_merge)
    assert undone.person.pk == third.pk
    meeting.refresh_from_db()
    assert meeting.lead_id == second.pk
    assert Lead.objects.count() == 3


def test_who_may_be_the_same(world):
    same = another(world, name="x", email="LEAD@example.com")
    services.update_lead(
        lead=world.lead, phone="0031 (0)20 123 45 67", company="contoso", name="lea other"
    )
    lead = Lead.objects.get(pk=world.lead.pk)
    phone = another(world, name="y", email="y@example.net", company="")
    name = another(world, email="z@example.net", phone="")
    another(world, name="w", email="w@example.net", phone="", company="Contoso")
    found = {each.person.pk: each.reasons for each in duplicates.of(lead, Lead.objects.all())}
    assert found == {same.pk: ["email", "phone"], phone.pk: ["phone"], name.pk: ["name"]}


def test_a_reply_under_the_former_address_makes_nobody_new(world):
    other = another(world)
    services.merge_people(person=world.lead, other=other)
    workspace = _workspace()
    workspace.organization = world.organization
    now = timezone.now()
    reply = Reply.objects.create(
        workspace=workspace, vendor_id="1", from_email="Lea@example.net", is_interested=True,
        received_at=now, source=Reply.Source.SYNC, first_seen_at=now, seen_at=now,
    )  # fmt: skip
    given = leads.give(workspace, [reply], {})
    assert (given.new, reply.lead_id) == (0, world.lead.pk)


def test_contacts_are_merged_as_leads_are(world):
    first = services.create_contact(
        organization=world.organization, name="A", email="a@example.net", lead=world.lead
    )
    two = services.create_contact(organization=world.organization, name="B", email="b@example.net")
    row = services.merge_people(person=two, other=first)
    two.refresh_from_db()
    assert two.lead_id == world.lead.pk
    services.undo_merge(merge=row)
    two.refresh_from_db()
    assert (two.lead_id, Contact.objects.get(pk=first.pk).lead_id) == (None, world.lead.pk)


@pytest.mark.django_db(transaction=True)
def test_of_two_merges_of_the_same_two_at_once_one_wins(world):
    other = another(world)
    barrier, outcomes = threading.Barrier(2), []

    def merging(person, gone):
        try:
            barrier.wait()
            services.merge_people(person=person, other=gone)
            outcomes.append("merged")
        except Lead.DoesNotExist:
            outcomes.append("gone")
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=merging, args=pair)
        for pair in ((world.lead, other), (other, world.lead))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["gone", "merged"]
    assert Merge.objects.count() == Lead.objects.count() == 1
    assert connection.in_atomic_block is False
