"""Contacts there and in Koppel kept alike, over HTTP: what comes, what goes,
and what never does.
"""

import pytest
from django.utils import timezone

from core.models import SourceDay
from crm.models import Contact, Lead
from integrations import contacts
from integrations.models import ContactConflict, ContactLink
from tests.integrations.contact_cast import (
    contact,
    integration,
    numbers,
    organization,
    service,
    synced,
)
from tests.integrations.contact_service import days_ago

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db
EVERYTHING = ("name", "email", "phone", "company")


def test_what_is_listed_becomes_contacts_and_is_proved(integration, service):
    service.fill(25)
    run = synced(integration, "pull")
    assert (run.state, run.why) == ("succeeded", "")
    assert numbers(run) == {"pulled": 25, "created": 25}
    assert run.evidence["ledger"] == {"at_vendor": 25, "here": 25, "missing": 0}
    assert (run.progress_done, run.progress_total) == (25, 25)
    first = Contact.objects.get(email="p1@x.example")
    assert first.name == "First1 Last1"
    again = synced(integration, "pull", is_full=True)
    assert numbers(again) == {"pulled": 25, "unchanged": 25}
    assert Contact.objects.count() == 25


def test_only_what_changed_is_read_again(integration, service):
    service.fill(25)
    synced(integration, "pull")
    service.change("3", lastname="Changed", changed_at=timezone.now())
    service.asked.clear()
    run = synced(integration, "pull")
    # And the one that was the newest, once more.
    assert numbers(run) == {"pulled": 2, "updated": 1, "unchanged": 1}
    assert len(service.asked) == 1
    assert "since=" in service.asked[0]
    assert Contact.objects.get(email="p3@x.example").name == "First3 Changed"


def test_what_was_sent_does_not_come_back_as_a_change(integration, service, organization):
    ours = contact(organization, phone="+44 20 7946 0001")
    service.spells = lambda value: value.replace(" ", "").upper()
    run = synced(integration)
    assert numbers(run) == {"pushed": 1}
    assert service.find("ada@x.example")[0]["phone"] == "+442079460001"
    for _time in range(3):
        run = synced(integration, is_full=True)
        assert numbers(run) == {"pulled": 1, "unchanged": 1}
    assert len(service.writes) == 1
    ours.refresh_from_db()
    assert (ours.name, ours.phone) == ("Ada Lovelace", "+44 20 7946 0001")


def test_an_edit_on_each_side_of_different_fields_meets(integration, service, organization):
    ours = contact(organization)
    name = service.add(
        firstname="Ada", lastname="Lovelace", email="ADA@x.example", phone="1", company=""
    )
    synced(integration)
    Contact.objects.filter(pk=ours.pk).update(company="Analytical", updated_at=timezone.now())
    service.change(name, phone="2")
    run = synced(integration)
    assert numbers(run) == {"pulled": 1, "updated": 1, "pushed": 1}
    ours.refresh_from_db()
    assert (ours.phone, ours.company) == ("2", "Analytical")
    assert (service.people[name]["phone"], service.people[name]["company"]) == ("2", "Analytical")
    assert service.writes[-1][0]["fields"] == {"company": "Analytical"}
    origin = contacts.origins(ours)
    assert origin["phone"].integration == integration
    assert origin["company"].integration is None


def asked(integration, service, organization):
    """Return a contact and its conflict: both sides changed the phone."""
    ours = contact(organization, phone="1")
    name = service.add(
        firstname="Ada", lastname="Lovelace", email="ada@x.example", phone="1", company=""
    )
    entries = [{**entry, "rule": "ask"} for entry in contacts.described(integration)["fields"]]
    contacts.choose(integration, fields=entries, actor=integration.owner)
    synced(integration)
    Contact.objects.filter(pk=ours.pk).update(phone="2", updated_at=days_ago(1))
    service.change(name, phone="3")
    run = synced(integration, is_full=True)
    assert numbers(run) == {"pulled": 1, "conflicts": 1}
    assert service.people[name]["phone"] == "3"
    ours.refresh_from_db()
    return ours, contacts.open_conflicts(integration).get(), name


def test_a_conflict_waits_and_ours_is_sent_once_somebody_says_so(
    integration, service, organization
):
    ours, conflict, name = asked(integration, service, organization)
    assert conflict.fields == {"phone": {"ours": "2", "theirs": "3"}}
    assert ours.phone == "2"
    contacts.resolve(conflict, keep="ours", actor=integration.owner)
    run = synced(integration)
    assert numbers(run)["pushed"] == 1
    assert service.people[name]["phone"] == "2"
    assert not contacts.open_conflicts(integration).exists()
    assert numbers(synced(integration)) == {"pulled": 1, "unchanged": 1}


