"""HubSpot's contacts and ours kept alike, by the sync itself."""

import pytest

from core.models import Run
from crm.models import Contact
from tests.integrations.crm_cast import Asked, synced
from tests.integrations.hubspot_cast import READING_ONLY, hubspot

pytestmark = pytest.mark.django_db

__all__ = ["hubspot"]


def of(contact) -> dict[str, str]:
    return {name: getattr(contact, name) for name in ("name", "email", "phone", "company")}


def test_both_ways_and_again_nothing_is_left_to_do(boss, hubspot, northwind):
    Contact.objects.create(
        organization=northwind, name="Nora New", email="nora@example.com", company="Ours"
    )
    integration = hubspot.connected(boss)
    run = synced(integration)
    assert (run.state, run.why) == ("succeeded", "")
    assert (run.counts["pulled"], run.counts["pushed"]) == (240, 1)
    assert of(Contact.objects.get(email="contact1@1.example.com")) == {
        "name": "Bram Peeters",
        "email": "contact1@1.example.com",
        "phone": "+32 470 000001",
        "company": "Lindt & Zoon",
    }
    (made,) = hubspot.act("find", email="nora@example.com")
    assert (made["properties"]["firstname"], made["properties"]["lastname"]) == ("Nora", "New")
    again = synced(integration)
    assert again.state == "succeeded"
    assert again.counts.get("pushed", 0) == 0
    assert len(hubspot.act("find", email="nora@example.com")) == 1


def test_what_changed_there_comes_and_what_changed_here_goes(closer, hubspot):
    integration = hubspot.connected(closer)
    synced(integration)
    changed = hubspot.act("find", email="contact1@1.example.com")[0]["id"]
    hubspot.act("change", id=changed, company="Theirs")
    ours = Contact.objects.get(email="contact2@1.example.com")
    ours.phone = "+32 2 555 02 02"
    ours.save()
    hubspot.sandbox.forget()
    run = synced(integration)
    assert (run.state, run.counts["pushed"]) == ("succeeded", 1)
    assert Contact.objects.get(email="contact1@1.example.com").company == "Theirs"
    assert (
        hubspot.act("find", email="contact2@1.example.com")[0]["properties"]["phone"]
        == "+32 2 555 02 02"
    )
    # Not all of the list: what changed, by the search.
    assert not [
        entry
        for entry in hubspot.asked()
        if entry["method"] == "GET" and "archived=false" in str(entry)
    ]


def test_who_was_deleted_there_is_linked_no_longer(closer, hubspot):
    integration = hubspot.connected(closer)
    synced(integration, direction="pull")
    hubspot.act("archive", id=hubspot.act("find", email="contact1@1.example.com")[0]["id"])
    run = synced(integration, direction="pull")
    assert run.state == "succeeded"
    link = integration.contact_links.get(contact__email="contact1@1.example.com")
    assert link.state == "gone"
    assert Contact.objects.filter(email="contact1@1.example.com").exists()


def test_a_list_that_breaks_off_is_read_on_from_where_it_was(closer, hubspot):
    integration = hubspot.connected(closer)
    hubspot.fault("unauthorized", path="/crm/objects/2026-09/contacts", method="GET", after=1)
    assert synced(integration, direction="pull").state == "failed"
    hubspot.sandbox.heal("hubspot")
    run = synced(integration, direction="pull")
    assert (run.state, run.counts["pulled"]) == ("succeeded", 240)
    assert Contact.objects.count() == 240


def test_a_key_that_may_not_write_fails_and_pulled_what_it_could(boss, hubspot, northwind):
    Contact.objects.create(organization=northwind, name="Nora New", email="nora@example.com")
    run = synced(hubspot.connected(boss, accessToken=READING_ONLY))
    assert run.state == "failed"
    assert "crm.objects.contacts.write" in run.why
    assert Contact.objects.count() == 241
    assert Run.objects.count() == 1


def test_an_account_of_another_is_not_reached(closer, hubspot):
    integration = hubspot.connected(closer)
    emails = {record.fields["email"] for record in Asked(integration).all()}
    assert not [address for address in emails if address.endswith("@2.example.com")]
