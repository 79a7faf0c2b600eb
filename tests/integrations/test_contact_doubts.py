"""What looks like an edit and is none, and the reverse: nothing is lost,
and nothing goes to and fro.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import Contact
from integrations import contacts
from integrations.models import ContactLink
from tests.integrations.contact_cast import (
    contact,
    integration,
    integration_of,
    organization,
    service,
    synced,
)
from tests.integrations.contact_service import LONG_AGO, People

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(settings):
    """Another service."""
    running = People()
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, running.host]
    yield running
    running.close()


def edited(person, **values):
    Contact.objects.filter(pk=person.pk).update(**values, updated_at=timezone.now())


def test_two_services_that_spell_a_number_their_own_way_come_to_rest(
    integration, service, elsewhere, organization
):
    other = integration_of(elsewhere, organization, name="Elsewhere")
    service.spells = lambda value: f"+1 {value}" if value.startswith("555") else value
    elsewhere.spells = lambda value: value.removeprefix("+1 ")
    name = service.add(
        firstname="Ada", lastname="Lovelace", email="ada@x.example", phone="", company="Acme"
    )
    for _time in range(2):
        synced(integration)
        synced(other)
    service.change(name, phone="+1 555 0100")
    for _time in range(3):
        synced(integration)
        synced(other)
    writes = len(service.writes), len(elsewhere.writes)
    for _time in range(3):
        synced(integration, is_full=True)
        synced(other, is_full=True)
    assert (len(service.writes), len(elsewhere.writes)) == writes
    assert service.people[name]["phone"] == "+1 555 0100"
    assert elsewhere.find("ada@x.example")[0]["phone"] == "555 0100"


def test_an_edit_that_a_service_does_not_take_stays_in_koppel(integration, service, organization):
    ours = contact(organization, phone="1")
    service.spells = lambda value: "1" if value == "2" else value
    synced(integration)
    synced(integration)
    edited(ours, phone="2")
    for _time in range(3):
        synced(integration, is_full=True)
    ours.refresh_from_db()
    assert ours.phone == "2"
    assert len(service.writes) == 2
    edited(ours, phone="3")
    synced(integration)
    assert service.find("ada@x.example")[0]["phone"] == "3"


def test_a_record_that_has_another_id_by_now_costs_no_contact(integration, service):
    contacts.choose(integration, when_deleted="remove", actor=integration.owner)
    service.fill(5)
    for _time in range(2):
        synced(integration, "pull", is_full=True)
    before = Contact.objects.get(email="p2@x.example")
    service.delete("2")
    name = service.add(firstname="First2", lastname="Last2", email="p2@x.example", phone="")
    for _time in range(3):
        run = synced(integration, "pull", is_full=True)
        assert run.counts.get("removed", 0) == 0
    assert Contact.objects.count() == 5
    assert ContactLink.objects.get(vendor_id=name).contact_id == before.pk


def test_an_edit_of_somebody_whom_a_pass_did_not_see_is_sent_once_they_are_seen(
    integration, service
):
    service.says_total = False
    service.fill(15)
    synced(integration, is_full=True)
    service.dropped = {1}
    synced(integration, is_full=True)
    edited(Contact.objects.get(email="p15@x.example"), phone="2")
    assert synced(integration, "push").outcomes["skipped_not_seen"] == 1
    service.dropped = set()
    # As if that were hours ago.
    Contact.objects.filter(email="p15@x.example").update(
        updated_at=timezone.now() - timedelta(hours=5)
    )
    synced(integration, is_full=True)
    assert service.people["15"]["phone"] == "2"


def test_ours_is_sent_where_it_is_what_both_sides_once_had(integration, service, organization):
    ours = contact(organization, phone="1")
    name = service.add(
        firstname="Ada", lastname="Lovelace", email="ada@x.example", phone="1", company=""
    )
    entries = [{**entry, "rule": "ask"} for entry in contacts.described(integration)["fields"]]
    contacts.choose(integration, fields=entries, actor=integration.owner)
    synced(integration)
    edited(ours, phone="2")
    service.change(name, phone="3")
    synced(integration)
    edited(ours, phone="1")
    contacts.resolve(
        contacts.open_conflicts(integration).get(), keep="ours", actor=integration.owner
    )
    synced(integration)
    ours.refresh_from_db()
    assert (ours.phone, service.people[name]["phone"]) == ("1", "1")


def test_a_field_that_is_another_property_now_empties_nothing(integration, service):
    ada = service.add(
        firstname="Ada", lastname="Lovelace", email="ada@x.example", phone="1", mobile=""
    )
    grace = service.add(
        firstname="Grace", lastname="Hopper", email="grace@x.example", phone="1", mobile="9"
    )
    synced(integration)
    entries = contacts.described(integration)["fields"]
    entries = [
        {**entry, "theirs": "mobile"} if entry["ours"] == "phone" else entry for entry in entries
    ]
    contacts.choose(integration, fields=entries, actor=integration.owner)
    for _time in range(2):
        synced(integration)
    assert dict(Contact.objects.values_list("email", "phone")) == {
        "ada@x.example": "1",
        "grace@x.example": "9",
    }
    assert (service.people[ada]["mobile"], service.people[grace]["mobile"]) == ("1", "9")
    assert (service.people[ada]["phone"], service.people[grace]["phone"]) == ("1", "1")


def test_an_edit_there_is_taken_though_its_time_stands_still(integration, service, organization):
    ours = contact(organization, phone="1")
    name = service.add(
        firstname="Ada", lastname="Lovelace", email="ada@x.example", phone="1", company=""
    )
    synced(integration)
    edited(ours, phone="2")
    synced(integration)
    service.change(name, company="Umbra", changed_at=LONG_AGO)
    synced(integration, is_full=True)
    ours.refresh_from_db()
    assert (ours.phone, ours.company) == ("2", "Umbra")


def test_who_is_known_to_another_system_is_not_deleted(integration, service):
    contacts.choose(integration, when_deleted="remove", actor=integration.owner)
    service.fill(5)
    for _time in range(2):
        synced(integration, "pull", is_full=True)
    Contact.objects.filter(email="p2@x.example").update(external_ids={"erp": "77"})
    for name in ("1", "2"):
        service.delete(name)
    for _time in range(2):
        run = synced(integration, "pull", is_full=True)
    assert run.counts["removed"] == 1
    assert Contact.objects.filter(email="p2@x.example").exists()