def test_a_conflict_for_them_changes_ours_and_nothing_is_sent(integration, service, organization):
    ours, conflict, _name = asked(integration, service, organization)
    contacts.resolve(conflict, keep="theirs", actor=integration.owner)
    ours.refresh_from_db()
    assert ours.phone == "3"
    writes = len(service.writes)
    synced(integration)
    assert len(service.writes) == writes
    assert contacts.origins(ours)["phone"].integration == integration


def test_a_conflict_ends_where_both_sides_come_to_agree(integration, service, organization):
    _ours, _conflict, name = asked(integration, service, organization)
    service.change(name, phone="2")
    synced(integration)
    ended = ContactConflict.objects.get()
    assert (ended.resolved_at is not None, ended.kept) == (True, "")


def test_who_has_no_address_or_one_that_somebody_else_has_is_not_sent(
    integration, service, organization
):
    contact(organization, "Without", "")
    contact(organization, "First", "same@x.example")
    contact(organization, "Second", "same@x.example")
    Lead.objects.create(
        organization=organization,
        name="Lead",
        email="lead@x.example",
        email_normalized="lead@x.example",
    )
    run = synced(integration, "push")
    assert run.state == "succeeded"
    assert numbers(run) == {"pushed": 2, "skipped": 2}
    assert run.outcomes["skipped_no_email"] == run.outcomes["skipped_same_address"] == 1
    assert sorted(each["email"] for each in service.people.values()) == [
        "lead@x.example",
        "same@x.example",
    ]


def test_two_records_of_one_address_make_one_contact(integration, service):
    service.add(firstname="Ada", lastname="Lovelace", email="ada@x.example")
    service.add(firstname="A.", lastname="Lovelace", email="Ada@X.example")
    run = synced(integration, "pull")
    assert numbers(run) == {"pulled": 2, "created": 1, "skipped": 1}
    assert run.evidence["ledger"] == {"at_vendor": 2, "here": 1, "duplicate": 1, "missing": 0}
    assert Contact.objects.count() == 1


def test_what_the_service_refuses_is_an_error_of_that_contact_and_sent_again(
    integration, service, organization
):
    contact(organization, "Odd", "odd@x.example")
    contact(organization, "Good", "good@x.example")
    service.refuses = {"odd@x.example"}
    run = synced(integration, "push")
    assert (run.state, numbers(run)) == ("incomplete", {"pushed": 1, "errors": 1})
    assert ContactLink.objects.get(state="refused").refusal["text"] == "This address is not allowed"
    service.refuses = set()
    run = synced(integration, "push")
    assert (run.state, numbers(run)) == ("succeeded", {"pushed": 1})
    assert ContactLink.objects.filter(state="linked").count() == 2


def test_one_odd_record_costs_no_other(integration, service):
    service.fill(3)
    service.people["odd"] = {
        "id": "x" * 300,
        "changedAt": days_ago(1).isoformat(),
        "email": "odd@x.example",
    }
    service.people["no name"] = {
        "id": "9",
        "changedAt": days_ago(1).isoformat(),
        "email": "not an address",
    }
    service.people["null"] = {
        "id": "8",
        "changedAt": days_ago(1).isoformat(),
        "email": None,
        "lastname": "Be\x07l",
    }
    run = synced(integration, "pull")
    assert numbers(run) == {"pulled": 6, "created": 4, "errors": 2}
    assert (run.outcomes["error_odd_id"], run.outcomes["error_no_name"]) == (1, 1)
    assert run.evidence["ledger"] == {
        "at_vendor": 6,
        "here": 4,
        "odd_id": 1,
        "no_name": 1,
        "missing": 0,
    }
    assert Contact.objects.filter(name="Be l").exists()


def test_who_was_deleted_in_koppel_does_not_come_back(integration, service):
    service.fill(2)
    synced(integration, "pull")
    Contact.objects.get(email="p1@x.example").delete()
    service.change("1", lastname="Changed")
    run = synced(integration)
    assert numbers(run) == {"pulled": 2, "skipped": 1, "unchanged": 1}
    assert not Contact.objects.filter(email="p1@x.example").exists()
    assert "1" in service.people


def test_the_ledger_says_who_is_where(integration, service):
    service.fill(3)
    synced(integration, "pull")
    day = SourceDay.objects.get(source="integrations.contacts", subject_id=integration.pk)
    assert (day.at_vendor, day.in_koppel, day.missing) == (3, 3, 0)
