"""What is changed about an integration amid its sync: it ends there, says so,
and sends nothing more.
"""

import pytest
from django.db import connection

from crm.models import Contact
from integrations import contacts, services
from integrations.models import ContactLink, Integration
from tests.integrations.contact_cast import contact, integration, organization, service, synced

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db(transaction=True)


def amid(act):
    """Return what does this once, from elsewhere, when the second page is asked for."""

    def on_page(number):
        if number == 1:
            act(Integration.objects.get())
            connection.close()

    return on_page


def deactivate(row):
    services.deactivate(row, actor=row.owner)


def delete(row):
    services.remove(row, actor=row.owner)


def test_switched_off_it_ends_and_sends_nothing(integration, service, organization):
    contact(organization)
    service.fill(1500)
    service.size = 500
    service.on_page = amid(deactivate)
    run = synced(integration)
    assert (run.state, service.writes) == ("incomplete", [])
    assert "switched off" in run.why
    assert Contact.objects.count() < 1500


def test_deleted_it_ends_and_leaves_nothing_behind(integration, service):
    service.fill(1500)
    service.size = 500
    service.on_page = amid(delete)
    run = synced(integration)
    assert run.state == "incomplete"
    assert "deleted" in run.why
    assert not ContactLink.objects.exists()


def remap(row):
    entries = contacts.described(row)["fields"]
    entries = [
        {**entry, "theirs": "mobile"} if entry["ours"] == "phone" else entry for entry in entries
    ]
    contacts.choose(row, fields=entries, actor=row.owner)


def test_mapped_anew_it_ends_and_the_next_one_reads_all_of_it(integration, service):
    for number in range(1500):
        service.add(
            firstname="A",
            lastname=f"B{number}",
            email=f"p{number}@x.example",
            phone="1",
            mobile="2",
        )
    service.size = 500
    service.on_page = amid(remap)
    run = synced(integration)
    assert run.state == "incomplete"
    assert "Sync again" in run.why
    service.on_page = lambda number: None
    run = synced(integration)
    assert (run.state, run.counts["pulled"]) == ("succeeded", 1500)
    assert set(Contact.objects.values_list("phone", flat=True)) == {"2"}
